"""Whole numbers in numpy arrays: what numpy itself has no call for, or a slower one.

Where many numbers are looked up, ``take`` and ``compress`` stand in place of brackets, which take two to five times as
long with a mask, or with other whole numbers than int64.
"""

import numpy as np

SPARSE = 6  # fewer numbers than one in so many are quicker sorted than all that there may be are looked through


def between(begins, ends):
    """The whole numbers from each of ``begins`` to before that of ``ends``, one after another: an int32 array."""
    lengths = ends - begins
    numbers = np.repeat(ends - np.cumsum(lengths, dtype=np.int32), lengths)
    numbers += np.arange(len(numbers), dtype=np.int32)
    return numbers


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
