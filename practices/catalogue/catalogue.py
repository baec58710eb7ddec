"""The public catalogue at one version: found, counted and sorted by the index."""

import datetime
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from django.db.models import Count, Model
from tantivy import DocAddress, Order, Query, Searcher

from practices.catalogue import clauses, schema
from practices.catalogue.listing import ROWS_PER_PAGE, ListedMeasure
from practices.catalogue.records import CHOICES, Records
from practices.choices import Status
from practices.models import Citation
from practices.querysets import today

MAX_VALUES = 65_000  # of a field that Tantivy counts
ID_MASK = (1 << schema.ID_BITS) - 1
# Orders by the value of the parameter ``sort``: the field to sort by, and the direction.
ORDERS = {
    "-announced": (schema.NEWEST, Order.Desc),
    "announced": (schema.OLDEST, Order.Asc),
    "-updated": (schema.UPDATED, Order.Desc),
    "updated": (schema.UPDATED, Order.Asc),
}
RELEVANCE = "relevance"


class Catalogue:
    """The measures that are public at one version, as the index has them. Later changes are in another ``Catalogue``.

    ``status`` is what the index says of itself: see ``practices.catalogue.storage``. Queries are Tantivy's, made by
    ``practices.catalogue.clauses``; without one, a method answers for all measures.
    """

    def __init__(self, searcher: Searcher, records: Records, status: dict[str, Any]):
        self.searcher, self.records, self.status = searcher, records, status
        self._counts: dict[str, Counter] = {}
        self._crossed: dict[tuple[str, str], dict[Any, Counter]] = {}

    @property
    def version(self) -> int:
        return self.status["version"]

    @cached_property
    def changed_at(self) -> datetime.datetime | None:
        """When the version was made; None where nothing was ever published."""
        if not self.status["changed_at"]:
            return None
        moment = datetime.datetime.fromisoformat(self.status["changed_at"])
        return moment.astimezone(datetime.UTC) if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)

    def __len__(self) -> int:
        return self._total

    @cached_property
    def _total(self) -> int:
        return self.count(None)

    # Values of parameters.

    def values(self, name: str) -> Sequence[Any]:
        """Return the records, or the codes of the closed set, that parameter ``name`` chooses from."""
        return self.records[name].all if name in self.records else CHOICES[name]

    def is_public(self, name: str, value: Any) -> bool:
        """Return whether a public measure has ``value``: a record's id, or a code."""
        return self.count(clauses.any_of(name, [value])) > 0

    def types_of(self, topic: Model) -> list[Model]:
        """Return the measure types of a topic, in the codebook's order."""
        return [kind for kind in self.records["type"].all if kind.topic_id == topic.pk]

    # Counting.

    def count(self, query: Query | None) -> int:
        """Return how many measures a query finds."""
        return self.searcher.search(clauses.measures(query), limit=1).count

    def frequency(self, name: str, values: Iterable[Any]) -> int:
        """Return how many measures have each of ``values`` of a parameter, added up: ids of records, or codes."""
        return sum(self.searcher.doc_freq(name, str(value)) for value in values)

    def counts(self, name: str, query: Query | None = None, day: datetime.date | None = None) -> Counter:
        """Return how many of the measures have each value of a parameter: by the id of records, else by code.

        States are those on ``day``, by default today.
        """
        if name == "state":
            states = ((state, clauses.state(state, day or today())) for state in CHOICES["state"])
            return Counter({state: self.count(clauses.all_of(query, clause)) for state, clause in states})
        if query is not None:
            return self._aggregate([name], query)[name]
        if name not in self._counts:
            self._counts[name] = self._aggregate([name], None)[name]
        return self._counts[name]

    def counts_of(self, names: Sequence[str], query: Query | None) -> dict[str, Counter]:
        """Return the ``counts`` of several parameters, by name, from one search."""
        if query is None or not names:
            return {name: self.counts(name) for name in names}
        return self._aggregate(names, query)

    def _aggregate(self, names: Sequence[str], query: Query | None) -> dict[str, Counter]:
        terms = {name: {"terms": {"field": name, "size": MAX_VALUES}} for name in names}
        found = self.searcher.aggregate(clauses.measures(query), terms)
        return {name: self._counter(name, found[name]["buckets"]) for name in names}

    def _counter(self, name: str, buckets: list[dict]) -> Counter:
        return Counter({self._value(name, bucket["key"]): bucket["doc_count"] for bucket in buckets})

    def crossed(self, across: str, name: str, query: Query | None = None) -> dict[Any, Counter]:
        """Return for each value of parameter ``across`` how many measures have each value of ``name``."""
        if query is not None:
            return self._cross(across, name, query)
        if (across, name) not in self._crossed:
            self._crossed[across, name] = self._cross(across, name, None)
        return self._crossed[across, name]

    def _cross(self, across: str, name: str, query: Query | None) -> dict[Any, Counter]:
        inner = {"values": {"terms": {"field": name, "size": MAX_VALUES}}}
        terms = {"found": {"terms": {"field": across, "size": MAX_VALUES}, "aggs": inner}}
        found = self.searcher.aggregate(clauses.measures(query), terms)
        return {
            self._value(across, bucket["key"]): self._counter(name, bucket["values"]["buckets"])
            for bucket in found["found"]["buckets"]
        }

    def _value(self, name: str, key: str) -> Any:
        """Return a value of the index as ``counts`` has it."""
        return int(key) if name in self.records else key

    def ranked(self, name: str, query: Query | None = None) -> list[tuple[Model, int]]:
        """Return the records that any of the measures point at, with how many do: most first, then by name."""
        labels, by_id = self.records[name].labels(), self.records[name].by_id
        # The records may have been read a moment after the documents: one that is gone meanwhile is left out.
        counts = [(pk, count) for pk, count in self.counts(name, query).items() if pk in labels]
        return [(by_id[pk], count) for pk, count in sorted(counts, key=lambda pair: (-pair[1], labels[pair[0]]))]

    @cached_property
    def source_count(self) -> int:
        """How many sources public measures rest on."""
        cited = Citation.objects.filter(measure__status=Status.PUBLISHED)
        return cited.aggregate(count=Count("source_id", distinct=True))["count"]

    @cached_property
    def updated_at(self) -> datetime.datetime | None:
        """When a public measure was last changed; None for an empty catalogue."""
        newest = self.sort_keys(None, "-updated", 0, 1)
        return datetime.datetime.fromtimestamp(newest[0] >> schema.ID_BITS, datetime.UTC) if newest else None

    # Measures in an order.

    def addresses(self, query: Query | None, order: str, start: int, stop: int) -> list[DocAddress]:
        """Return where the documents are that stand from ``start`` to before ``stop`` in an order."""
        return [address for _key, address in self._hits(query, order, start, stop)]

    def sort_keys(self, query: Query | None, order: str, start: int, stop: int) -> list[int]:
        """Return the numbers that such measures are sorted by. Not for the order by relevance."""
        return [key for key, _address in self._hits(query, order, start, stop)]

    def ids(self, query: Query | None = None, order: str = "-announced", start: int = 0, stop: int | None = None):
        """Return the ids of the measures from ``start`` to before ``stop``; of all, where there is no ``stop``."""
        stop = len(self) if stop is None else stop
        if order != RELEVANCE:
            return [key & ID_MASK for key in self.sort_keys(query, order, start, stop)]
        return self.searcher.fast_field_values("id", self.addresses(query, order, start, stop))

    def counted(self, query: Query | None, order: str, stop: int) -> tuple[int, list[DocAddress]]:
        """Return how many measures a query finds, and the ``addresses`` of the first before ``stop``: one search."""
        result = self._search(query, order, 0, stop, count=True)
        return result.count, [address for _key, address in result.hits]

    def _hits(self, query, order, start, stop) -> list[tuple[Any, DocAddress]]:
        return self._search(query, order, start, stop, count=False).hits if start < stop else []

    def _search(self, query, order, start, stop, *, count):
        field, direction = ORDERS.get(order, (None, Order.Desc))
        return self.searcher.search(
            clauses.measures(query, scored=order == RELEVANCE),
            limit=stop - start,
            offset=start,
            count=count,
            order_by_field=field,
            order=direction,
        )

    def measures_at(self, addresses: Sequence[DocAddress], day=None) -> list[ListedMeasure]:
        """Return the measures of documents as a list shows them, with their state on ``day``, by default today."""
        rows = (json.loads(self.searcher.doc(address)["row"][0]) for address in addresses)
        return [
            ListedMeasure(self.records, row, address, day or today())
            for row, address in zip(rows, addresses, strict=True)
        ]

    def found_in(self, address: DocAddress) -> dict[str, Any]:
        """Return what of a document is searched and not in its row: its outcome, bands and sources."""
        return json.loads(self.searcher.doc(address)["found_in"][0])

    def by_ids(self, ids: Sequence[int], day=None) -> list[ListedMeasure]:
        """Return the measures with these ids, in their order, without those that are not public."""
        query = clauses.with_ids(ids)
        addresses = self.addresses(query, "-announced", 0, len(ids))
        found = {measure.pk: measure for measure in self.measures_at(addresses, day)}
        return [found[pk] for pk in ids if pk in found]


class Selection:
    """Some measures of a catalogue in an order: a sequence whose slices are lists of ``ListedMeasure``.

    ``order`` is a value of the parameter ``sort``; by relevance only where the ``query`` has words. ``day`` is that
    whose state its measures show, by default today.
    """

    def __init__(self, catalogue: Catalogue, query: Query | None = None, order: str = "-announced", day=None):
        self.catalogue, self.query, self.order, self.day = catalogue, query, order, day

    def __len__(self) -> int:
        return self._counted[0]

    @cached_property
    def _counted(self) -> tuple[int, list[DocAddress]]:
        """How many measures there are, and where the first page of them is: most lists show no more."""
        return self.catalogue.counted(self.query, self.order, ROWS_PER_PAGE)

    def __getitem__(self, part: slice) -> list[ListedMeasure]:
        start, stop, _step = part.indices(len(self))
        if stop <= ROWS_PER_PAGE:
            addresses = self._counted[1][start:stop]
        else:
            addresses = self.catalogue.addresses(self.query, self.order, start, stop)
        return self.catalogue.measures_at(addresses, self.day)

    def ids(self, start: int = 0, stop: int | None = None) -> list[int]:
        """Return the ids of its measures from ``start`` to before ``stop``."""
        return self.catalogue.ids(self.query, self.order, start, len(self) if stop is None else stop)
