"""What a snapshot knows of each measure, as numpy arrays with one place, a *row*, for each.

Values are indexes: places in a list of records or of codes that the snapshot keeps beside the column. ``rows`` are
int32 arrays in ascending order; a *mask* is a bool array with one place for every row.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from practices.arrays import between, with_more, without

FEW = 64  # values of a column, whose measures are kept as bits
MANY = 50  # the part of the measures, one in so many, from which on bits are counted quicker than values are collected


@dataclass
class Splice:
    """Where rows of one array give way to rows of another.

    For each place, ascending: from ``begins`` to before ``ends`` in the one, from ``new_begins`` to before
    ``new_ends`` in the other, either of which may be nothing: int arrays of one length. The one has ``length`` rows.
    """

    begins: np.ndarray
    ends: np.ndarray
    new_begins: np.ndarray
    new_ends: np.ndarray
    length: int

    @classmethod
    def of(cls, ids, present, new):
        """That which has the rows of ``new`` for those of ``present``, as far as they are of one of ``ids``.

        All are int arrays of ids, ascending and each once.
        """
        ends = (np.searchsorted(array, ids, side) for array in (present, new) for side in ("left", "right"))
        return cls(*ends, len(present))

    def apply(self, array, new):
        """The array that comes of it. Slices are copied: a few changed rows cost little more than a copy."""
        pieces, end = [], 0
        for begin, next_end, new_begin, new_end in self.places:
            pieces += [array[end:begin], new[new_begin:new_end]]
            end = next_end
        return np.concatenate([*pieces, array[end:]])

    def apply_to_starts(self, starts, new):
        """What ``apply`` makes of arrays of lengths, where these say what those add up to before each place."""
        pieces, end, moved = [], 0, np.int32(0)
        for begin, next_end, new_begin, new_end in self.places:
            pieces += [starts[end:begin] + moved, new[new_begin:new_end] + (starts[begin] + moved - new[new_begin])]
            moved += new[new_end] - new[new_begin] - (starts[next_end] - starts[begin])
            end = next_end
        return np.concatenate([*pieces, starts[end:] + moved])

    @cached_property
    def places(self):
        """For each place its four numbers, in a tuple."""
        arrays = (self.begins, self.ends, self.new_begins, self.new_ends)
        return list(zip(*(array.tolist() for array in arrays), strict=True))

    @cached_property
    def moves(self):
        """What happens to the rows of the one array: a ``Moves``."""
        lengths, new_lengths = self.ends - self.begins, self.new_ends - self.new_begins
        shifts = np.zeros(self.length + 1, np.int32)
        np.add.at(shifts, self.ends, (new_lengths - lengths).astype(np.int32))
        shifts = shifts[: self.length]
        after = self.begins + np.cumsum(new_lengths - lengths) - (new_lengths - lengths)
        numbers = np.arange(self.length, dtype=np.int32) + np.cumsum(shifts, dtype=np.int32) if shifts.any() else None
        return Moves(between(self.begins, self.ends), between(after, after + new_lengths), numbers)

    def keeps(self, column, other):
        """Whether ``column`` is the same when the rows of ``other`` are in it: most corrections are of texts."""
        gone, come = self.moves.gone, self.moves.come
        return np.array_equal(gone, come) and column.take(gone).equals(other.take(self.new))

    @cached_property
    def new(self):
        """The rows of the other array that are put in."""
        return between(self.new_begins, self.new_ends)


@dataclass
class Moves:
    """The rows that give way, ``gone``; those that come, as they are numbered after; and the new ``numbers`` of all
    that there were, None where those that stay have the numbers that they had. All are int32 arrays."""

    gone: np.ndarray
    come: np.ndarray
    numbers: np.ndarray | None


class OneEach:
    """One value for each measure, or none. ``values`` is an int32 array of indexes; -1 where there is none."""

    def __init__(self, values):
        self.values = values
        self._by_value = None  # where it is prepared: of the values plus one, so that none comes first

    @property
    def starts(self):
        """As in ``SeveralEach``, with -1 as the value of those that have none."""
        return np.arange(len(self.values) + 1, dtype=np.int32)

    @property
    def pair_rows(self):
        return self.starts[:-1]

    def prepare(self, size):
        """Have what selecting and counting the ``size`` values is quicker with. Nothing else has to wait for it."""
        self._by_value = self._by_value or ByValue.of(self.values + 1, np.arange(len(self.values), dtype=np.int32))

    def counts(self, size, rows=None):
        """How many of ``rows`` (all, if None) have each of ``size`` values: an int array of that length."""
        if rows is None and self._by_value:
            return self._by_value.counts(size + 1)[1:]
        values = self.values if rows is None else self.values.take(rows)
        return np.bincount(values + 1, minlength=size + 1)[1:]

    def mask(self, indexes):
        """Which measures have one of ``indexes``."""
        return _is_among(indexes, self.values)

    def rows_with(self, indexes):
        """The rows of that mask."""
        if self._by_value and len(indexes) == 1:
            [index] = indexes
            return self._by_value.rows_of(index + 1)
        return np.flatnonzero(self.mask(indexes)).astype(np.int32)

    def rows_of_each(self, indexes):
        """The rows that have each of ``indexes``, in any order: a row comes as often as it has one of them, or once."""
        if not self._by_value:
            return self.rows_with(indexes)
        return np.concatenate([self._by_value.rows_of(index + 1) for index in indexes])

    def of(self, row):
        """The indexes of one measure, a list."""
        return [] if self.values[row] < 0 else [int(self.values[row])]

    def take(self, rows):
        """The column of those measures alone, in that order."""
        return OneEach(self.values[rows])

    def spliced(self, other, splice):
        """The column with the rows of ``other`` that ``splice`` puts in; prepared as far as that takes little."""
        column = OneEach(splice.apply(self.values, other.values))
        if self._by_value:
            moves = splice.moves
            gone, come = (self.values[moves.gone] + 1, moves.gone), (column.values[moves.come] + 1, moves.come)
            column._by_value = self._by_value.changed(gone, come, moves.numbers)
        return column

    def equals(self, other):
        return np.array_equal(self.values, other.values)

    def moved(self, places):
        """The column of the same values, where each has another of ``places``, an int32 array."""
        return OneEach(np.append(places, np.int32(-1))[self.values])  # -1, for none, stays

    def translated(self, column):
        """The column of the values that ``column`` has for this one's: of types' topics for types."""
        return column.take(self.values)

    @property
    def nbytes(self):
        return self.values.nbytes + (self._by_value.nbytes if self._by_value else 0)


class SeveralEach:
    """Any number of values for each measure.

    Those of row r are ``values[starts[r]:starts[r + 1]]``, ascending and each once; both are int32 arrays.
    """

    def __init__(self, starts, values):
        self.starts, self.values = starts, values
        # Where it is prepared; the latter if there are few values: for each which measures have it, a bit each in an
        # array of uint64.
        self._by_value = self._bits = None

    @classmethod
    def of_pairs(cls, length, rows, values):
        """The column of ``length`` measures that pairs of a row and a value make, in any order and repeated or not."""
        size = int(values.max(initial=0)) + 1
        # Sorted, and not by np.unique, which takes ten times as long.
        pairs = np.sort(rows.astype(np.int64) * size + values)
        pairs = pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])] if len(pairs) else pairs
        starts = np.zeros(length + 1, np.int32)
        np.cumsum(np.bincount(pairs // size, minlength=length), out=starts[1:])
        return cls(starts, (pairs % size).astype(np.int32))

    @cached_property
    def pair_rows(self):
        """The row of each value."""
        return np.repeat(np.arange(len(self.starts) - 1, dtype=np.int32), np.diff(self.starts))

    def prepare(self, size):
        self._by_value = self._by_value or ByValue.of(self.values, self.pair_rows)
        if 0 < size <= FEW and (self._bits is None or len(self._bits) != size):
            self._bits = np.stack([_packed(self.rows_with([value]), len(self.starts) - 1) for value in range(size)])

    def counts(self, size, rows=None):
        if rows is None and self._by_value:
            return self._by_value.counts(size)
        if rows is None:
            return np.bincount(self.values, minlength=size)
        length = len(self.starts) - 1
        if self._bits is not None and len(self._bits) == size and len(rows) * MANY > length:
            return np.bitwise_count(self._bits & _packed(rows, length)).sum(axis=1, dtype=np.int64)
        if len(rows) * 2 > length:
            others = np.ones(length, bool)
            others[rows.astype(np.int64)] = False
            return self.counts(size) - self.counts(size, np.flatnonzero(others))
        return np.bincount(self.values.take(self._places(rows)), minlength=size)

    def mask(self, indexes):
        mask = np.zeros(len(self.starts) - 1, bool)
        if self._by_value:
            for index in indexes:
                mask[self._by_value.rows_of(index).astype(np.int64)] = True
        else:
            mask[self.pair_rows[_is_among(indexes, self.values)]] = True
        return mask

    def rows_with(self, indexes):
        if self._by_value and len(indexes) == 1:
            return self._by_value.rows_of(*indexes)
        return np.flatnonzero(self.mask(indexes)).astype(np.int32)

    def rows_of_each(self, indexes):
        if not self._by_value:
            return self.rows_with(indexes)
        return np.concatenate([self._by_value.rows_of(index) for index in indexes])

    def of(self, row):
        return self.values[self.starts[row] : self.starts[row + 1]].tolist()

    def of_each(self, rows):
        """Those of each of ``rows``: a list of lists."""
        begins, ends = self.starts[rows].tolist(), self.starts[rows + 1].tolist()
        return [self.values[begin:end].tolist() for begin, end in zip(begins, ends, strict=True)]

    def take(self, rows):
        starts = np.zeros(len(rows) + 1, np.int32)
        np.cumsum(self.starts[rows + 1] - self.starts[rows], out=starts[1:])
        return SeveralEach(starts, self.values[self._places(rows)])

    def spliced(self, other, splice):
        starts = splice.apply_to_starts(self.starts, other.starts)
        of_values = Splice(
            self.starts[splice.begins],
            self.starts[splice.ends],
            other.starts[splice.new_begins],
            other.starts[splice.new_ends],
            len(self.values),
        )
        column = SeveralEach(starts, of_values.apply(self.values, other.values))
        if self._by_value:
            moves = splice.moves
            gone, come = self._pairs(moves.gone), column._pairs(moves.come)
            column._by_value = self._by_value.changed(gone, come, moves.numbers)
            if self._bits is not None and moves.numbers is None and come[0].max(initial=0) < len(self._bits):
                column._bits = _changed_bits(self._bits, len(starts) - 1, gone, come)
        return column

    def _pairs(self, rows):
        """The values of ``rows``, and the row of each: two int arrays."""
        lengths = self.starts[rows + 1] - self.starts[rows]
        return self.values[self._places(rows)], np.repeat(rows, lengths)

    def equals(self, other):
        return np.array_equal(self.starts, other.starts) and np.array_equal(self.values, other.values)

    def moved(self, places):
        return SeveralEach.of_pairs(len(self.starts) - 1, self.pair_rows, places[self.values])

    def translated(self, column):
        """The column of the values that ``column`` has for this one's: of countries' regions for countries."""
        places = column.take(self.values)
        if isinstance(places, OneEach):
            known = places.values >= 0
            return SeveralEach.of_pairs(len(self.starts) - 1, self.pair_rows[known], places.values[known])
        return SeveralEach.of_pairs(len(self.starts) - 1, self.pair_rows[places.pair_rows], places.values)

    def joined(self, other):
        """The column with the values of both."""
        rows = np.concatenate([self.pair_rows, other.pair_rows])
        return SeveralEach.of_pairs(len(self.starts) - 1, rows, np.concatenate([self.values, other.values]))

    def _places(self, rows):
        """The places in ``values`` of what ``rows`` have, row by row."""
        return between(self.starts.take(rows), self.starts.take(rows + 1))

    @property
    def nbytes(self):
        prepared = [array.nbytes for array in (self._by_value, self._bits) if array is not None]
        return self.starts.nbytes + self.values.nbytes + self.pair_rows.nbytes + sum(prepared)


class ByValue:
    """Rows in the order of their values, which are 0 or more; ``begins``: where those of each begin, and the end."""

    def __init__(self, begins, rows):
        self.begins, self.rows = begins, rows

    @classmethod
    def of(cls, values, rows):
        """That of pairs of a value and a row, whose rows ascend. Rows are int32."""
        begins = np.concatenate([[0], np.cumsum(np.bincount(values, minlength=1))])
        # Small whole numbers are sorted in a tenth of the time.
        values = values.astype(np.int16) if len(begins) < np.iinfo(np.int16).max else values
        return cls(begins, rows[np.argsort(values, kind="stable")])

    def rows_of(self, value):
        """The rows that have a value: int32, ascending."""
        if value + 1 >= len(self.begins):
            return self.rows[:0]
        return self.rows[self.begins[value] : self.begins[value + 1]]

    def counts(self, size):
        """How many rows have each of ``size`` values."""
        counts = np.diff(self.begins)
        return np.append(counts, np.zeros(size - len(counts), counts.dtype)) if size > len(counts) else counts[:size]

    def changed(self, gone, come, numbers):
        """That without some pairs, which are there, and with others: of each an array of values and one of rows.

        ``numbers`` are those of the rows after, if they are others.
        """
        missing = int(come[0].max(initial=0)) + 2 - len(self.begins)
        changed = ByValue(np.append(self.begins, np.full(max(missing, 0), self.begins[-1])), self.rows)
        places, _rows, before = changed._places(*gone)
        changed = ByValue(changed.begins - before, without(changed.rows, places))
        if numbers is not None:
            changed.rows = numbers.take(changed.rows)
        places, rows, before = changed._places(*come)
        return ByValue(changed.begins + before, with_more(changed.rows, places, rows))

    def _places(self, values, rows):
        """Where some pairs of a value and a row stand, or would: their places, ascending, the row of each, and how many
        are before each of ``begins``."""
        order = np.lexsort((rows, values))
        values, rows = values[order], rows[order]
        places = [
            self.begins[value] + np.searchsorted(self.rows_of(value), row)
            for value, row in zip(values.tolist(), rows.tolist(), strict=True)
        ]
        return np.array(places, np.int64), rows, np.searchsorted(values, np.arange(len(self.begins)))

    @property
    def nbytes(self):
        return self.begins.nbytes + self.rows.nbytes


class Together:
    """Columns of the same measures, some with one value each and some with several, to be counted at one go.

    For few rows it is the calls that take time, for many to collect what is not side by side: here all values of a row
    are. ``sizes`` are how many values each column has. Those of one column follow on those of another, with a place
    between them for measures that have none.
    """

    def __init__(self, columns, sizes):
        ends = np.cumsum([size + 1 for size in sizes]).tolist()
        self._parts = [slice(end - size, end) for size, end in zip(sizes, ends, strict=True)]
        self._starts = np.add.reduce([column.starts for column in columns], dtype=np.int32)
        self._values = np.empty(self._starts[-1], np.min_scalar_type(ends[-1]))
        free = self._starts[:-1].copy()
        for column, part in zip(columns, self._parts, strict=True):
            free -= column.starts[:-1]
            places = free.take(column.pair_rows) + np.arange(len(column.values), dtype=np.int32)
            self._values[places] = column.values + part.start
            free += column.starts[1:]

    def counts(self, rows):
        """How many of ``rows`` have each value of each column: a list of int arrays."""
        values = self._values.take(between(self._starts.take(rows), self._starts.take(rows + 1)))
        counts = np.bincount(values, minlength=self._parts[-1].stop)
        return [counts[part] for part in self._parts]

    @property
    def nbytes(self):
        return self._starts.nbytes + self._values.nbytes


def _changed_bits(bits, length, gone, come):
    """``bits`` for ``length`` rows, where some pairs of a value and a row are gone and others have come."""
    octets = bits.view(np.uint8).copy()
    for value, row in zip(*map(np.ndarray.tolist, gone), strict=True):
        octets[value, row >> 3] &= ~(0x80 >> (row & 7)) & 0xFF
    changed = np.zeros((len(bits), (length + 63) // 64 * 8), np.uint8)
    width = min(octets.shape[1], changed.shape[1])
    changed[:, :width] = octets[:, :width]
    for value, row in zip(*map(np.ndarray.tolist, come), strict=True):
        changed[value, row >> 3] |= 0x80 >> (row & 7)
    return changed.view(np.uint64)


def _packed(rows, length):
    """Which of ``length`` rows are among ``rows``: a bit each, in an array of uint64."""
    bits = np.zeros((length + 63) // 64 * 64, bool)
    bits[rows.astype(np.int64)] = True  # which takes a third of the time
    return np.packbits(bits).view(np.uint64)


def _is_among(indexes, values):
    """Which of ``values`` are one of ``indexes``: a bool array."""
    if len(indexes) == 1:
        return values == next(iter(indexes))
    table = np.zeros(max(int(values.max(initial=-1)), *indexes, 0) + 2, bool)
    table[list(indexes)] = True
    return table[values]  # -1, for none, takes the last place, which is nobody's
