"""The records that measures point at, in memory: countries, types, organizations and the like, a few thousand."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from django.db.models import Model
from django.utils.translation import get_language

from countries.choices import IncomeGroup, ItuRegion
from countries.models import Country, Group
from practices.catalogue.names import KINDS, Names, NamesOfKind, code_of
from practices.choices import Evidence, LegalNature, OrganizationKind, State
from practices.models import Beneficiary, Crisis, MeasureType, Organization, Tag, Topic
from practices.partial_dates import EARLIEST_YEAR, LATEST_YEAR

# By the name of the list parameter that has their codes as values; an area is a group that a measure names.
MODELS: dict[str, type[Model]] = {
    "topic": Topic,
    "type": MeasureType,
    "country": Country,
    "area": Group,
    "crisis": Crisis,
    "organization": Organization,
    "beneficiary": Beneficiary,
    "tag": Tag,
}
# The values of parameters that have a closed set of them.
CHOICES: dict[str, list[str]] = {
    "region": ItuRegion.values,
    "income": IncomeGroup.values,
    "state": State.values,
    "evidence": Evidence.values,
    "verified": ["yes", "no"],
    "actor": OrganizationKind.values,
    "legal": LegalNature.values,
    "year": [str(year) for year in range(EARLIEST_YEAR, LATEST_YEAR + 1)],
}


class UnknownRecordError(LookupError):
    """A measure names a record that is newer than the records of its ``kind`` in memory."""

    def __init__(self, kind: str, pk: int):
        super().__init__(f"{kind} {pk}")
        self.kind = kind


class _ById(dict[int, Model]):
    def __init__(self, kind: str, records: Iterable[Model]):
        super().__init__((record.pk, record) for record in records)
        self.kind = kind

    def __missing__(self, pk: int):
        raise UnknownRecordError(self.kind, pk)


class RecordSet:
    """The records of one kind, in the order of their model."""

    def __init__(self, kind: str, records: Sequence[Model]):
        self.kind = kind
        self.all = tuple(records)
        self.by_id = _ById(kind, self.all)
        self._labels: dict[str, dict[int, str]] = {}

    @cached_property
    def positions(self) -> dict[int, int]:
        """The position of each record in that order, by id."""
        return {record.pk: position for position, record in enumerate(self.all)}

    @cached_property
    def by_code(self) -> dict[str, Model]:
        return {code_of(self.kind, record): record for record in self.all}

    @cached_property
    def names(self) -> NamesOfKind:
        """The names of the records."""
        return NamesOfKind(self.kind, self.all)

    def in_order(self, ids: Iterable[int]) -> list[int]:
        """Return ``ids`` in the order of the model. UnknownRecordError for an id that is not there."""
        return sorted(ids, key=lambda pk: self.positions[self.by_id[pk].pk])

    def labels(self) -> dict[int, str]:
        """Return what the records are called in the reader's language, by id."""
        language = get_language() or ""
        if language not in self._labels:
            self._labels[language] = {record.pk: str(record) for record in self.all}
        return self._labels[language]


class Records:
    """All kinds of records. ``versions`` has the version of the catalogue at which the database had each kind so."""

    def __init__(self, versions: dict[str, int], former: "Records | None" = None):
        """Read the records, but for kinds that ``former`` has as they were at that version."""
        self.versions, self._sets = dict(versions), {}
        for kind, model in MODELS.items():
            is_known = former is not None and former.versions[kind] >= versions[kind]
            self._sets[kind] = former[kind] if is_known else RecordSet(kind, _read(kind, model))

    @cached_property
    def names(self) -> Names:
        """The names of all records. Those of a kind are taken apart once, when they are first asked for."""
        return Names({kind: self[kind].names for kind in KINDS})

    def __getitem__(self, kind: str) -> RecordSet:
        return self._sets["area" if kind == "group" else kind]

    def __contains__(self, kind: str) -> bool:
        return kind == "group" or kind in self._sets

    @cached_property
    def members(self) -> dict[int, list[int]]:
        """The ids of the groups that each country is a member of, by the country's id."""
        groups: dict[int, list[int]] = {}
        for group, country in Group.members.through.objects.order_by("pk").values_list("group_id", "country_id"):
            groups.setdefault(country, []).append(group)
        return groups


def _read(kind: str, model: type[Model]):
    records = model._default_manager.all()
    return records.select_related("topic") if kind == "type" else records
