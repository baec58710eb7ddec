"""What each word is found in, in memory: a list of records for every word, as the engine could tell, but at once."""

from bisect import bisect_left
from collections import defaultdict
from itertools import chain

import numpy as np

from practices.arrays import between
from practices.search.engine import FIELDS, IN_ORDER, AnyOf

LAST = "\U0010ffff"  # sorts after whatever a word may go on with
# How a record has a word, a bit each: its title has the word itself, an inflected form, or one that begins so; ...
TITLE_ITSELF, TITLE_STEM, TITLE_BEGINS, TEXT, DETAILS = (np.uint8(1 << bit) for bit in range(5))
FEW = 8  # words that begin so, up to which each is looked at by itself


class Postings:
    """Which words some records have, and in what order. Never changed; threads may share it.

    ``forms`` and ``stems`` are the ``Lists`` of their words and of these words' stems, ``texts`` the ``Sequence`` of
    the words of each field of ``IN_ORDER``.
    """

    def __init__(self, forms, stems, texts):
        self.forms, self.stems, self.texts = forms, stems, texts

    @classmethod
    def of(cls, parts):
        """Those of ``parts``: lists of rows, each the id of a record, the words of each field and their stems.

        Words are parted by blanks. Ids ascend. Little is put together at a time, so that no other thread waits long and
        little memory is taken besides what stays.
        """
        forms, stems = Reading((TITLE_ITSELF, TEXT, DETAILS)), Reading((TITLE_STEM, TEXT, DETAILS))
        records = []
        texts = [([], []) for _field in IN_ORDER]
        for rows in parts:
            ids = np.array([row[0] for row in rows], np.int64)
            records.append(ids)
            split = [[row[1 + place].split() for row in rows] for place in range(2 * len(FIELDS))]
            for place, (words, lengths) in enumerate(forms.add(ids, split[: len(FIELDS)])[: len(IN_ORDER)]):
                texts[place][0].append(words)
                texts[place][1].append(lengths)
            stems.add(ids, split[len(FIELDS) :])
        records = np.concatenate([np.empty(0, np.int64), *records])
        lists, places = forms.lists()
        sequences = [Sequence.of(records, places, *text) for text in texts]
        return cls(lists, stems.lists()[0], sequences)

    def find(self, lookup):
        """The ids of the records that a ``Lookup`` of one word, or an ``AnyOf`` such, finds.

        An int32 array in any order; an id may come more than once.
        """
        if isinstance(lookup, AnyOf):
            return np.concatenate([self.find(one) for one in lookup.lookups])
        lists = self.stems if lookup.stemmed else self.forms
        return lists.find(lookup.field, *lists.range_of(lookup.words[0], lookup.prefix))

    def where(self, form, stems, *, prefix=False):
        """The records that have a word, one that has one of its ``stems``, or with ``prefix`` one that begins with it.

        With "" for the word, those alone that have such a stem. Pairs of ids (int32) and of how they have it, bits such
        as ``TEXT`` (uint8). The latter is an array, and no id comes twice in the former; or it is a number, and ids may
        come in any order and repeated.
        """
        first, last = self.forms.range_of(form)
        found = [self.forms.at(first, last), *(self.stems.at(*self.stems.range_of(stem)) for stem in stems)]
        if prefix:
            _first, end = self.forms.range_of(form, is_prefix=True)  # the word itself is the first of them
            if end - last > FEW:
                found += [
                    (self.forms.find(field, last, end), bit) for field, bit in enumerate((TITLE_BEGINS, TEXT, DETAILS))
                ]
            else:
                found += [
                    (ids, _beginning(ways))
                    for ids, ways in map(self.forms.at, range(last, end), range(last + 1, end + 1))
                ]
        return found

    def among(self, ids, lookup):
        """Which of the records ``ids`` (ascending) a ``Lookup`` of words as they are finds: a bool array."""
        *others, last = lookup.words
        ranges = [*map(self.forms.range_of, others), self.forms.range_of(last, lookup.prefix)]
        have_all = self._have(lookup.field, ranges, ids)
        if have_all.any():
            have_all[have_all] = self.texts[lookup.field].among(ids[have_all], ranges)
        return have_all

    def _have(self, field, ranges, ids):
        """Which of ``ids`` have words of all these ``ranges`` in a field: a bool array."""
        have = np.ones(len(ids), bool)
        for first, last in ranges:
            if last - first <= FEW and len(ids) * 8 < self.forms.starts[last] - self.forms.starts[first]:
                have &= np.logical_or.reduce([self.forms.have(field, place, ids) for place in range(first, last)])
            else:
                mask = np.zeros(int(ids.max(initial=0)) + 2, bool)
                mask[self.forms.find(field, first, last).astype(np.int64).clip(max=len(mask) - 1)] = True
                have &= mask.take(ids)
        return have


class Lists:
    """For each of some ``words``, which are sorted, the records that have it, and in which fields.

    The ids (int32, ascending) of those that have the word at ``place`` are ``ids[starts[place] : starts[place + 1]]``.
    ``ways`` has, for each of these, the bits of the fields that it has the word in (uint8): those of ``bits``.
    """

    def __init__(self, words, starts, ids, ways, bits):
        self.words, self.starts, self.ids, self.ways, self.bits = words, starts, ids, ways, bits

    def range_of(self, word, is_prefix=False):
        """The places from the first to before the last of the word itself, or of all that begin with it."""
        first = last = bisect_left(self.words, word)
        if is_prefix:
            last = bisect_left(self.words, word + LAST, first)
        elif first < len(self.words) and self.words[first] == word:
            last += 1
        return first, last

    def commonest(self, number):
        """So many words that the most records have, the commonest first."""
        return [self.words[place] for place in np.argsort(-np.diff(self.starts), kind="stable")[:number].tolist()]

    def at(self, first, last):
        """The ids of the records that have a word of these places, and their bits: of one word after another."""
        start, end = self.starts[first], self.starts[last]
        return self.ids[start:end], self.ways[start:end]

    def find(self, field, first, last):
        """The ids of those that have one in this field."""
        ids, ways = self.at(first, last)
        return ids.compress(ways & self.bits[field] > 0)

    def have(self, field, place, ids):
        """Which of ``ids`` have the word of this place in a field: a bool array. Quick where these are few."""
        found, ways = self.at(place, place + 1)
        places = np.searchsorted(found, ids.astype(found.dtype)).clip(max=len(found) - 1)
        return (found[places] == ids) & (ways[places] & self.bits[field] > 0)


class Sequence:
    """The words of one field of some records, one after another.

    ``words`` are places in the ``Lists`` of forms (int32); those of the record ``ids[n]`` begin at ``starts[n]``. After
    the last record there is one that nobody asks for, which has none.
    """

    def __init__(self, ids, starts, words):
        self.ids, self.starts, self.words = ids, starts, words

    @classmethod
    def of(cls, ids, places, words, lengths):
        """That of records ``ids``: of their words' numbers and how many each has, in parts; ``places`` of numbers."""
        starts = np.cumsum(np.concatenate([[0], *lengths, [0]]))
        ids = np.append(ids, np.iinfo(np.int64).max)
        joined = np.concatenate([np.empty(0, np.int32), *words])
        return cls(ids, starts, places.astype(np.int32)[joined])

    def among(self, ids, ranges):
        """Which of ``ids`` have words of these ``ranges`` of places, one after another: a bool array."""
        rows = np.searchsorted(self.ids, ids)
        begins = self.starts[rows]
        lengths = self.starts[rows + 1] - begins
        lengths[self.ids[rows] != ids] = 0
        ends = np.cumsum(lengths)
        words = self.words.take(between(begins, begins + lengths))
        # Where the last word is, its number among the words of the record tells whether the others are before it.
        (first, last), *others = reversed(ranges)
        places = np.flatnonzero((words >= first) & (words < last) if last - first > 1 else words == first)
        owners = np.searchsorted(ends, places, "right")
        within = places - (ends - lengths)[owners]
        met = within >= len(others)
        for back, (first, last) in enumerate(others, start=1):
            before = words[places - back]
            met &= (before >= first) & (before < last)
        found = np.zeros(len(ids), bool)
        found[owners[met]] = True
        return found


def only(which, ids, ways):
    """Of a pair of ``Postings.where``, or one of rows, what the mask ``which`` says."""
    return ids.compress(which), ways.compress(which) if ways.ndim else ways


def _beginning(ways):
    """``ways`` of words, for what these begin with."""
    return ways & (TEXT | DETAILS) | np.where(ways & TITLE_ITSELF, TITLE_BEGINS, np.uint8(0))


class Reading:
    """Words as they are read, which have numbers in the order in which they come. ``bits`` are those of ``FIELDS``."""

    def __init__(self, bits):
        self.bits = np.array(bits)
        self.numbers = defaultdict()
        self.numbers.default_factory = self.numbers.__len__
        self.parts = []

    def add(self, ids, fields):
        """Take in records ``ids``: for each of their ``fields`` the words of each record, a list of lists.

        Returns, for each field, the words' numbers and how many each record has: pairs of an int32 and an int64 array.
        """
        numbered, pairs = [], []
        for field, texts in enumerate(fields):
            lengths = np.array([len(words) for words in texts], np.int64)
            words = np.fromiter(map(self.numbers.__getitem__, chain.from_iterable(texts)), np.int64, lengths.sum())
            numbered.append((words.astype(np.int32), lengths))
            pairs.append((words << 32 | np.repeat(ids, lengths)) * len(FIELDS) + field)
        pairs = np.sort(np.concatenate(pairs))
        pairs, bits = pairs // len(FIELDS), self.bits[pairs % len(FIELDS)]
        begins = np.flatnonzero(np.diff(pairs, prepend=-1))
        pairs = pairs[begins]
        bits = np.bitwise_or.reduceat(bits, begins) if len(begins) else bits
        self.parts.append(((pairs >> 32).astype(np.int32), pairs.astype(np.uint32).astype(np.int32), bits))
        return numbered

    def lists(self):
        """The ``Lists`` of what was read, which it lets go; and the place of each number (int64)."""
        words = sorted(self.numbers)
        places = np.empty(len(words), np.int64)
        places[[self.numbers[word] for word in words]] = np.arange(len(words))
        lengths = np.zeros(len(places), np.int64)
        for numbers, _ids, _bits in self.parts:
            lengths += np.bincount(places[numbers], minlength=len(places))
        starts = np.concatenate([[0], np.cumsum(lengths)])
        ids, ways, free = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.uint8), starts[:-1].copy()
        self.parts.reverse()
        while self.parts:  # in the order of ids
            numbers, some, bits = self.parts.pop()
            begins = np.flatnonzero(np.diff(numbers, prepend=-1))
            several = places[numbers[begins]]
            lengths = np.diff(begins, append=len(numbers))
            where = between(free[several], free[several] + lengths)
            ids[where], ways[where] = some, bits
            free[several] += lengths
        return Lists(words, starts, ids, ways, self.bits), places
