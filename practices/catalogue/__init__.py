"""The index of the public catalogue: what every page, filter, count and search reads."""

from practices.catalogue.catalogue import Catalogue, Selection
from practices.catalogue.listing import ListedMeasure
from practices.catalogue.storage import NotReadyError, current, forget

__all__ = ["Catalogue", "ListedMeasure", "NotReadyError", "Selection", "current", "forget"]
