"""A public measure as data. Each public field is named here, once: every face of the catalogue calls it the same."""

from collections import defaultdict
from functools import cache, lru_cache
from itertools import batched

import numpy as np
from django.conf import settings
from django.db.models import F, IntegerField, QuerySet
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import translation
from rest_framework import serializers

from practices.catalogue.reading import CHOICES
from practices.catalogue.snapshot import code_of
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


def measures_as_data(snapshot, rows, *, day=None):
    """The measures of ``rows`` (an int array, in any order) as dicts with the fields of ``MeasureSerializer``.

    A generator that reads ``CHUNK`` at a time, whatever their number, by four queries each. Values are what JSON has,
    and are only to be read: measures that point at the same record share its dict. ``state`` is that on ``day``, today
    by default. A measure that was withdrawn since the snapshot is left out.
    """
    states = (snapshot.state_on(day) if day else snapshot.column("state")).values
    references = References(snapshot)
    for chunk in batched(rows.tolist(), CHUNK):
        ids = snapshot.ids[list(chunk)].tolist()
        records, citations, bands = _records(ids), _citations(ids), _bands(ids)
        for row, pk in zip(chunk, ids, strict=True):
            if pk in records:
                state = CHOICES["state"][states[row]]
                yield _data(snapshot, references, row, records[pk], state, citations[pk], bands[pk])


def measure_as_data(snapshot, pk):
    """The public measure with the id ``pk`` as data; None where the snapshot has no such measure."""
    rows = snapshot.rows_of(np.array([pk], np.int64))
    return next(measures_as_data(snapshot, rows), None)


class References(dict):
    """What measures say of a record that they point at, by the name of the column and the record's place in it."""

    def __init__(self, snapshot):
        self.snapshot = snapshot

    def __missing__(self, key):
        name, place = key
        record = self.snapshot.records[name][place]
        if name == "tag":
            said = {"code": record.slug, "name": record.label_en or record.name}
        else:
            said = {"code": code_of(name, record), "name": record.name_en or record.name}
        if name == "organization":
            said |= {"acronym": record.acronym, "kind": record.kind}
        self[key] = said
        return said

    def of(self, name, row):
        return [self[name, place] for place in self.snapshot.columns[name].of(row)]


def _data(snapshot, references, row, record, state, citations, bands):
    texts = {language: _texts(record, language) for language in LANGUAGES}
    language = next((code for code in ["en", *LANGUAGES] if texts[code].get("title")), "en")
    shown = {
        name: next((texts[code][name] for code in [language, *LANGUAGES] if name in texts[code]), "") for name in TEXTS
    }
    (kind,), (crisis,), (topic,) = (references.of(name, row) for name in ("type", "crisis", "topic"))
    return {
        "slug": record["slug"],
        "url": _address_of(record["slug"]),
        **shown,
        "language": language,
        "translations": {code: texts[code] for code in LANGUAGES if code != language and texts[code]},
        "countries": references.of("country", row),
        "areas": references.of("area", row),
        "scope": record["scope"],
        "topic": topic,
        "measure_type": kind,
        "crisis": crisis,
        "organizations": references.of("organization", row),
        "legal_nature": record["legal_nature"] or None,
        "beneficiaries": references.of("beneficiary", row),
        "announced_on": _date(record["announced"]),
        "starts_on": _date(record["starts"]),
        "ends_on": _date(record["ends"]),
        "state": state,
        "evidence": CHOICES["evidence"][snapshot.columns["evidence"].values[row]],
        "verified_on": record["verified_on"] and record["verified_on"].isoformat(),
        "bands": bands,
        "tags": references.of("tag", row),
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
