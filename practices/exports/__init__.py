"""The catalogue as files: what a list shows, to take along."""

from practices.exports.export import Export, Incomplete
from practices.exports.formats import FORMATS, LICENCE

__all__ = ["FORMATS", "LICENCE", "Export", "Incomplete"]
