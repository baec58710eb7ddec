"""What the tables of files have: their columns, and what a column says of a measure, a citation or a record.

Spreadsheets, CSV files and releases have the same ones, and describe them with the same words.
"""

from collections.abc import Callable
from operator import itemgetter
from typing import NamedTuple

from django.conf import settings
from django.utils import translation

from practices.choices import (
    EVIDENCE_DEFINITIONS,
    LEGAL_NATURE_DEFINITIONS,
    STATE_DEFINITIONS,
    CrisisKind,
    Evidence,
    LegalNature,
    OrganizationKind,
    Scope,
    SourceKind,
    SpectrumRole,
    State,
)
from practices.models import Organization


class Column(NamedTuple):
    """One column. ``kind`` says what ``value`` gives: ``text``, ``list`` (of texts), ``date`` (partial, ISO), ``time``
    (ISO, UTC), ``number`` or ``yes-no``; None where nothing is stated."""

    name: str
    description: str
    value: Callable
    kind: str = "text"


class Table(NamedTuple):
    """``key`` names the columns that tell rows apart; ``links``, by column, the tables whose key it has."""

    name: str
    title: str
    columns: list
    key: tuple = ()
    links: dict = {}


def _own(name, description, kind="text"):
    return Column(name, description, itemgetter(name), kind)


def _inner(name, within, key, description):
    return Column(name, description, lambda measure: measure[within][key])


def _each(name, within, key, description):
    return Column(name, description, lambda measure: [item[key] for item in measure[within]], "list")


def _attribute(name, description, kind="text"):
    return Column(name, description, lambda record: getattr(record, name), kind)


def band_in_words(band):
    """A band on one line: ``granted 700 MHz (703–733 MHz), 2 × 30 MHz, Operator, until 2020-12``."""
    edges = ", ".join(
        f"{edges['lower_mhz']:g}–{edges['upper_mhz']:g} MHz{' nominal' if edges['nominal'] else ''}"
        for edges in band["ranges"]
    )
    dates = [f"{word} {band[name]}" for word, name in (("from", "starts_on"), ("until", "ends_on")) if band[name]]
    head = f"{band['role']} {band['label']}" + (f" ({edges})" if edges else "")
    return ", ".join(filter(None, [head, band["bandwidth"], band["holder"], band["terms"], " ".join(dates)]))


def _country(name, description):
    return Column(name, description, lambda record: (country := getattr(record, name)) and country.code)


def joined(values):
    """Several values as one text. A semicolon and a space part them, which within a value become a comma and one."""
    return "; ".join(value.replace("; ", ", ") for value in values)


def note_in_words(source):
    """Where in the source, and what it supports."""
    return ": ".join(filter(None, [source["locator"], source["note"]]))


MEASURES = Table(
    "measures",
    "Measures: one row each",
    [
        _own("slug", "Names the record for ever; stands in its address."),
        _own("url", "Its page."),
        _own("title", "In English where there is one, else in the first language that has one."),
        _own("summary", "What was done, by whom, for whom and on what terms, as the sources have it."),
        _own("outcome", "What came of it. Empty where no source says."),
        _own("language", "That of the title."),
        _each("countries", "countries", "code", "ISO 3166-1 alpha-3, in small letters."),
        _each("country_names", "countries", "name", "In the order of countries."),
        _each("areas", "areas", "code", "Groups of countries that acted, or for which it was done, as one."),
        _each("area_names", "areas", "name", "In the order of areas."),
        _own("scope", "Part of a country, national, several countries or worldwide."),
        _inner("topic", "topic", "code", "Code of the topic; the codebook defines it."),
        _inner("topic_name", "topic", "name", "In English."),
        _inner("measure_type", "measure_type", "code", "Code of the type of measure; the codebook defines it."),
        _inner("measure_type_name", "measure_type", "name", "In English."),
        _inner("crisis", "crisis", "code", "Code of the crisis."),
        _inner("crisis_name", "crisis", "name", "In English."),
        _each("organizations", "organizations", "code", "Who took part."),
        _each("organization_names", "organizations", "name", "In the order of organizations."),
        _own("legal_nature", "Empty where the sources do not say."),
        _each("beneficiaries", "beneficiaries", "code", "Whom it is for; the codebook defines them."),
        _own("announced_on", "As precise as the sources: 2020, 2020-04 or 2020-04-17.", "date"),
        _own("starts_on", "As precise as the sources. Empty where they do not say.", "date"),
        _own("ends_on", "The last day on which it applies, as precise as the sources.", "date"),
        _own("state", "Whether it applied on the day of the file, or of as_of, as far as its dates prove it."),
        _own("evidence", "How well it is sourced."),
        _own("verified_on", "When an editor last checked it against its sources. Empty: nobody has yet.", "date"),
        Column(
            "spectrum",
            "Bands, in words. The bands table has their edges.",
            lambda measure: map(band_in_words, measure["bands"]),
            "list",
        ),
        _each("tags", "tags", "code", "Further key words."),
        _each("source_urls", "sources", "url", "The pages that it rests on."),
        _each("source_titles", "sources", "title", "In the order of source_urls. In [brackets]: not the page's own."),
        _each("source_publishers", "sources", "publisher", "In the order of source_urls."),
        Column(
            "source_notes",
            "Where in each source, and what it supports, in the order of source_urls.",
            lambda measure: map(note_in_words, measure["sources"]),
            "list",
        ),
        _own("published_at", "When the record became public.", "time"),
        _own("updated_at", "When it was last changed.", "time"),
    ],
    key=("slug",),
)

CITATIONS = Table(
    "citations",
    "Citations: one row for each source of each measure",
    [
        _own("measure", "Slug of the measure that rests on the source."),
        _own("id", "Number of the source in the catalogue.", "number"),
        _own("url", "Its address."),
        _own("title", "As published. In [brackets] where the page's own title was not seen."),
        _own("publisher", "Who published it."),
        _own("kind", "Official publication, operator's own statement, news report, or report."),
        _own("language", "ISO 639."),
        _own("published_on", "As precise as the source.", "date"),
        _own("archived_url", "Address of a copy that is kept."),
        _own("last_working_at", "When its address was last seen working.", "time"),
        _own("locator", "Page or section."),
        _own("note", "What it supports."),
    ],
    key=("measure", "id"),
    links={"measure": MEASURES},
)

BANDS = Table(
    "bands",
    "Spectrum bands: one row for each range of each band of a measure",
    [
        _own("measure", "Slug of the measure."),
        _own("band", "Number of the band within the measure, from 1.", "number"),
        _own("role", "Whether the band was granted, extended or shared, or is only what the measure is about."),
        _own("label", "As the source has it."),
        _own(
            "lower_mhz",
            "Lower edge of the range. Empty where nobody gives one.",
            "number",
        ),
        _own("upper_mhz", "Upper edge of the range.", "number"),
        _own("nominal", "Whether the edges are not the source's but those that its label means.", "yes-no"),
        _own("basis", "Where nominal edges come from."),
        _own("bandwidth", "As the source has it."),
        _own("holder", "Who may use it."),
        _own("terms", "On what terms."),
        _own("starts_on", "As precise as the sources.", "date"),
        _own("ends_on", "As precise as the sources.", "date"),
    ],
    links={"measure": MEASURES},
)

CODEBOOK = Table(
    "codebook",
    "Codebook: what every code means",
    [
        _own("column", "Which column has the code."),
        _own("code", "As files and addresses write it."),
        _own("name", "In English."),
        _own("definition", "What belongs under it."),
        _own("part_of", "For a type of measure, its topic."),
    ],
    key=("column", "code"),
)

COUNTRIES = Table(
    "countries",
    "Countries and territories",
    [
        _attribute("code", "As the measures table has it: ISO 3166-1 alpha-3, in small letters."),
        _attribute("iso2", "ISO 3166-1 alpha-2."),
        _attribute("iso3", "ISO 3166-1 alpha-3."),
        _attribute("m49", "Code of the United Nations' M49. Empty where it has none."),
        *(_attribute(f"name_{code.replace('-', '_')}", f"Language {code}.") for code, _name in settings.LANGUAGES),
        _attribute("itu_status", "Member State, or what else it is to the ITU."),
        _attribute("itu_region", "Region of the ITU's Development Bureau."),
        _attribute("radio_region", "Region of the Radio Regulations: 1, 2 or 3.", "number"),
        _attribute("un_region", "Region of the United Nations' M49."),
        _attribute("un_subregion", "Subregion of the same."),
        _attribute("income_group", "World Bank. Empty: not classified."),
        Column(
            "groups",
            "Codes of the groups that it is a member of.",
            lambda country: sorted(group.code for group in country.groups.all()),
            "list",
        ),
    ],
    key=("code",),
)

ORGANIZATIONS = Table(
    "organizations",
    "Organizations that acted, and regulators",
    [
        _attribute("slug", "As the measures table has it."),
        _attribute("name", "In English where there is one."),
        _attribute("acronym", "As it calls itself."),
        _attribute("kind", "Regulator, ministry, operator and so on."),
        _country("country", "Code of its country. Empty for an international body."),
        _country("regulator_of", "Code of the country whose regulator it is."),
        _attribute("url", "Its website."),
    ],
    key=("slug",),
    links={"country": COUNTRIES},
)


def citations_of(measure):
    """The rows of ``CITATIONS`` for a measure as data."""
    return [{"measure": measure["slug"], **source} for source in measure["sources"]]


NO_EDGES = {"lower_mhz": None, "upper_mhz": None, "nominal": None, "basis": ""}


def bands_of(measure):
    """The rows of ``BANDS`` for a measure as data. A band whose edges nobody knows has one row."""
    return [
        {"measure": measure["slug"], "band": number, **band, **edges}
        for number, band in enumerate(measure["bands"], start=1)
        for edges in band["ranges"] or [NO_EDGES]
    ]


# The closed sets of values, by the column that has them, with their definitions where there are any.
CLOSED = {
    "scope": (Scope, {}),
    "legal_nature": (LegalNature, LEGAL_NATURE_DEFINITIONS),
    "state": (State, STATE_DEFINITIONS),
    "evidence": (Evidence, EVIDENCE_DEFINITIONS),
    "organization.kind": (OrganizationKind, {}),
    "source.kind": (SourceKind, {}),
    "band.role": (SpectrumRole, {}),
    "crisis.kind": (CrisisKind, {}),
}


def codebook(records):
    """Return the rows of ``CODEBOOK`` from the ``Records`` of a catalogue."""
    with translation.override("en"):
        return [
            *(_coded("topic", topic) for topic in records["topic"].all),
            *(_coded("measure_type", kind, kind.topic.code) for kind in records["type"].all),
            *(_coded("beneficiaries", group) for group in records["beneficiary"].all),
            *(
                _code("crisis", crisis.slug, crisis.name_en or crisis.name, crisis.description_en or crisis.description)
                for crisis in sorted(records["crisis"].all, key=lambda crisis: crisis.slug)
            ),
            *(
                _code(column, value, str(label), str(definitions.get(value, "")))
                for column, (choices, definitions) in CLOSED.items()
                for value, label in choices.choices
            ),
        ]


def _coded(column, record, part_of=""):
    return _code(column, record.code, record.name_en or record.name, record.definition_en or record.definition, part_of)


def _code(column, code, name, definition, part_of=""):
    return {"column": column, "code": code, "name": name, "definition": definition, "part_of": part_of}


def organizations():
    """The records of ``ORGANIZATIONS``: those that the public may know of."""
    return Organization.objects.public().select_related("country", "regulator_of").order_by("slug")
