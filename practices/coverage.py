"""What is recorded, what was searched and not found, and what nobody has searched yet: by country, topic and crisis."""

from collections import Counter
from dataclasses import dataclass
from itertools import groupby

from django.db import transaction

from practices.catalogue import Catalogue, clauses
from practices.models import CatalogueVersion, Coverage, Crisis
from practices.querysets import today


@dataclass(frozen=True)
class Cell:
    """A country, a topic and a crisis. ``search`` is the ``Coverage`` of a search that found nothing, if any.

    What is recorded tells more than a search: where there are measures, ``search`` is None.
    """

    topic: object
    count: int
    search: Coverage | None


@dataclass(frozen=True)
class Matrix:
    """The cells of a crisis. ``regions`` are pairs of an ITU region's name and its rows: (country, its cells).

    The cells of a row are in the order of ``topics``.
    """

    crisis: Crisis
    topics: list
    regions: list

    def totals(self):
        """How many cells are recorded, searched without finding anything, and not searched yet."""
        cells = [cell for _region, rows in self.regions for _country, cells in rows for cell in cells]
        recorded, searched = sum(cell.count > 0 for cell in cells), sum(cell.search is not None for cell in cells)
        return recorded, searched, len(cells) - recorded - searched


def matrix(catalogue: Catalogue, crisis, *, region="", searches=None):
    """The ``Matrix`` of ``crisis``, of one ITU region or, with "", of all. One query.

    ``searches`` are the rows of ``Coverage`` to look in, where more is wanted of them than the date.
    """
    searches = Coverage.objects.all() if searches is None else searches
    searched = {(search.country_id, search.topic_id): search for search in searches.filter(crisis=crisis.pk).order_by()}
    counts = catalogue.crossed("country", "topic", clauses.any_of("crisis", [crisis.pk]))
    topics, labels = topics_of(catalogue), catalogue.records["country"].labels()
    rows = []
    for country in catalogue.records["country"].all:
        if region in ("", country.itu_region):
            of_country = counts.get(country.pk, Counter())
            cells = [
                Cell(topic, count, None if count else searched.get((country.pk, topic.pk)))
                for topic in topics
                for count in [of_country[topic.pk]]
            ]
            rows.append((labels[country.pk], country, cells))
    rows.sort(key=lambda row: (str(row[1].get_itu_region_display()), row[0]))
    regions = groupby(rows, key=lambda row: str(row[1].get_itu_region_display()))
    return Matrix(crisis, topics, [(name, [row[1:] for row in members]) for name, members in regions])


def of_country(catalogue: Catalogue, country, counts):
    """Return what was searched for ``country``: (crisis, searches, topics that were not searched).

    Of the crises in which something is recorded or was searched, and of the one that has most measures of all. Of its
    own measures, ``counts`` has by the ids of crises how many there are of each topic. One query.
    """
    searched = {}
    for search in Coverage.objects.filter(country=country).order_by():
        searched.setdefault(search.crisis_id, {})[search.topic_id] = search
    first = catalogue.ranked("crisis")[:1]
    shown = {crisis.pk for crisis, _count in first} | counts.keys() | searched.keys()
    topics = topics_of(catalogue)
    found = []
    for crisis in catalogue.records["crisis"].all:
        if crisis.pk in shown:
            searches = searched.get(crisis.pk, {})
            recorded = counts.get(crisis.pk, {})
            missing = [topic for topic in topics if not recorded.get(topic.pk)]
            found.append(
                (
                    crisis,
                    [(topic, searches[topic.pk]) for topic in missing if topic.pk in searches],
                    [topic for topic in missing if topic.pk not in searches],
                )
            )
    return found


def topics_of(catalogue):
    """The topics in the codebook's order."""
    return sorted(catalogue.records["topic"].all, key=lambda topic: topic.position)


def mark(country, topic, crisis, *, by, note=""):
    """Keep that ``by`` searched today and found none; ``note`` says where. A search of before gives way."""
    with transaction.atomic():
        CatalogueVersion.lock()
        Coverage.objects.update_or_create(
            country=country,
            topic=topic,
            crisis=crisis,
            defaults={"searched_on": today(), "searched_by": by, "note": note},
        )


def unmark(country, topic, crisis):
    """Forget the search, as if nobody had made it."""
    with transaction.atomic():
        CatalogueVersion.lock()
        Coverage.objects.filter(country=country, topic=topic, crisis=crisis).delete()
