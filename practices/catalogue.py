"""Counts of published measures, as pages show them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from practices.models import Citation, Measure


def counts_by(path, **condition):
    """How many published measures there are for each value of ``path`` (for instance ``countries``).

    ``condition`` narrows them. Values without a measure are absent from the mapping, and count as 0.
    """
    rows = Measure.objects.published().filter(**condition).order_by().exclude(**{path: None}).values_list(path)
    return Counter(dict(rows.annotate(number=Count("pk", distinct=True))))


@dataclass(frozen=True)
class Reach:
    """How far the catalogue reaches."""

    measures: int
    countries: int
    sources: int
    updated_at: datetime | None


def reach():
    """The ``Reach`` of what is published; zeros and None for an empty catalogue."""
    published = Measure.objects.published()
    totals = published.aggregate(
        measures=Count("pk", distinct=True),
        countries=Count("countries", distinct=True),
        updated_at=Max("updated_at"),
    )
    sources = Citation.objects.filter(measure__in=published).aggregate(n=Count("source", distinct=True))["n"]
    return Reach(sources=sources, **totals)
