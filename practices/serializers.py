"""A public measure as data. Each public field is named here, once: every face of the catalogue calls it the same."""

from collections import defaultdict
from itertools import batched

import numpy as np
from django.conf import settings
from rest_framework import serializers

from practices.catalogue.reading import CHOICES
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

CHUNK = 500  # measures read at a time: what an export of any length keeps in memory
LANGUAGES = [code for code, _name in settings.LANGUAGES]
TEXTS = ("title", "summary", "outcome")


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

    A generator that reads ``CHUNK`` at a time, whatever their number, by four queries each. Values are what JSON has.
    ``state`` is that on ``day``, today by default. A measure that was withdrawn since the snapshot is left out.
    """
    states = (snapshot.state_on(day) if day else snapshot.column("state")).values
    for chunk in batched(rows.tolist(), CHUNK):
        ids = snapshot.ids[list(chunk)].tolist()
        records = {measure.pk: measure for measure in Measure.objects.filter(pk__in=ids, status=Status.PUBLISHED)}
        citations, bands = _citations(ids), _bands(ids)
        for row, pk in zip(chunk, ids, strict=True):
            if pk in records:
                yield _data(snapshot, row, records[pk], CHOICES["state"][states[row]], citations[pk], bands[pk])


def measure_as_data(snapshot, pk):
    """The public measure with the id ``pk`` as data; None where the snapshot has no such measure."""
    rows = snapshot.rows_of(np.array([pk], np.int64))
    return next(measures_as_data(snapshot, rows), None)


def _data(snapshot, row, measure, state, citations, bands):
    texts = {language: _texts(measure, language) for language in LANGUAGES}
    language = next((code for code in ["en", *LANGUAGES] if texts[code].get("title")), "en")
    shown = {
        name: next((texts[code][name] for code in [language, *LANGUAGES] if name in texts[code]), "") for name in TEXTS
    }
    (kind,) = snapshot.records_of("type", row)
    (crisis,) = snapshot.records_of("crisis", row)
    (topic,) = snapshot.records_of("topic", row)
    return {
        "slug": measure.slug,
        "url": f"{settings.SITE_URL}{measure.get_absolute_url()}",
        **shown,
        "language": language,
        "translations": {code: texts[code] for code in LANGUAGES if code != language and texts[code]},
        "countries": [_named(country, country.code) for country in snapshot.records_of("country", row)],
        "areas": [_named(area, area.code) for area in snapshot.records_of("area", row)],
        "scope": measure.scope,
        "topic": _named(topic, topic.code),
        "measure_type": _named(kind, kind.code),
        "crisis": _named(crisis, crisis.slug),
        "organizations": [
            {**_named(body, body.slug), "acronym": body.acronym, "kind": body.kind}
            for body in snapshot.records_of("organization", row)
        ],
        "legal_nature": measure.legal_nature or None,
        "beneficiaries": [_named(group, group.code) for group in snapshot.records_of("beneficiary", row)],
        "announced_on": _date(measure.announced_on),
        "starts_on": _date(measure.starts_on),
        "ends_on": _date(measure.ends_on),
        "state": state,
        "evidence": CHOICES["evidence"][snapshot.columns["evidence"].values[row]],
        "verified_on": _date(measure.verified_on),
        "bands": bands,
        "tags": [{"code": tag.slug, "name": tag.label_en or tag.name} for tag in snapshot.records_of("tag", row)],
        "sources": citations,
        "published_at": _time(measure.published_at),
        "updated_at": _time(measure.updated_at),
    }


def _texts(measure, language):
    values = {name: getattr(measure, f"{name}_{language.replace('-', '_')}") for name in TEXTS}
    return {name: value for name, value in values.items() if value}


def _named(record, code):
    return {"code": code, "name": record.name_en or record.name}


def _citations(ids):
    """The sources of each of the measures ``ids``: lists of dicts by id."""
    found = defaultdict(list)
    citations = Citation.objects.filter(measure__in=ids).select_related("source").order_by("position", "pk")
    for citation in citations:
        source = citation.source
        found[citation.measure_id].append(
            {
                "id": source.pk,
                "url": source.url,
                "title": source.title,
                "publisher": source.publisher,
                "kind": source.kind,
                "language": source.language,
                "published_on": _date(source.published_on),
                "archived_url": source.archived_url,
                "last_working_at": _time(source.last_working_at),
                "locator": citation.locator,
                "note": citation.note,
            }
        )
    return found


def _bands(ids):
    """The bands of each of the measures ``ids``: lists of dicts by id."""
    ranges = defaultdict(list)
    for edges in SpectrumRange.objects.filter(band__measure__in=ids).order_by("lower_mhz"):
        ranges[edges.band_id].append(
            {
                "lower_mhz": float(edges.lower_mhz),
                "upper_mhz": float(edges.upper_mhz),
                "nominal": edges.nominal,
                "basis": edges.basis,
            }
        )
    found = defaultdict(list)
    for band in SpectrumBand.objects.filter(measure__in=ids).order_by("position", "pk"):
        found[band.measure_id].append(
            {
                "role": band.role,
                "label": band.label,
                "ranges": ranges[band.pk],
                "bandwidth": band.bandwidth,
                "holder": band.holder,
                "terms": band.terms,
                "starts_on": _date(band.starts_on),
                "ends_on": _date(band.ends_on),
            }
        )
    return found


def _date(value):
    """A date, a partial one or not, as ISO text; None where there is none."""
    return value.isoformat() if value else None


def _time(value):
    """A time as ISO text in UTC; None where there is none."""
    return value and value.isoformat(timespec="seconds").replace("+00:00", "Z")
