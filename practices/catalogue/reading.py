"""Reading what is public from the database into columns."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import batched, chain
from operator import attrgetter

import numpy as np
from django.db import connection, transaction
from django.db.models import FloatField, Func, IntegerField, QuerySet
from django.db.models.functions import Cast, Coalesce

from countries.choices import IncomeGroup, ItuRegion
from countries.models import Country, Group
from practices.catalogue.columns import OneEach, SeveralEach, Splice
from practices.catalogue.orders import Order
from practices.choices import Evidence, LegalNature, OrganizationKind, SourceKind, State, Status
from practices.models import Beneficiary, Citation, Crisis, Measure, MeasureType, Organization, Source, Tag, Topic
from practices.partial_dates import EARLIEST_YEAR, LATEST_YEAR

CHUNK = 5000  # rows fetched at a time: other threads have their turn in between

# The records that measures point at, by the name of the parameter whose values they are.
MODELS = {
    "topic": Topic,
    "type": MeasureType,
    "country": Country,
    "area": Group,
    "crisis": Crisis,
    "organization": Organization,
    "beneficiary": Beneficiary,
    "tag": Tag,
}
LINKS = {
    "country": (Measure.countries.through, "measure_id", "country_id"),
    "area": (Measure.areas.through, "measure_id", "group_id"),
    "organization": (Measure.organizations.through, "measure_id", "organization_id"),
    "beneficiary": (Measure.beneficiaries.through, "measure_id", "beneficiary_id"),
    "tag": (Measure.tags.through, "content_object_id", "tag_id"),
}
# What follows from the records that measures point at, and from which of those.
DERIVED = {"topic": "type", "region": "country", "income": "country", "group": "country", "actor": "organization"}
# The values of parameters that have a closed set of them. Codes of a column are places in these.
CHOICES = {
    "region": ItuRegion.values,
    "income": IncomeGroup.values,
    "state": State.values,
    "evidence": Evidence.values,
    "verified": ["yes", "no"],
    "actor": OrganizationKind.values,
    "legal": LegalNature.values,
    "year": [str(year) for year in range(EARLIEST_YEAR, LATEST_YEAR + 1)],
}


@contextmanager
def one_state():
    """Within the block the database is read as one committed state, whatever others commit meanwhile.

    Within a transaction that has begun already it is read as that transaction sees it.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")  # unlike atomic(), which takes the lock of writers
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


@dataclass
class Part:
    """Public measures as they were read: their ids, ascending, their dates, and what they point at.

    ``translations`` are columns of records, by the name of the column of measures that follows from them; ``orders``
    those that were asked for, by name.
    """

    ids: np.ndarray
    dates: dict
    columns: dict
    translations: dict
    orders: dict = field(default_factory=dict)

    def order(self, name):
        """The ``Order`` of a name."""
        if (order := self.orders.get(name)) is None:
            order = self.orders[name] = Order.of(name, self.dates)
        return order

    def with_changes(self, ids, part):
        """This part, in which the measures ``ids`` are as ``part`` has them, or not there."""
        splice = Splice.of(np.unique(np.array(ids, np.int64)), self.ids, part.ids)
        dates = {name: splice.apply(dates, part.dates[name]) for name, dates in self.dates.items()}
        columns = {
            name: column if splice.keeps(column, new := part.columns[name]) else column.spliced(new, splice)
            for name, column in self.columns.items()
        }
        return Part(
            splice.apply(self.ids, part.ids),
            dates,
            columns,
            part.translations,
            {name: order.changed(splice.moves, dates) for name, order in list(self.orders.items())},
        )


class Reader:
    """Reads measures. ``records`` are those that columns point into, by name; new ones are added at their end.

    ``translations`` are those of a ``Part`` with the same records.
    """

    def __init__(self, records=None, translations=None):
        self.records = dict(records or {name: Records.read(name) for name in MODELS})
        self.records.setdefault("source_language", ())
        self.translations = translations

    def renew(self, part):
        """Read the records anew. Returns ``part``, which is of all measures, with what follows from them now.

        Where a record is gone, which measures may have pointed at, all stays as it is.
        """
        moved, renewed = {}, _renewed(self.records)
        for name, records in renewed.items():
            place_of = {record.pk: place for place, record in enumerate(records)}
            places = np.array([place_of.get(record.pk, -1) for record in self.records[name]], np.int32)
            if (places < 0).any():
                return part
            if (places != np.arange(len(places))).any():
                moved[name] = part.columns[name].moved(places)
        self.records |= renewed
        columns, translations = part.columns | moved, self._translations()
        self.translations = translations
        names = [name for name in DERIVED if moved or not translations[name].equals(part.translations[name])]
        return Part(part.ids, part.dates, columns | _derived(columns, translations, names), translations, part.orders)

    def read(self, ids=None):
        """The ``Part`` of the public measures of ``ids``, a list; of all, if None."""
        records = dict(self.records)
        measures = QuerySet(Measure).filter(status=Status.PUBLISHED).order_by("pk")
        if ids is not None:
            measures = measures.filter(pk__in=ids)
        self.ids, types, crises, legal, announced, starts, ends, confirmed, review, verified, updated = _columns(
            _fetched(
                measures.annotate(
                    announced=_number("announced_on"),
                    starts=_number("starts_on"),
                    ends=_number("ends_on"),
                    updated=Seconds("updated_at"),
                ).values_list(
                    *("pk", "measure_type_id", "crisis_id", "legal_nature", "announced", "starts", "ends"),
                    *("confirmed_in_force_on", "review_by", "verified_on", "updated"),
                ),
                ids,
            ),
            *(np.int64, np.int64, np.int64, partial(_places, known=CHOICES["legal"]), np.int32, np.int32, np.int32),
            *(_days, _days, _days, np.float64),
        )
        dates = {
            "announced": announced,
            "starts": starts,
            "ends": ends,
            "confirmed": confirmed,
            "review": review,
            "updated": updated,
        }
        years = announced // 10000
        columns = {
            "type": OneEach(self._indexes("type", types)),
            "crisis": OneEach(self._indexes("crisis", crises)),
            "legal": OneEach(legal),
            "verified": OneEach((verified == 0).astype(np.int32)),
            "year": OneEach(np.where(years > 0, years - EARLIEST_YEAR, -1).astype(np.int32)),
        }
        for name, (through, measure, linked) in LINKS.items():
            rows, values = self._pairs(through.objects.order_by().values_list(measure, linked), measure, ids)
            columns[name] = SeveralEach.of_pairs(len(self.ids), rows, self._indexes(name, values))
        columns |= self._read_citations(ids)
        if self.translations is None or any(self.records[name] is not records[name] for name in MODELS):
            self.translations = self._translations()
        return Part(self.ids, dates, columns | _derived(columns, self.translations), self.translations)

    def _read_citations(self, ids):
        rows, sources = self._pairs(
            Citation.objects.order_by().values_list("measure_id", "source_id"), "measure_id", ids
        )
        known = QuerySet(Source).order_by()
        if ids is not None:
            known = known.filter(pk__in=np.unique(sources).tolist())
        known = _fetched(known.values_list("pk", "kind", "language"), ids)
        pks, kinds, languages = _columns(known, np.int64, np.str_, np.str_)
        places = _looked_up(sources, pks)
        languages = languages.tolist()
        self.records["source_language"] += tuple(sorted(set(languages).difference(self.records["source_language"])))
        is_official = (kinds == SourceKind.OFFICIAL.value)[places]
        count = np.bincount(rows, minlength=len(self.ids))
        official = np.bincount(rows[is_official], minlength=len(self.ids))
        evidence = np.select(
            [official > 0, count > 1],
            [CHOICES["evidence"].index(value) for value in (Evidence.OFFICIAL, Evidence.SEVERAL)],
            CHOICES["evidence"].index(Evidence.SINGLE),
        )
        return {
            "evidence": OneEach(evidence.astype(np.int32)),
            "source": SeveralEach.of_pairs(len(self.ids), rows, sources),
            "source_language": SeveralEach.of_pairs(
                len(self.ids), rows, _places(languages, self.records["source_language"])[places]
            ),
        }

    def _translations(self):
        """What records say of the measures that point at them: a column of each kind of record in ``DERIVED``."""
        topic_of_type = self._indexes("topic", np.array([kind.topic_id for kind in self.records["type"]], np.int64))
        members = Group.members.through.objects.order_by().values_list("group_id", "country_id")
        groups, members = np.fromiter(chain.from_iterable(members), np.int64).reshape(-1, 2).T
        groups, members = self._indexes("area", groups), self._indexes("country", members)
        records = self.records
        of_countries = SeveralEach.of_pairs(len(records["country"]), members, groups)
        kinds = _places([organization.kind for organization in records["organization"]], CHOICES["actor"])
        regions = _places([country.itu_region for country in records["country"]], CHOICES["region"])
        incomes = _places([country.income_group for country in records["country"]], CHOICES["income"])
        return {
            "topic": OneEach(topic_of_type),
            "region": OneEach(regions),
            "income": OneEach(incomes),
            "group": of_countries,
            "actor": OneEach(kinds),
        }

    def _pairs(self, links, measure, ids):
        """The rows and the linked ids of a table that links measures of this read to something."""
        if ids is not None:
            links = links.filter(**{f"{measure}__in": ids})
        flat = chain.from_iterable(_fetched(links, ids))
        measures, values = np.fromiter(flat, np.int64).reshape(-1, 2).T
        rows = np.searchsorted(self.ids, measures)
        public = rows < len(self.ids)
        public[public] = self.ids[rows[public]] == measures[public]
        return rows[public].astype(np.int32), values[public]

    def _indexes(self, name, pks):
        """The places in ``records[name]`` of the records ``pks``. Those that are not there yet are added."""
        places = _looked_up(pks, _pks(self.records[name]))
        if len(new := np.unique(pks[places < 0])):
            self.records[name] = self.records[name].with_more(Records.read(name, new.tolist()))
            places = _looked_up(pks, _pks(self.records[name]))
        return places


class Records(tuple):
    """Records of a kind, a name of ``MODELS``. ``rows`` are what the database held of them, in the order of keys."""

    @classmethod
    def of(cls, records, rows):
        made = cls(records)
        made.rows = rows
        return made

    @classmethod
    def read(cls, name, pks=None):
        """Those of ``pks``, a list; all, if None."""
        return cls.of(_records(name, pks), _rows(MODELS[name], pks))

    def with_more(self, others):
        """These and then ``others``."""
        return self.of((*self, *others), sorted(self.rows + others.rows))


def _records(name, pks=None):
    records = MODELS[name].objects.all()
    if name == "type":
        records = records.select_related("topic")
    return records if pks is None else records.filter(pk__in=pks)


def _rows(model, pks=None):
    """What the database holds of the records ``pks`` of ``model``, as it gives it; of all, if None. Tuples, each key
    first, in the order of keys.

    To make records of it takes several times as long, and most are as they were.
    """
    keys = model._meta.pk.column
    columns = ", ".join([keys, *(field.column for field in model._meta.concrete_fields if field.column != keys)])
    some = "" if pks is None else f"WHERE {keys} IN ({', '.join(['%s'] * len(pks))})"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {model._meta.db_table} {some} ORDER BY {keys}", pks)  # noqa: S608
        return cursor.fetchall()


def _derived(columns, translations, names=DERIVED):
    """The columns ``names``, which follow from what other ``columns`` point at."""
    derived = {name: columns[DERIVED[name]].translated(translations[name]) for name in names}
    if "group" in derived:
        derived["group"] = derived["group"].joined(columns["area"])
    return derived


def _renewed(records):
    """Those of ``records`` that have changed, or that point at some that have, as they are now: by name.

    What has not changed keeps its tuple, and whatever was made for it.
    """
    renewed, changed = {}, set()
    for name, model in MODELS.items():
        points_at = {field.related_model for field in model._meta.concrete_fields if field.is_relation}
        rows = _rows(model)
        if points_at & changed or records[name].rows != rows:
            renewed[name] = Records.of(_records(name), rows)
            changed.add(model)
    return renewed


class Seconds(Func):
    """A moment as seconds since 1970, to the microsecond: a number is read in a fraction of a moment's time."""

    output_field = FloatField()
    template = "extract(epoch FROM %(expressions)s)::double precision"

    def as_sqlite(self, compiler, connection, **context):
        whole, fraction = "strftime('%%%%s', %(expressions)s)", "substr(%(expressions)s, 20)"
        return self.as_sql(compiler, connection, template=f"{whole} + CAST({fraction} AS real)", **context)


def _number(field):
    """A partial date as its number; 0 where there is none."""
    return Coalesce(Cast(field, IntegerField()), 0)


def _fetched(rows, ids):
    """The ``rows`` of a query: in parts, if ``ids`` is None, else all at once: a few need no cursor in the database."""
    return rows.iterator(CHUNK) if ids is None else rows


def _columns(rows, *makers):
    """An array of each column of ``rows``. Each of ``makers`` makes one of some values, or is its type."""
    makers = [partial(np.array, dtype=make) if isinstance(make, type) else make for make in makers]
    columns = [[make(())] for make in makers]
    for part in batched(rows, CHUNK):
        for column, make, values in zip(columns, makers, zip(*part, strict=True), strict=True):
            column.append(make(values))
    return [np.concatenate(column) for column in columns]


def _pks(records):
    """The primary keys of ``records`` of one kind: int64."""
    if not records:
        return np.empty(0, np.int64)
    pk = attrgetter(records[0]._meta.pk.attname)  # a record's own pk takes ten times as long
    return np.fromiter(map(pk, records), np.int64, len(records))


def _looked_up(wanted, present):
    """The places of the numbers ``wanted`` among those ``present``, in any order: int32; -1 for what is not there."""
    if not len(wanted) or not len(present):
        return np.full(len(wanted), -1, np.int32)
    order = np.argsort(present)
    places = order.take(np.searchsorted(present, wanted, sorter=order), mode="clip")
    return np.where(present[places] == wanted, places, -1).astype(np.int32)


def _days(days):
    return np.array([day.year * 10000 + day.month * 100 + day.day if day else 0 for day in days], np.int32)


def _places(values, known):
    """The places of ``values`` in ``known``; -1 for what is not there."""
    places = {value: place for place, value in enumerate(known)}
    return np.array([places.get(value, -1) for value in values], np.int32)
