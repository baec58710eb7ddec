"""What each word is found in, in memory: a list of records for every word, as the engine could tell, but at once."""

from bisect import bisect_left
from collections import defaultdict
from itertools import chain

import numpy as np

from practices.arrays import between
from practices.search.engine import FIELDS, IN_ORDER, AnyOf

LAST = "\U0010ffff"  # sorts after whatever a word may go on with


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
        forms, stems, records = Reading(), Reading(), []
        texts = [([], []) for _field in IN_ORDER]
        for rows in parts:
            ids = np.array([row[0] for row in rows], np.int64)
            records.append(ids)
            for place in range(len(FIELDS)):
                words, lengths = forms.add(place, ids, [row[1 + place].split() for row in rows])
                if place < len(IN_ORDER):
                    texts[place][0].append(words)
                    texts[place][1].append(lengths)
                stems.add(place, ids, [row[1 + len(FIELDS) + place].split() for row in rows])
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
        for each in ranges:
            mask = np.zeros(int(ids.max(initial=0)) + 2, bool)
            mask[self.forms.find(field, *each).clip(max=len(mask) - 1)] = True
            have &= mask[ids]
        return have


class Lists:
    """For each of some ``words``, which are sorted, the records that have it in a field.

    The ids (int32, ascending) of those that have the word at ``place`` are
    ``ids[field][starts[field][place] : starts[field][place + 1]]``.
    """

    def __init__(self, words, starts, ids):
        self.words, self.starts, self.ids = words, starts, ids

    def range_of(self, word, is_prefix=False):
        """The places from the first to before the last of the word itself, or of all that begin with it."""
        first = last = bisect_left(self.words, word)
        if is_prefix:
            last = bisect_left(self.words, word + LAST, first)
        elif first < len(self.words) and self.words[first] == word:
            last += 1
        return first, last

    def find(self, field, first, last):
        """The ids of the records that have a word of these places in a field: those of one word after another."""
        starts = self.starts[field]
        return self.ids[field][starts[first] : starts[last]]


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
        words = self.words[between(begins, begins + lengths)]
        # Where the last word is, its number among the words of the record tells whether the others are before it.
        (first, last), *others = reversed(ranges)
        places = np.flatnonzero((words >= first) & (words < last))
        owners = np.searchsorted(ends, places, "right")
        within = places - (ends - lengths)[owners]
        met = within >= len(others)
        for back, (first, last) in enumerate(others, start=1):
            before = words[places - back]
            met &= (before >= first) & (before < last)
        found = np.zeros(len(ids), bool)
        found[owners[met]] = True
        return found


class Reading:
    """Words as they are read, which have numbers in the order in which they come."""

    def __init__(self):
        self.numbers = defaultdict()
        self.numbers.default_factory = self.numbers.__len__
        self.pairs = [[] for _field in FIELDS]

    def add(self, field, ids, texts):
        """Take in ``texts``, lists of words, of a field of records ``ids``: their numbers, and how many each has."""
        lengths = [len(words) for words in texts]
        words = np.fromiter(map(self.numbers.__getitem__, chain.from_iterable(texts)), np.int64, sum(lengths))
        pairs = np.sort(words << 32 | np.repeat(ids, lengths))
        pairs = pairs[np.diff(pairs, prepend=-1) > 0]
        self.pairs[field].append(((pairs >> 32).astype(np.int32), pairs.astype(np.uint32).astype(np.int32)))
        return words.astype(np.int32), np.array(lengths, np.int64)

    def lists(self):
        """The ``Lists`` of what was read, which it lets go; and the place of each number (int64)."""
        words = sorted(self.numbers)
        places = np.empty(len(words), np.int64)
        places[[self.numbers[word] for word in words]] = np.arange(len(words))
        return Lists(words, *zip(*(_joined(pairs, places) for pairs in self.pairs), strict=True)), places


def _joined(pairs, places):
    """The starts and the ids of one field: of all its ``pairs``, in the order of ids. It takes them out of the list."""
    lengths = np.zeros(len(places), np.int64)
    for words, _ids in pairs:
        lengths += np.bincount(places[words], minlength=len(places))
    starts = np.concatenate([[0], np.cumsum(lengths)])
    ids, free = np.empty(starts[-1], np.int32), starts[:-1].copy()
    pairs.reverse()
    while pairs:
        words, some = pairs.pop()
        begins = np.flatnonzero(np.diff(words, prepend=-1))
        numbers = places[words[begins]]
        lengths = np.diff(begins, append=len(words))
        ids[between(free[numbers], free[numbers] + lengths)] = some
        free[numbers] += lengths
    return starts, ids
