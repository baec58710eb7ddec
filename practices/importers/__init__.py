"""Reading reviewed JSON into the catalogue: check everything, then write all of it or nothing."""

from practices.importers.checking import Fault, Refused
from practices.importers.loading import Report
from practices.importers.measures import load_measures
from practices.importers.reference import load_reference

__all__ = ["Fault", "Refused", "Report", "load_measures", "load_reference"]
