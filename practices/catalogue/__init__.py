"""The public catalogue in memory: what every page, filter and count reads."""

from practices.catalogue.listing import NOTHING, ListedMeasure, Selection, listed
from practices.catalogue.process import current, forget, prepare, read_snapshot
from practices.catalogue.snapshot import Snapshot

__all__ = [
    "NOTHING",
    "ListedMeasure",
    "Selection",
    "Snapshot",
    "current",
    "forget",
    "listed",
    "prepare",
    "read_snapshot",
]
