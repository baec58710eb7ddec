"""Documents of the index, made from what the database has of published measures."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import batched, chain
from typing import Any

from django.db.models import IntegerField
from django.db.models.functions import Cast
from tantivy import Document

from practices.catalogue import schema
from practices.catalogue.analysis import OTHER_STEMS, STEMMERS, words
from practices.catalogue.names import LANGUAGES
from practices.catalogue.records import Records
from practices.catalogue.synonyms import synonyms_in
from practices.choices import Evidence, SourceKind, Status
from practices.models import Citation, Measure, SpectrumBand, SpectrumRange
from practices.partial_dates import PartialDate, day_number

BATCH_SIZE = 1000  # measures read at a time
LINKS = {
    "country": (Measure.countries.through, "measure_id", "country_id"),
    "area": (Measure.areas.through, "measure_id", "group_id"),
    "organization": (Measure.organizations.through, "measure_id", "organization_id"),
    "beneficiary": (Measure.beneficiaries.through, "measure_id", "beneficiary_id"),
    "tag": (Measure.tags.through, "content_object_id", "tag_id"),
}
TRANSLATED = ("title", "summary", "outcome")
COLUMNS = [f"{field}_{language}" for field in TRANSLATED for language in LANGUAGES]
MIN_SPELLED_CHARACTERS = 3
BETWEEN = " ¦ "  # stands between two texts, so that no phrase reaches across
NO_DATE = (1 << schema.ID_BITS) - 1  # sorts after every date


def documents(records: Records, ids: Iterable[int]) -> Iterator[Document]:
    """Yield the documents of those of the measures ``ids`` that are published."""
    for batch in batched(ids, BATCH_SIZE):
        yield from _documents(records, batch)


def published_ids() -> list[int]:
    """Return the ids of all published measures, the newest first: what is equally relevant is found in this order."""
    return list(Measure.objects.published().order_by(*Measure._meta.ordering).values_list("pk", flat=True))


def _documents(records: Records, ids: Iterable[int]) -> Iterator[Document]:
    measures, citations, bands, ranges = _measures(ids), _citations(ids), _bands(ids), _ranges(ids)
    links = {name: _links(name, ids) for name in LINKS}
    for pk in ids:
        if pk in measures:
            links_of_measure = {name: records[name].in_order(links[name][pk]) for name in LINKS}
            yield _measure(records, measures[pk], links_of_measure, citations[pk], bands[pk])
            for lower, upper in ranges[pk]:
                yield _band(pk, lower, upper)


def _measure(records: Records, measure: dict[str, Any], links: dict[str, list[int]], citations, bands) -> Document:
    pk = measure["pk"]
    values = _values(records, measure, links, citations)
    document = Document()
    document.add_text("key", str(pk))
    document.add_text("kind", schema.MEASURE)
    document.add_unsigned("id", pk)
    for name in schema.VALUES:
        for value in values[name]:
            document.add_text(name, str(value))
    _add_dates(document, measure)
    _add_texts(document, measure, citations, bands)
    row = {
        "id": pk,
        "slug": measure["slug"],
        "type": measure["measure_type_id"],
        "crisis": measure["crisis_id"],
        "legal": measure["legal_nature"],
        "evidence": values["evidence"][0],
        **links,
        **{name: measure[f"{name}_number"] or 0 for name in schema.DATES},
        **{name: _day(measure[field]) for name, field in DAYS.items()},
        **{field: _in_languages(measure, field) for field in ("title", "summary")},
    }
    document.add_bytes("row", json.dumps(row, ensure_ascii=False).encode())
    found_in = {
        "outcome": _in_languages(measure, "outcome"),
        "bands": [band["label"] for band in bands],
        "sources": [[c["source__title"], c["source__language"], c["source__publisher"]] for c in citations],
    }
    document.add_bytes("found_in", json.dumps(found_in, ensure_ascii=False).encode())
    return document


def _values(records: Records, measure, links, citations) -> dict[str, list]:
    """Return the values of every list parameter that the measure is found by."""
    countries = [records["country"].by_id[pk] for pk in links["country"]]
    groups = [group for pk in links["country"] for group in records.members.get(pk, ())]
    kind = records["type"].by_id[measure["measure_type_id"]]
    official = any(citation["source__kind"] == SourceKind.OFFICIAL for citation in citations)
    evidence = Evidence.OFFICIAL if official else Evidence.SEVERAL if len(citations) > 1 else Evidence.SINGLE
    announced = measure["announced_number"]
    return links | {
        "region": _distinct(country.itu_region for country in countries),
        "income": _distinct(country.income_group for country in countries if country.income_group),
        "group": _distinct(chain(groups, links["area"])),
        "topic": [kind.topic_id],
        "type": [kind.pk],
        "crisis": [measure["crisis_id"]],
        "actor": _distinct(records["organization"].by_id[pk].kind for pk in links["organization"]),
        "legal": [measure["legal_nature"]] if measure["legal_nature"] else [],
        "year": [announced // 10000] if announced else [],
        "evidence": [evidence.value],
        "verified": ["yes" if measure["verified_on"] else "no"],
        "source_language": _distinct(citation["source__language"] for citation in citations),
    }


def _add_texts(document: Document, measure, citations, bands) -> None:
    titles = [(words(text), language) for language, text in _in_languages(measure, "title").items()]
    summaries = [
        (words(text), language)
        for field in ("summary", "outcome")
        for language, text in _in_languages(measure, field).items()
    ]
    details = [(words(citation["source__title"]), citation["source__language"]) for citation in citations]
    details += [(words(citation["source__publisher"]), "") for citation in citations]
    details += [(words(band[name]), "en") for band in bands for name in ("label", "holder", "terms")]
    for name, texts in (("title", titles), ("summary", summaries), ("details", details)):
        for field, text in _by_field(name, texts):
            document.add_text(field, text)
    document.add_text("spelling", " ".join(_spelled(chain(titles, summaries))))


def _by_field(name: str, texts: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the fields that ``texts`` go to: pairs of words and their language. Those of a language are joined.

    Every text is in a field of stems, so that a search has to ask the plain one only for exact words.
    """
    fields: dict[str, list[str]] = defaultdict(list)
    for text, language in texts:
        if text:
            fields[name].append(text)
            stems = language if language in STEMMERS else OTHER_STEMS
            fields[f"{name}_{stems}"].append(text)
            if stems == "en" and name in schema.SYNONYMS and (synonyms := synonyms_in(text)):
                fields[f"{name}_en"].append(" ".join(synonyms))
    return [(field, BETWEEN.join(found)) for field, found in fields.items()]


def _band(pk: int, lower, upper) -> Document:
    document = Document()
    document.add_text("key", str(pk))
    document.add_text("kind", schema.BAND)
    document.add_unsigned("id", pk)
    document.add_unsigned("band_lower", int(lower * 1000))
    document.add_unsigned("band_upper", int(upper * 1000))
    return document


DAYS = {"confirmed": "confirmed_in_force_on", "review": "review_by"}


def _add_dates(document: Document, measure) -> None:
    pk = measure["pk"]
    for name in schema.DATES:
        if number := measure[f"{name}_number"]:
            date = PartialDate.from_number(number)
            document.add_unsigned(f"{name}_first", day_number(date.first_day))
            document.add_unsigned(f"{name}_last", day_number(date.last_day))
    for name, field in DAYS.items():
        if day := _day(measure[field]):
            document.add_unsigned(name, day)
    announced = measure["announced_number"]
    document.add_unsigned(schema.NEWEST, (announced or 0) << schema.ID_BITS | pk)
    document.add_unsigned(schema.OLDEST, (announced or NO_DATE) << schema.ID_BITS | pk)
    document.add_unsigned(schema.UPDATED, int(measure["updated_at"].timestamp()) << schema.ID_BITS | pk)


def _day(day) -> int:
    return day_number(day) if day else 0


def _distinct(values: Iterable) -> list:
    return list(dict.fromkeys(values))


def _in_languages(measure, field: str) -> dict[str, str]:
    texts = ((language, measure[f"{field}_{language}"]) for language in LANGUAGES)
    return {language: text for language, text in texts if text}


def _spelled(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Return the words that somebody may misspell, each once."""
    found = {word for text, _language in texts for word in text.split()}
    return sorted(word for word in found if len(word) >= MIN_SPELLED_CHARACTERS and word.isalpha())


# What the database has. Values and no models, since the index of a large catalogue is made of them.


def _measures(ids) -> dict[int, dict[str, Any]]:
    # Straight from the columns: through the model, each text would be what it falls back to.
    fields = ("pk", "slug", "measure_type_id", "crisis_id", "legal_nature", "verified_on", "updated_at", *DAYS.values())
    numbers = {f"{name}_number": Cast(f"{name}_on", IntegerField()) for name in schema.DATES}
    measures = Measure.objects.filter(pk__in=ids, status=Status.PUBLISHED).order_by()
    return {measure["pk"]: measure for measure in measures.values(*fields, *COLUMNS, **numbers)}


def _links(name: str, ids) -> dict[int, list[int]]:
    through, measure, linked = LINKS[name]
    found: dict[int, list[int]] = defaultdict(list)
    rows = through.objects.filter(**{f"{measure}__in": ids}).order_by("pk").values_list(measure, linked)
    for pk, value in rows:
        found[pk].append(value)
    return found


def _grouped(rows: Iterable[dict]) -> dict[int, list[dict]]:
    found: dict[int, list[dict]] = defaultdict(list)
    for row in rows:
        found[row["measure_id"]].append(row)
    return found


def _citations(ids):
    citations = Citation.objects.filter(measure__in=ids).order_by("position", "pk")
    fields = ("source_id", "source__kind", "source__language", "source__title", "source__publisher")
    return _grouped(citations.values("measure_id", *fields))


def _bands(ids):
    bands = SpectrumBand.objects.filter(measure__in=ids).order_by("position", "pk")
    return _grouped(bands.values("measure_id", "label", "holder", "terms"))


def _ranges(ids) -> dict[int, list[tuple]]:
    found: dict[int, list[tuple]] = defaultdict(list)
    ranges = SpectrumRange.objects.filter(band__measure__in=ids).order_by("pk")
    for pk, lower, upper in ranges.values_list("band__measure_id", "lower_mhz", "upper_mhz"):
        found[pk].append((lower, upper))
    return found
