"""Two to six countries side by side: what each recorded, type by type."""

from typing import NamedTuple

from practices.catalogue import clauses
from practices.models import SpectrumBand

FEWEST, MOST = 2, 6
SHOWN = 5  # measures of a country and a type


class Cell(NamedTuple):
    """What one country recorded of one type: how many, and the newest of them, each with its ``bands``."""

    country: object
    count: int
    measures: list


class Row(NamedTuple):
    """A measure type with a ``Cell`` for each country. ``differs`` where some countries have it and some have not."""

    kind: object
    cells: list
    differs: bool


def compared(catalogue, countries, query=None):
    """Return what ``countries`` recorded among the measures of a query (all, if None), type by type.

    Pairs of a topic and its ``Row``s; types that none of the countries has are left out.
    """
    among = clauses.all_of(query, clauses.any_of("country", [country.pk for country in countries]))
    counts = catalogue.crossed("type", "country", among)
    topics = [
        (
            topic,
            [
                _row(catalogue, kind, countries, counts[kind.pk], query)
                for kind in catalogue.types_of(topic)
                if kind.pk in counts
            ],
        )
        for topic in catalogue.records["topic"].all
    ]
    _add_bands([measure for _topic, rows in topics for row in rows for cell in row.cells for measure in cell.measures])
    return [(topic, rows) for topic, rows in topics if rows]


def _row(catalogue, kind, countries, counts, query):
    of_type = clauses.all_of(query, clauses.any_of("type", [kind.pk]))
    cells = []
    for country in countries:
        measures = []
        if count := counts[country.pk]:
            of_cell = clauses.all_of(of_type, clauses.any_of("country", [country.pk]))
            measures = catalogue.measures_at(catalogue.addresses(of_cell, "-announced", 0, SHOWN))
        cells.append(Cell(country, count, measures))
    return Row(kind, cells, not all(cell.count for cell in cells))


def _add_bands(measures):
    """Give each of ``measures`` its ``bands``, by one query."""
    bands = {}
    for band in SpectrumBand.objects.filter(measure__in={measure.pk for measure in measures}):
        bands.setdefault(band.measure_id, []).append(band)
    for measure in measures:
        measure.bands = bands.get(measure.pk, [])
