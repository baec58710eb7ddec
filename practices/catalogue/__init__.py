"""The public catalogue in memory: what every page, filter and count reads."""

from practices.catalogue.listing import NOTHING, ListedMeasure, Selection, listed
from practices.catalogue.process import current, forget, prepare
from practices.catalogue.snapshot import Snapshot

__all__ = ["NOTHING", "ListedMeasure", "Selection", "Snapshot", "current", "forget", "listed", "prepare"]
