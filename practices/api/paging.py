"""Pages of a list: by number, or by a cursor, which holds its place while others publish and withdraw."""

import base64
import json
import math
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace

from django.conf import settings
from django.http import Http404
from rest_framework.response import Response
from tantivy import Order

from practices.api.problems import InvalidParameters
from practices.catalogue import Selection, clauses
from practices.catalogue.catalogue import ID_MASK, ORDERS, RELEVANCE

MOST_PER_PAGE = 100
LONGEST_CURSOR = 200
MAX_KEY, MAX_ID = (1 << 64) - 1, (1 << 63) - 1
BY_ID = "id"  # the order of lists of records


@dataclass(frozen=True)
class Cursor:
    """A position in a list of one ``order``: after the entry with this ``key``, or ``before`` it.

    A key is a number that no two entries share, and by which the list is sorted. The entry that had it may be gone. Of
    a list by relevance it is how many entries come before the page.
    """

    order: str
    before: bool
    key: int

    def __str__(self):
        text = json.dumps([self.order, int(self.before), self.key], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text):
        """Return the cursor that was written as ``text``; ValueError for any other text."""
        if len(text) > LONGEST_CURSOR:
            raise ValueError("too long")
        match json.loads(base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))):
            case [str(order), 0 | 1 as before, int(key)] if order in (BY_ID, RELEVANCE, *ORDERS):
                if 0 <= key <= MAX_KEY and type(key) is int:
                    return cls(order, bool(before), key)
        raise ValueError("not a cursor")


@dataclass(frozen=True)
class Page:
    """Some of a list of ``count`` entries, with the cursors of the pages beside it, or None."""

    entries: list
    count: int
    next: Cursor | None
    previous: Cursor | None


class Numbers:
    """A list of numbers that ascend, in memory. Other lists have the same methods."""

    order = BY_ID

    def __init__(self, numbers):
        self.numbers = numbers

    def __len__(self):
        return len(self.numbers)

    def beside(self, cursor):
        """Return the part of the list that is before a cursor, or after it."""
        if cursor.before:
            return Numbers(self.numbers[: bisect_left(self.numbers, cursor.key)])
        return Numbers(self.numbers[bisect_right(self.numbers, cursor.key) :])

    def keys(self, start, stop):
        """Return the keys of the entries from ``start`` to before ``stop``."""
        return self.numbers[start:stop]


class RecordIds:
    """The ids of the records of a queryset, ascending."""

    order = BY_ID

    def __init__(self, records):
        self.records = records.order_by("pk")

    def __len__(self):
        return self.records.count()

    def beside(self, cursor):
        key = min(cursor.key, MAX_ID)
        return RecordIds(self.records.filter(pk__lt=key) if cursor.before else self.records.filter(pk__gt=key))

    def keys(self, start, stop):
        return list(self.records.values_list("pk", flat=True)[start:stop])


class SortKeys:
    """The keys of a ``Selection`` that is sorted by them: not by relevance."""

    def __init__(self, selection):
        self.selection, self.order = selection, selection.order

    def __len__(self):
        return len(self.selection)

    def beside(self, cursor):
        catalogue, query, order = self.selection.catalogue, self.selection.query, self.order
        return SortKeys(Selection(catalogue, clauses.all_of(query, _on_its_side(cursor)), order))

    def keys(self, start, stop):
        return self.selection.catalogue.sort_keys(self.selection.query, self.order, start, stop)


def _on_its_side(cursor):
    """Return the query for the measures before a cursor, or after it."""
    field, direction = ORDERS[cursor.order]
    if cursor.before == (direction == Order.Asc):
        return clauses.number_between(field, upper=cursor.key - 1) if cursor.key else clauses.NOTHING
    return clauses.number_between(field, lower=cursor.key + 1) if cursor.key < MAX_KEY else clauses.NOTHING


def page_of(listed, chosen):
    """Return the page of a list that the cleaned data of a ``PageForm`` asks for: its entries are keys.

    A page by cursor is looked for on its side of the cursor alone, so that what is published or withdrawn meanwhile
    moves nothing. Http404 for a page that is not there, ``InvalidParameters`` for a cursor of a list in another order.
    """
    size, cursor, total = chosen["per_page"], _cursor_in(chosen, listed.order), len(listed)
    if cursor is None:
        part, count, start = listed, total, _start_of(chosen["page"], size, total)
    else:
        part = listed.beside(cursor)
        count = len(part)
        start = max(0, count - size) if cursor.before else 0
    keys = part.keys(start, start + size)
    has_others = count < total  # on the other side of the cursor
    has_next = start + len(keys) < count or (has_others and cursor.before)
    has_previous = start > 0 or (has_others and not cursor.before)
    return Page(
        entries=keys,
        count=total,
        next=Cursor(listed.order, False, keys[-1]) if keys and has_next else None,
        previous=Cursor(listed.order, True, keys[0]) if keys and has_previous else None,
    )


def page_of_measures(selection, chosen):
    """Return the page of a ``Selection``, as ``page_of``: its entries are the ids of measures."""
    if selection.order == RELEVANCE:
        return _page_by_relevance(selection, chosen)
    page = page_of(SortKeys(selection), chosen)
    return replace(page, entries=[key & ID_MASK for key in page.entries])


def _page_by_relevance(selection, chosen):
    """Return a page whose cursors count how many entries come before it: scores are no keys."""
    size, cursor, total = chosen["per_page"], _cursor_in(chosen, RELEVANCE), len(selection)
    start = min(cursor.key, total) if cursor else _start_of(chosen["page"], size, total)
    stop = min(start + size, total)
    if cursor and cursor.before:
        start, stop = max(0, start - size), start
    ids = selection.ids(start, stop)
    return Page(
        entries=ids,
        count=total,
        next=Cursor(RELEVANCE, False, stop) if ids and stop < total else None,
        previous=Cursor(RELEVANCE, True, start) if ids and start > 0 else None,
    )


def _cursor_in(chosen, order):
    """Return the cursor that was chosen, or None; it has to be one of a list in this ``order``."""
    cursor = chosen["cursor"]
    if cursor and cursor.order != order:
        reason = f"The cursor is of a list in the order “{cursor.order}”; this one is in the order “{order}”."
        raise InvalidParameters([{"parameter": "cursor", "value": str(cursor), "reason": reason}])
    return cursor


def _start_of(number, size, total):
    """Return how many entries come before the page of this ``number``; Http404 where there is none."""
    number, last = number or 1, max(1, math.ceil(total / size))
    if number > last:
        raise Http404(f"There is no page “{number}”. The pages of this list run from 1 to {last}.")
    return (number - 1) * size


def answer(request, page, results, **more):
    """Return the response with a ``page`` of ``results``: body and ``Link`` have the addresses of those beside it."""
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
