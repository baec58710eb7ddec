"""The public catalogue in memory: which measures there are, what each points at, and how many of what."""

import calendar
import datetime
from collections import Counter
from functools import cached_property

import numpy as np
from django.utils.translation import get_language

from practices.catalogue.columns import OneEach, Together
from practices.catalogue.reading import CHOICES
from practices.choices import State
from practices.languages import language_name
from practices.partial_dates import day_number
from practices.querysets import today

MODEL_CODES = {"country": "code", "crisis": "slug", "organization": "slug", "tag": "slug"}
# What is kept of the values of a column, whichever measures have them.
ABOUT_VALUES = {"codes", "index", "labels", "alphabet"}
NOT_COUNTED = {"source", "organization", "area"}  # columns that lists have no counts of
SOME = 20  # the part of the measures, one in so many, up to which columns are counted quicker together than each alone


class Snapshot:
    """What is public at one version of the catalogue. Never changed: a later version is another snapshot.

    ``ids`` are the ids of the measures, ascending; the place of one is its row in every column. ``columns``
    have indexes into ``records`` (models, in no particular order) or ``CHOICES`` of the same name. One that
    ``is_behind`` has its measures as they are at its version, and the records as they were before.
    """

    def __init__(self, version, changed_at, part, records, is_behind=False):
        self.version, self.changed_at, self.is_behind = version, changed_at, is_behind
        self.part, self.records = part, records
        self.ids, self.columns = part.ids, part.columns
        # A group counts with its members where it is a filter, and by itself where a measure names it.
        self.records["group"] = records["area"]
        self._kept, self._together = {}, None

    def prepare(self):
        """Make what pages are made quicker with, and what their first readers would wait for.

        Until it is done, others are answered without. It takes a tenth of a second for 100,000 measures.
        """
        for name in (*self.columns, "state"):
            if name != "source":  # which nobody selects or counts
                self.column(name).prepare(len(self.values(name)))
                self.counts(name)
        self.page("-announced", 0, 1)
        counted = {name: column for name, column in self.columns.items() if name not in NOT_COUNTED}
        self._together = list(counted), Together(counted.values(), [len(self.values(name)) for name in counted])

    def __len__(self):
        return len(self.ids)

    @property
    def nbytes(self):
        """The memory that the columns take, in bytes."""
        arrays = [self.ids, *self.part.dates.values(), *self.part.columns.values()]
        if self._together:
            arrays.append(self._together[1])
        return sum(array.nbytes for array in arrays)

    @property
    def announced(self):
        return self.part.dates["announced"]

    def rows_of(self, ids):
        """The rows of those of ``ids`` (an int array) that are public: int64."""
        rows = self.row_of_each(ids)
        return rows if rows.min(initial=0) >= 0 else rows[rows >= 0]

    def row_of_each(self, ids):
        """The row of each of ``ids`` (an int array), -1 where it is not public: int64."""
        return self._row_of_id.take(ids, mode="clip")

    @cached_property
    def _row_of_id(self):
        """The row of each id from 0 on; -1 for what is not public, and at the end for all greater ids.

        Quicker to ask than to look for an id.
        """
        rows = np.full(int(self.ids.max(initial=0)) + 2, -1, np.int64)
        rows[self.ids] = np.arange(len(self))
        return rows

    # What the values of a parameter are called, in addresses and in words.

    def values(self, name):
        """The records, or the values of the closed set, that column ``name`` has the indexes of."""
        return self.records[name] if name in self.records else CHOICES[name]

    def codes(self, name):
        """Those as addresses write them, in the same order."""
        return self.keep(("codes", name), lambda: [code_of(name, value) for value in self.values(name)])

    def index(self, name):
        """The index of each of those, by its code."""
        return self.keep(("index", name), lambda: {code: place for place, code in enumerate(self.codes(name))})

    def labels(self, name):
        """What records are called in the reader's language, in the order of their indexes."""
        label = language_name if name == "source_language" else str
        return self.keep(("labels", name, get_language()), lambda: [label(record) for record in self.records[name]])

    def alphabet(self, name):
        """The place of each record in the order of those labels: an int array."""

        def places():
            order = sorted(range(len(self.records[name])), key=self.labels(name).__getitem__)
            places = np.empty(len(order), np.int32)
            places[order] = np.arange(len(order))
            return places

        return self.keep(("alphabet", name, get_language()), places)

    def public(self, name):
        """Which records the public may know of: those that a public measure points at. A bool array."""
        return self.counts(name) > 0

    # Counting and selecting.

    def column(self, name):
        """The column ``name``. That of ``state`` is for today."""
        return self.state_on(today()) if name == "state" else self.columns[name]

    def counts(self, name, rows=None):
        """How many of ``rows`` (of all, if None) have each value of column ``name``: an int array."""
        if rows is None:
            return self.keep(("counts", name, name == "state" and today()), lambda: self._counts(name, None))
        return self._counts(name, rows)

    def _counts(self, name, rows):
        return self.column(name).counts(len(self.values(name)), rows)

    def counts_of_each(self, names, rows):
        """The ``counts`` of each of the columns ``names``: by name."""
        counts = {}
        if self._together and rows is not None and len(rows) * SOME <= len(self):
            together, columns = self._together
            counts = dict(zip(together, columns.counts(rows), strict=True))
        return {name: counts[name] if name in counts else self.counts(name, rows) for name in names}

    def counts_by_id(self, name, rows=None):
        """How many of ``rows`` (of all, if None) point at each record of column ``name``: a ``Counter`` by id."""
        counts = self.counts(name, rows).tolist()
        return Counter({record.pk: count for record, count in zip(self.records[name], counts, strict=True) if count})

    def ranked(self, name, rows=None):
        """The records of column ``name`` that any of ``rows`` point at, with how many do: most first, then by name."""
        counts = self.counts(name, rows)
        places = np.flatnonzero(counts)
        places = places[np.lexsort((self.alphabet(name)[places], -counts[places]))]
        return [(self.records[name][place], int(counts[place])) for place in places]

    def types_of(self, topic):
        """The measure types of a topic, in the codebook's order."""
        return [kind for kind in self.records["type"] if kind.topic_id == topic.pk]

    def spread(self, name, across, indexes):
        """For each value of column ``name``: how many of ``indexes`` of column ``across`` have a measure of it."""
        column, spread = self.column(across), np.zeros(len(self.values(name)), np.int64)
        for index in indexes:
            spread += self.counts(name, column.rows_with([index])) > 0
        return spread

    def crossed(self, across, name, rows):
        """How many of ``rows`` have each value of column ``across`` with each of the one-each column ``name``.

        An int array with a row for each value of ``across`` and a column for each of ``name``.
        """
        column = self.columns[across].take(rows)
        values = self.columns[name].values[rows][column.pair_rows].astype(np.int64)
        height, width = len(self.values(across)), len(self.values(name))
        return np.bincount(column.values * width + values, minlength=height * width).reshape(height, width)

    def mask(self, name, codes):
        """Which measures have one of the values of column ``name`` that addresses write as ``codes``."""
        return self.column(name).mask(self._indexes(name, codes))

    def rows_with(self, name, *codes):
        """The rows of that mask."""
        return self.column(name).rows_with(self._indexes(name, codes))

    def _indexes(self, name, codes):
        index = self.index(name)
        return [index[code] for code in codes if code in index]

    def state_on(self, day):
        """The column of the ``State`` of each measure on ``day``: what ``practices.state`` says, of all at once."""
        if day != today():  # of which there are as many as readers ask for
            return OneEach(self._states(day))
        return self.keep(("state", day), lambda: OneEach(self._states(day)))

    def _states(self, day):
        dates = self.part.dates
        starts, ends, number = dates["starts"], dates["ends"], day_number(day)
        confirmed = (dates["confirmed"] > 0) & (dates["confirmed"] <= number) & (dates["review"] >= number)
        in_force = surely_by(starts, day) & surely_from(ends, day)
        return np.select(
            [surely_by(ends, day - datetime.timedelta(days=1)), starts > number, in_force | confirmed],
            [CHOICES["state"].index(state) for state in (State.ENDED, State.PLANNED, State.IN_FORCE)],
            CHOICES["state"].index(State.UNKNOWN),
        ).astype(np.int32)

    def announced_from(self, day):
        """Which measures were announced on ``day`` or later, whatever their date can mean."""
        return surely_from(self.announced, day)

    def announced_by(self, day):
        """Which measures were announced on ``day`` or before, whatever their date can mean."""
        return surely_by(self.announced, day)

    # Putting in order.

    def page(self, order, start, stop, rows=None):
        """Of ``rows`` (of all, if None), those from place ``start`` to before ``stop`` in ``order``.

        An order is ``-announced``, ``announced``, ``-updated`` or ``updated``; the first two have what is
        not dated last. Of two of one moment, that which was recorded later is the newer.
        """
        order = self.part.order(order)
        if rows is None:
            return order.rows[start:stop]
        return order.rows[_smallest(order.ranks.take(rows), stop)[start:]]

    def most_relevant(self, start, stop, rows, scores):
        """Of ``rows``, those from place ``start`` to before ``stop`` by ``scores`` (float32, above 0), then newest."""
        order = self.part.order("-announced")
        # Floats above 0 sort as the whole numbers that their bits are.
        keys = (~scores.view(np.int32)).astype(np.int64) << 32 | order.ranks.take(rows)
        return order.rows[_smallest(keys, stop)[start:] & 0xFFFFFFFF]

    # One measure.

    def records_of(self, name, row):
        """The records of column ``name`` that the measure of ``row`` points at."""
        return [self.values(name)[index] for index in self.columns[name].of(row)]

    @cached_property
    def source_count(self):
        """How many sources public measures rest on."""
        return len(np.unique(self.columns["source"].values))

    @cached_property
    def updated_at(self):
        """When a public measure was last changed; None for an empty catalogue."""
        if not len(self):
            return None
        return datetime.datetime.fromtimestamp(self.part.dates["updated"].max(), datetime.UTC)

    def followed_by(self, version, changed_at, part, records, is_behind):
        """The snapshot of a later version. What is known about values that are the same still, is kept."""
        later = Snapshot(version, changed_at, part, records, is_behind)
        later._kept = {
            (what, name, *more): kept
            for (what, name, *more), kept in list(self._kept.items())
            if what in ABOUT_VALUES and self.values(name) is later.values(name)
        }
        return later

    def keep(self, key, make):
        """What ``make`` returns, made once. Two threads may make it at the same time; both make the same."""
        try:
            return self._kept[key]
        except KeyError:
            return self._kept.setdefault(key, make())


def code_of(name, value):
    """The value of a parameter as addresses write it."""
    return value if isinstance(value, str) else getattr(value, MODEL_CODES.get(name, "code"))


def surely_by(dates, day):
    """Which of ``dates`` (partial dates as numbers, 0 for none) have passed by the end of ``day``, whatever they mean.

    The same as ``practices.partial_dates.surely_by``, of an array.
    """
    passed = (dates > 0) & (dates <= day_number(day))
    if (day.month, day.day) != (12, 31):
        passed &= dates != day.year * 10000
    if day.day != calendar.monthrange(day.year, day.month)[1]:
        passed &= dates != day.year * 10000 + day.month * 100
    return passed


def surely_from(dates, day):
    """Which of ``dates`` begin on ``day`` or later, whatever they mean: the same as of ``practices.partial_dates``."""
    return dates > day_number(day - datetime.timedelta(days=1))


def _smallest(keys, number):
    """The ``number`` smallest of ``keys``, or all if there are fewer, in ascending order."""
    if number < len(keys):
        keys = np.partition(keys, number - 1)[:number]
    return np.sort(keys)
