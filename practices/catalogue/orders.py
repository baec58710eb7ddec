"""Measures in the order of a date: newest or oldest first."""

from dataclasses import dataclass

import numpy as np

from practices.arrays import with_more

LAST = np.iinfo(np.int32).max  # sorts after every date


@dataclass
class Order:
    """The rows in an order, ``rows``, and the place of each row in it, ``ranks``: int32 arrays.

    ``name`` is that of a date; with a minus before it, the newest is the first. Of two of one moment, the higher row is
    the newer. What has no date comes last.
    """

    name: str
    rows: np.ndarray
    ranks: np.ndarray

    @classmethod
    def of(cls, name, dates):
        """That of all measures, whose ``dates`` are arrays by their names."""
        return cls._of_ascending(name, np.argsort(_keys(name, dates), kind="stable").astype(np.int32))

    @classmethod
    def _of_ascending(cls, name, rows):
        if name.startswith("-"):
            rows = rows[::-1].copy()
        ranks = np.empty_like(rows)
        ranks[rows.astype(np.int64)] = np.arange(len(rows), dtype=np.int32)
        return cls(name, rows, ranks)

    def changed(self, moves, dates):
        """That after some ``Moves``, where ``dates`` are those of all measures then, by their names."""
        ascending = self.rows[::-1] if self.name.startswith("-") else self.rows
        is_there = np.ones(len(ascending), bool)
        is_there[moves.gone] = False
        ascending, keys = ascending.compress(is_there.take(ascending)), _keys(self.name, dates)
        if moves.numbers is not None:
            ascending = moves.numbers.take(ascending)
        known, come = keys.take(ascending), moves.come[np.lexsort((moves.come, keys[moves.come]))]
        places = []
        for row in come.tolist():
            first, last = (int(np.searchsorted(known, keys[row], side)) for side in ("left", "right"))
            places.append(first + int(np.searchsorted(ascending[first:last], row)))
        return self._of_ascending(self.name, with_more(ascending, np.array(places, np.int64), come))


def _keys(name, dates):
    keys = dates[name.removeprefix("-")]
    return np.where(keys == 0, LAST, keys) if name == "announced" else keys
