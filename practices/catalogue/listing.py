"""The rows of a list: what a snapshot knows of each measure, with its texts."""

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from django.urls import reverse
from django.utils.translation import get_language

from practices.catalogue.reading import CHOICES
from practices.models import MeasureType
from practices.partial_dates import PartialDate
from practices.search.matching import reader_of
from practices.search.texts import SHOWN


@dataclass
class ListedMeasure:
    """One measure as a list shows it: a ``Measure`` to templates, as far as they need one. Its texts are
    ``title_<language>`` and ``summary_<language>``."""

    pk: int
    slug: str
    measure_type: MeasureType
    countries: list
    areas: list
    announced_on: PartialDate | None
    starts_on: PartialDate | None
    ends_on: PartialDate | None
    state: str
    evidence: str

    def get_absolute_url(self):
        before, after = address_form(get_language())
        return f"{before}{self.slug}{after}"


@cache
def address_form(language):
    """What stands before and after the slug in the address of a measure's page."""
    return tuple(reverse("practices:measure_detail", args=["--"]).split("--"))


NOTHING = np.zeros(0, np.int32)


class Selection:
    """Some measures of a snapshot in an order: a sequence whose slices are lists of ``ListedMeasure``.

    ``rows`` are theirs, ascending; None for all. ``order`` is one of ``Snapshot.page``; with ``found``, what a
    search found and ``rows`` are part of, the most relevant come first instead.
    """

    def __init__(self, snapshot, rows, order="-announced", found=None):
        self.snapshot, self.rows, self.order, self.found = snapshot, rows, order, found

    def __len__(self):
        return len(self.snapshot) if self.rows is None else len(self.rows)

    def __getitem__(self, part):
        return listed(self.snapshot, self.in_order(part.start or 0, len(self) if part.stop is None else part.stop))

    def in_order(self, start, stop):
        """The rows from place ``start`` to before ``stop``."""
        if self.found is None:
            return self.snapshot.page(self.order, start, stop, self.rows)
        scores = self.found.scores
        if self.rows is not self.found.rows:
            scores = scores[np.searchsorted(self.found.rows, self.rows)]
        return self.snapshot.most_relevant(start, stop, self.rows, scores)


def listed(snapshot, rows):
    """The ``ListedMeasure`` of each of ``rows``, in that order, by one query where their texts are not in memory.

    One that was withdrawn since the snapshot was read is left out.
    """
    if not len(rows):
        return []
    ids = snapshot.ids[rows].tolist()
    shown = reader_of(snapshot).texts.shown(ids)
    columns, dates, records = snapshot.columns, snapshot.part.dates, snapshot.records
    one_each = (columns["type"], snapshot.column("state"), columns["evidence"])
    measures = []
    for pk, countries, areas, announced, starts, ends, kind, state, evidence in zip(
        ids,
        *(columns[name].of_each(rows) for name in ("country", "area")),
        *(dates[name][rows].tolist() for name in ("announced", "starts", "ends")),
        *(column.values[rows].tolist() for column in one_each),
        strict=True,
    ):
        if pk not in shown:
            continue
        slug, *texts = shown[pk]
        measure = ListedMeasure(
            pk,
            slug,
            records["type"][kind],
            [records["country"][place] for place in countries],
            [records["area"][place] for place in areas],
            _date(announced),
            _date(starts),
            _date(ends),
            CHOICES["state"][state],
            CHOICES["evidence"][evidence],
        )
        measure.__dict__.update(zip(SHOWN, texts, strict=True))
        measures.append(measure)
    return measures


@lru_cache(maxsize=4096)
def _date(number):
    return PartialDate.from_number(number) if number else None
