"""Pages of a list: by number, or by a cursor, which holds its place while others publish and withdraw."""

import base64
import json
import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

import numpy as np
from django.conf import settings
from django.http import Http404
from rest_framework.response import Response

from practices.api.problems import InvalidParameters

MOST_PER_PAGE = 100
LONGEST_CURSOR = 200
UNDATED = 99_999_999  # after any date, as a number
# By name, the kinds of order that a list can be in: how many numbers tell the place of something in it.
ORDERS = {"id": 1, "relevance": 3, "-announced": 2, "announced": 2, "-updated": 2, "updated": 2}


@dataclass(frozen=True)
class Cursor:
    """A place in a list of one ``order``: after what has this ``key`` there, or ``before`` it.

    A key is a tuple of numbers that grows along the list and that no two entries share. It need not be that of an
    entry: what had it may be gone.
    """

    order: str
    before: bool
    key: tuple

    def __str__(self):
        text = json.dumps([self.order, int(self.before), *self.key], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text):
        """The cursor that was written as ``text``; ValueError for any other text."""
        if len(text) > LONGEST_CURSOR:
            raise ValueError("too long")
        match json.loads(base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))):
            case [str(order), 0 | 1 as before, *key] if ORDERS.get(order) == len(key) and all(
                type(number) in (int, float) and math.isfinite(number) for number in key
            ):
                return cls(order, bool(before), tuple(key))
        raise ValueError("not a cursor")


@dataclass(frozen=True)
class Page:
    """Some of a list of ``count`` entries, with the cursors of the pages beside it, or None."""

    entries: list
    count: int
    next: Cursor | None
    previous: Cursor | None


def page_of(entries, chosen, *, order="id", key=lambda entry: (int(entry),)):
    """The page of ``entries``, an array in ``order``, that the cleaned data of a ``PageForm`` asks for.

    ``key`` gives the key of an entry. Http404 for a page that is not there, ``InvalidParameters`` for a cursor of a
    list in another order.
    """
    size, cursor = chosen["per_page"], chosen["cursor"]
    if cursor and cursor.order != order:
        reason = f"The cursor is of a list in the order “{cursor.order}”; this one is in the order “{order}”."
        raise InvalidParameters([{"parameter": "cursor", "value": str(cursor), "reason": reason}])
    if cursor is None:
        number, last = chosen["page"] or 1, max(1, math.ceil(len(entries) / size))
        if number > last:
            raise Http404(f"There is no page “{number}”. The pages of this list run from 1 to {last}.")
        start = (number - 1) * size
        stop = start + size
    elif cursor.before:
        stop = bisect_left(entries, cursor.key, key=key)
        start = max(0, stop - size)
    else:
        start = bisect_right(entries, cursor.key, key=key)
        stop = start + size
    shown = entries[start:stop]
    return Page(
        entries=shown,
        count=len(entries),
        next=Cursor(order, False, key(shown[-1])) if len(shown) and stop < len(entries) else None,
        previous=Cursor(order, True, key(shown[0])) if len(shown) and start > 0 else None,
    )


def key_of(selection):
    """A function that gives the key of a row of a ``Selection`` in its order."""
    snapshot, found = selection.snapshot, selection.found
    ids, announced = snapshot.ids, snapshot.announced
    if found is not None:

        def relevance(row):
            score = found.scores[np.searchsorted(found.rows, row)]
            return -float(score), -int(announced[row]), -int(ids[row])

        return relevance
    name, sign = selection.order.removeprefix("-"), -1 if selection.order.startswith("-") else 1
    dates = snapshot.part.dates[name]

    def place(row):
        date = dates[row].item()
        undated_last = name == "announced" and sign == 1 and not date
        return (UNDATED if undated_last else sign * date), sign * int(ids[row])

    return place


def answer(request, page, results, **more):
    """The response with a ``page`` of ``results``: the addresses of those beside it are in its body and in ``Link``."""
    links = {name: _address(request, getattr(page, name)) for name in ("next", "previous")}
    relations = {"next": "next", "previous": "prev"}
    header = ", ".join(f'<{address}>; rel="{relations[name]}"' for name, address in links.items() if address)
    content = {"count": page.count, **links, **more, "results": results}
    return Response(content, headers={"Link": header} if header else None)


def _address(request, cursor):
    if cursor is None:
        return None
    query = request.GET.copy()
    query.pop("page", None)
    query["cursor"] = str(cursor)
    return f"{settings.SITE_URL}{request.path}?{query.urlencode()}"
