"""Two to six countries side by side: what each recorded, type by type."""

from typing import NamedTuple

import numpy as np

from practices.catalogue import listed
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


def compared(snapshot, countries, rows=None):
    """What ``countries`` (records of the snapshot) recorded among ``rows`` (all, if None), type by type.

    Pairs of a topic and its ``Row``s; types that none of the countries has are left out.
    """
    index = snapshot.index("country")
    masks = [snapshot.columns["country"].mask([index[country.code]]) for country in countries]
    if rows is not None:
        chosen = np.zeros(len(snapshot), bool)
        chosen[rows] = True
        masks = [mask & chosen for mask in masks]
    types = snapshot.columns["type"].values
    found = {}  # the rows of each type and country, in the order of the list
    for place in range(len(snapshot.records["type"])):
        of_type = types == place
        by_country = [np.flatnonzero(mask & of_type).astype(np.int32) for mask in masks]
        if any(map(len, by_country)):
            found[place] = by_country
    newest = {
        place: [snapshot.page("-announced", 0, SHOWN, own) for own in by_country] for place, by_country in found.items()
    }
    measures = _measures(snapshot, [own for by_country in newest.values() for own in by_country])
    return [
        (topic, kinds)
        for topic in snapshot.records["topic"]
        if (
            kinds := [
                Row(
                    kind,
                    [
                        Cell(country, len(own), [measures[row] for row in shown.tolist() if row in measures])
                        for country, own, shown in zip(countries, found[place], newest[place], strict=True)
                    ],
                    not all(map(len, found[place])),
                )
                for place, kind in enumerate(snapshot.records["type"])
                if kind.topic_id == topic.pk and place in found
            ]
        )
    ]


def _measures(snapshot, parts):
    """The measures of all rows in ``parts`` by their row, each with its ``bands``: two queries."""
    rows = np.unique(np.concatenate([*parts, np.zeros(0, np.int32)])).astype(np.int32)
    measures = listed(snapshot, rows)
    bands = {}
    for band in SpectrumBand.objects.filter(measure__in=[measure.pk for measure in measures]):
        bands.setdefault(band.measure_id, []).append(band)
    for measure in measures:
        measure.bands = bands.get(measure.pk, [])
    places = {int(pk): int(row) for pk, row in zip(snapshot.ids[rows], rows, strict=True)}
    return {places[measure.pk]: measure for measure in measures}
