"""The world map: which shape is drawn for which country, and in which step of the scale.

The shapes themselves are in one static file, ``static/img/world.svg``; a page draws them by reference.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings

from countries.models import Country

STEPS = 5


@dataclass(frozen=True)
class MapCountry:
    country: Country
    count: int
    step: int
    is_dot: bool

    @property
    def code(self):
        return self.country.code


@dataclass(frozen=True)
class WorldMap:
    """A choropleth. Dots are drawn after the shapes and after the lines between them."""

    view_box: str
    countries: list[MapCountry]
    classes: list[tuple[int, int, int]]  # step, least count, greatest count

    @property
    def shapes(self):
        return [item for item in self.countries if not item.is_dot]

    @property
    def dots(self):
        return [item for item in self.countries if item.is_dot]

    @property
    def by_count(self):
        """Every country, those with most recorded first: the map as a table."""
        return sorted(self.countries, key=lambda item: (-item.count, item.country.name))


def classes_for(greatest):
    """The five classes of the scale for counts up to ``greatest``: (step, least, greatest) each.

    Every class reaches about as many times further than the one before, since a few countries have
    recorded far more than the rest. Fewer classes where there are fewer than five counts to tell apart.
    """
    edges = sorted({max(step, round(greatest ** (step / STEPS))) for step in range(1, STEPS + 1)})
    edges = [edge for edge in edges if edge < greatest] + [greatest] if greatest else []
    return [
        (step, previous + 1, edge)
        for step, (previous, edge) in enumerate(zip([0, *edges], edges, strict=False), start=1)
    ]


@cache
def _shapes():
    path = Path(settings.BASE_DIR, "countries", "data", "map.json")
    return json.loads(path.read_text(encoding="utf-8"))


def world(countries, counts):
    """The ``WorldMap`` of ``counts``: ids of ``countries`` with how many measures are recorded for each."""
    shapes = _shapes()
    dots = set(shapes["dots"])
    classes = classes_for(max(counts.values(), default=0))
    by_code = {country.code: country for country in countries}
    drawn = [
        MapCountry(
            country,
            count := counts.get(country.pk, 0),
            next((step for step, least, greatest in classes if least <= count <= greatest), 0),
            code in dots,
        )
        for code in shapes["order"]
        if (country := by_code.get(code))
    ]
    return WorldMap(shapes["viewBox"], drawn, classes)
