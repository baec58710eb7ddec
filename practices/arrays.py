"""Whole numbers in numpy arrays: what numpy itself has no call for, or a slower one.

Where many numbers are looked up, ``take`` and ``compress`` stand in place of brackets, which take two to five times as
long with a mask, or with other whole numbers than int64.
"""

from itertools import pairwise

import numpy as np

SPARSE = 6  # fewer numbers than one in so many are quicker sorted than all that there may be are looked through


def between(begins, ends):
    """The whole numbers from each of ``begins`` to before that of ``ends``, one after another: an int32 array."""
    lengths = ends - begins
    numbers = np.repeat(ends - np.cumsum(lengths, dtype=np.int32), lengths)
    numbers += np.arange(len(numbers), dtype=np.int32)
    return numbers


def without(numbers, places):
    """``numbers`` without those at some ``places`` (ascending): ``np.delete``, in a fraction of its time for few."""
    ends = [*places.tolist(), len(numbers)]
    return np.concatenate([numbers[: ends[0]], *(numbers[end + 1 : later] for end, later in pairwise(ends))])


def with_more(numbers, places, more):
    """``numbers`` with ``more`` before those at some ``places`` (ascending): ``np.insert``, as quick for few."""
    pieces, begin = [], 0
    for number, place in enumerate(places.tolist()):
        pieces += [numbers[begin:place], more[number : number + 1]]
        begin = place
    return np.concatenate([*pieces, numbers[begin:]], dtype=numbers.dtype)


def union(several):
    """The whole numbers that are in any of ``several`` arrays (in any order and repeated or not), ascending: int64."""
    some = [numbers for numbers in several if len(numbers)]
    if not some:
        return np.empty(0, np.int64)
    greatest, length = max(int(numbers.max()) for numbers in some), sum(map(len, some))
    if length * SPARSE < greatest:
        numbers = np.sort(np.concatenate(some), kind="stable")  # the quickest by far for what is mostly in order
        is_first = np.ones(length, bool)
        np.not_equal(numbers[1:], numbers[:-1], out=is_first[1:])
        return numbers.compress(is_first).astype(np.int64, copy=False)
    mask = np.zeros(greatest + 1, bool)
    for numbers in some:
        mask[numbers] = True
    return np.flatnonzero(mask)
