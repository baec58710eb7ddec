"""The editorial desk: the pages on which records are curated, one module a subject."""

from practices.admin import coverage, measures, reference, sources

__all__ = ["coverage", "measures", "reference", "sources"]
