"""The editorial desk: the pages on which records are curated, one module a subject."""

from practices.admin import coverage, measures, proposals, reference, sources

__all__ = ["coverage", "measures", "proposals", "reference", "sources"]
