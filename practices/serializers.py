"""A public measure as data. Each public field is named here, once: every face of the catalogue calls it the same."""

from collections import defaultdict
from functools import cache, lru_cache
from itertools import batched

from django.conf import settings
from django.db.models import F, IntegerField, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import translation
from rest_framework import serializers

from practices.catalogue.names import code_of
from practices.choices import (
    Evidence,
    LegalNature,
    OrganizationKind,
    Scope,
    SourceKind,
    SpectrumRole,
    State,
    Status,
)
from practices.models import Citation, Measure, SpectrumBand, SpectrumRange
from practices.partial_dates import PartialDate

CHUNK = 500  # measures read at a time: what an export of any length keeps in memory
LANGUAGES = [code for code, _name in settings.LANGUAGES]
TEXTS = ("title", "summary", "outcome")
POINTED_AT = ("country", "area", "organization", "beneficiary", "tag")
COLUMNS = {code: {name: f"{name}_{code.replace('-', '_')}" for name in TEXTS} for code in LANGUAGES}


class PartialDateField(serializers.CharField):
    """As precise as the sources and no more: ``2020``, ``2020-04`` or ``2020-04-17``; null where they do not say."""

    def __init__(self, **kwargs):
        super().__init__(**{"allow_null": True} | kwargs)

    def to_representation(self, value):
        return value.isoformat()


class NamedSerializer(serializers.Serializer):
    code = serializers.CharField(help_text="As parameters and addresses write it.")
    name = serializers.CharField(help_text="In English.")


class OrganizationReferenceSerializer(NamedSerializer):
    acronym = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(OrganizationKind.choices)


class RangeSerializer(serializers.Serializer):
    lower_mhz = serializers.FloatField()
    upper_mhz = serializers.FloatField()
    nominal = serializers.BooleanField(
        help_text="Whether the edges are not the source's but those that its label means."
    )
    basis = serializers.CharField(allow_blank=True, help_text="Where nominal edges come from.")


class BandSerializer(serializers.Serializer):
    role = serializers.ChoiceField(SpectrumRole.choices)
    label = serializers.CharField(help_text="As the source has it.")
    ranges = RangeSerializer(many=True)
    bandwidth = serializers.CharField(allow_blank=True)
    holder = serializers.CharField(allow_blank=True)
    terms = serializers.CharField(allow_blank=True)
    starts_on = PartialDateField()
    ends_on = PartialDateField()


class CitedSourceSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    url = serializers.URLField()
    title = serializers.CharField(help_text="In [brackets] where the page's own was not seen.")
    publisher = serializers.CharField()
    kind = serializers.ChoiceField(SourceKind.choices)
    language = serializers.CharField(help_text="ISO 639.")
    published_on = PartialDateField()
    archived_url = serializers.CharField(allow_blank=True)
    last_working_at = serializers.DateTimeField(allow_null=True, help_text="When its address was last seen working.")
    locator = serializers.CharField(allow_blank=True, help_text="Page or section.")
    note = serializers.CharField(allow_blank=True, help_text="What it supports.")


class MeasureSerializer(serializers.Serializer):
    """One measure. ``to_representation`` takes what ``measures_as_data`` yields, which has these fields already."""

    slug = serializers.CharField(help_text="Names the record for ever.")
    url = serializers.URLField(help_text="Its page.")
    title = serializers.CharField(help_text="In English where there is one, else in the first language that has one.")
    summary = serializers.CharField()
    outcome = serializers.CharField(allow_blank=True, help_text="Empty where no source says.")
    language = serializers.ChoiceField(LANGUAGES, help_text="That of the title.")
    translations = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField()), help_text="The texts in further languages, by code."
    )
    countries = NamedSerializer(many=True)
    areas = NamedSerializer(many=True, help_text="Groups of countries that acted, or for which it was done, as one.")
    scope = serializers.ChoiceField(Scope.choices)
    topic = NamedSerializer()
    measure_type = NamedSerializer()
    crisis = NamedSerializer()
    organizations = OrganizationReferenceSerializer(many=True)
    legal_nature = serializers.ChoiceField(LegalNature.choices, allow_null=True)
    beneficiaries = NamedSerializer(many=True)
    announced_on = PartialDateField()
    starts_on = PartialDateField()
    ends_on = PartialDateField(help_text="The last day on which it applies.")
    state = serializers.ChoiceField(State.choices, help_text="On the day of the answer, or on that of `as_of`.")
    evidence = serializers.ChoiceField(Evidence.choices)
    verified_on = serializers.DateField(
        allow_null=True, help_text="When an editor last checked it against its sources."
    )
    bands = BandSerializer(many=True)
    tags = NamedSerializer(many=True)
    sources = CitedSourceSerializer(many=True)
    published_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def to_representation(self, instance):
        return instance


def measures_as_data(catalogue, ids, day=None):
    """Yield the public measures with these ``ids``, in their order, as dicts with the fields of ``MeasureSerializer``.

    ``CHUNK`` measures are read at a time, by four queries. Values are what JSON has, and are only to be read: measures
    that point at the same record share its dict. ``state`` is that on ``day``, today by default. A measure that the
    database has no longer, or the catalogue does not have, is left out.
    """
    references = References(catalogue.records)
    for chunk in batched(ids, CHUNK):
        records, citations, bands = _records(chunk), _citations(chunk), _bands(chunk)
        for listed in catalogue.by_ids(chunk, day):
            if listed.pk in records:
                yield _data(references, listed, records[listed.pk], citations[listed.pk], bands[listed.pk])


def measure_as_data(catalogue, pk):
    """Return the public measure with the id ``pk`` as data; None where the catalogue has no such measure."""
    return next(measures_as_data(catalogue, [pk]), None)


class References(dict):
    """The data of records that measures point at, by the name of their kind and their id."""

    def __init__(self, records):
        self.records = records

    def __missing__(self, key):
        name, pk = key
        record = self.records[name].by_id[pk]
        if name == "tag":
            said = {"code": record.slug, "name": record.label_en or record.name}
        else:
            said = {"code": code_of(name, record), "name": record.name_en or record.name}
        if name == "organization":
            said |= {"acronym": record.acronym, "kind": record.kind}
        self[key] = said
        return said

    def of(self, name, records):
        """Return what is said of some ``records`` of a kind."""
        return [self[name, record.pk] for record in records]


def _data(references, listed, record, citations, bands):
    """Return the data of a ``ListedMeasure``, of its ``record`` in the database, and of what belongs to it there."""
    texts = {language: _texts(record, language) for language in LANGUAGES}
    language = next((code for code in ["en", *LANGUAGES] if texts[code].get("title")), "en")
    shown = {
        name: next((texts[code][name] for code in [language, *LANGUAGES] if name in texts[code]), "") for name in TEXTS
    }
    kind = listed.measure_type
    pointed_at = {name: references.of(name, listed.pointed_at(name)) for name in POINTED_AT}
    return {
        "slug": record["slug"],
        "url": _address_of(record["slug"]),
        **shown,
        "language": language,
        "translations": {code: texts[code] for code in LANGUAGES if code != language and texts[code]},
        "countries": pointed_at["country"],
        "areas": pointed_at["area"],
        "scope": record["scope"],
        "topic": references["topic", kind.topic_id],
        "measure_type": references["type", kind.pk],
        "crisis": references["crisis", listed.crisis.pk],
        "organizations": pointed_at["organization"],
        "legal_nature": record["legal_nature"] or None,
        "beneficiaries": pointed_at["beneficiary"],
        "announced_on": _date(record["announced"]),
        "starts_on": _date(record["starts"]),
        "ends_on": _date(record["ends"]),
        "state": listed.state,
        "evidence": listed.evidence,
        "verified_on": record["verified_on"] and record["verified_on"].isoformat(),
        "bands": bands,
        "tags": pointed_at["tag"],
        "sources": citations,
        "published_at": _time(record["published_at"]),
        "updated_at": _time(record["updated_at"]),
    }


def _address_of(slug):
    """The full address of a measure's page, in English, whatever language is being read."""
    before, after = _address_form()
    return f"{settings.SITE_URL}{before}{slug}{after}"


@cache
def _address_form():
    with translation.override("en"):
        return reverse("practices:measure_detail", args=["--"]).split("--")


def _texts(record, language):
    values = {name: record[column] for name, column in COLUMNS[language].items()}
    return {name: value for name, value in values.items() if value}


# Dicts and no models, and dates as numbers: an export spends its time here.


def _records(ids):
    """What is in the table of measures of those of ``ids`` that are public: dicts by id."""
    records = QuerySet(Measure).filter(pk__in=ids, status=Status.PUBLISHED).order_by()
    texts = [column for columns in COLUMNS.values() for column in columns.values()]
    fields = ("pk", "slug", "scope", "legal_nature", "verified_on", "published_at", "updated_at", *texts)
    dates = {name: _number(f"{name}_on") for name in ("announced", "starts", "ends")}
    return {record["pk"]: record for record in records.values(*fields, **dates)}


def _citations(ids):
    """The sources of each of the measures ``ids``: lists of dicts by id."""
    found = defaultdict(list)
    citations = Citation.objects.filter(measure__in=ids).order_by("position", "pk")
    names = ("url", "title", "publisher", "kind", "language", "archived_url", "last_working_at")
    for citation in citations.values(
        *("measure_id", "source_id", "locator", "note"),
        published=_number("source__published_on"),
        **{name: F(f"source__{name}") for name in names},
    ):
        found[citation["measure_id"]].append(
            {
                "id": citation["source_id"],
                "url": citation["url"],
                "title": citation["title"],
                "publisher": citation["publisher"],
                "kind": citation["kind"],
                "language": citation["language"],
                "published_on": _date(citation["published"]),
                "archived_url": citation["archived_url"],
                "last_working_at": _time(citation["last_working_at"]),
                "locator": citation["locator"],
                "note": citation["note"],
            }
        )
    return found


def _bands(ids):
    """The bands of each of the measures ``ids``: lists of dicts by id."""
    ranges = defaultdict(list)
    for edges in SpectrumRange.objects.filter(band__measure__in=ids).order_by("lower_mhz").values():
        ranges[edges["band_id"]].append(
            {
                "lower_mhz": float(edges["lower_mhz"]),
                "upper_mhz": float(edges["upper_mhz"]),
                "nominal": edges["nominal"],
                "basis": edges["basis"],
            }
        )
    found = defaultdict(list)
    bands = SpectrumBand.objects.filter(measure__in=ids).order_by("position", "pk")
    for band in bands.values(
        *("pk", "measure_id", "role", "label", "bandwidth", "holder", "terms"),
        starts=_number("starts_on"),
        ends=_number("ends_on"),
    ):
        found[band["measure_id"]].append(
            {
                "role": band["role"],
                "label": band["label"],
                "ranges": ranges[band["pk"]],
                "bandwidth": band["bandwidth"],
                "holder": band["holder"],
                "terms": band["terms"],
                "starts_on": _date(band["starts"]),
                "ends_on": _date(band["ends"]),
            }
        )
    return found


def _number(field):
    """A partial date as the number that it is stored as."""
    return Cast(field, IntegerField())


@lru_cache(maxsize=4096)
def _date(number):
    """The ISO text of a partial date that is stored as ``number``; None where there is none."""
    return PartialDate.from_number(number).isoformat() if number else None


def _time(value):
    """A time as ISO text in UTC; None where there is none."""
    return value and value.isoformat(timespec="seconds").replace("+00:00", "Z")
