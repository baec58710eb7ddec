"""Loading reference data: countries, groups, the codebook, crises, organizations and sources."""

import json
from pathlib import Path

from django.db import transaction

from countries.choices import GroupKind, IncomeGroup, ItuRegion, ItuStatus, RadioRegion
from countries.models import Country, Group
from practices.choices import CrisisKind, OrganizationKind, SourceKind
from practices.importers.checking import Checker, Fault, Refused, records_of
from practices.importers.loading import Ledger, Report, digest_of
from practices.models import Beneficiary, Crisis, MeasureType, Organization, Source, Topic
from practices.models.source import normalise_url

COUNTRIES_DATA = Path(__file__).resolve().parents[2] / "countries" / "data"
PRACTICES_DATA = Path(__file__).resolve().parents[1] / "data"
LANGUAGES = {"en": "en", "fr": "fr", "es": "es", "ru": "ru", "ar": "ar", "zh": "zh_hans"}
# The UN's categories of countries, by the flag that a country's record carries.
CATEGORIES = {
    "ldc": "Least developed countries",
    "lldc": "Landlocked developing countries",
    "sids": "Small island developing States",
    "sids_associate": "Small island developing States: associate members of UN regional commissions",
}


def read_json(path):
    """The content of a JSON file; ``Refused`` with what is wrong with it."""
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refused([Fault(str(path), "(the file)", str(error), "a JSON file in UTF-8 is needed")]) from None


def load_reference(countries_data=COUNTRIES_DATA, practices_data=PRACTICES_DATA, progress=lambda text: None):
    """Load the reference files of the two folders in one transaction and return a ``Report``.

    Raises ``Refused`` with every fault of every file, and nothing is written.
    """
    faults, report = [], Report()

    def read(folder, name):
        try:
            return read_json(folder / name)
        except Refused as error:
            faults.extend(error.faults)
            return []

    with transaction.atomic():
        countries = read(countries_data, "countries.json")
        groups = [*read(countries_data, "groups.json"), *_groups_of(countries)]
        radio_regions = (read(countries_data, "radio_regions.json") or {"regions": {}})["regions"]
        topics = read(practices_data, "vocabulary.json")
        steps = [
            (Country, "iso3", "country", countries, lambda c: _country(c, radio_regions)),
            (Group, "code", "group", groups, lambda c: _group(c, _by(Country, "iso3"))),
            (Topic, "code", "topic", _numbered(topics), lambda c: _code(c, "measure_types")),
            (MeasureType, "code", "measure type", _types_of(topics), lambda c: _type(c, _by(Topic, "code"))),
            (Beneficiary, "code", "beneficiary", _numbered(read(practices_data, "beneficiaries.json")), _code),
            (Crisis, "slug", "crisis", read(practices_data, "crises.json"), _crisis),
            (
                Organization,
                "slug",
                "organization",
                read(practices_data, "organizations.json"),
                lambda c: _organization(c, _by(Country, "iso3"), regulators),
            ),
            (Source, "url", "source", read(practices_data, "sources.json"), _source),
        ]
        regulators = {
            record["regulator"]: (record["iso3"], bool(record.get("regulator_url_seen")))
            for record in countries
            if isinstance(record, dict) and record.get("regulator")
        }
        for model, key_field, name, data, check in steps:
            progress(f"{name}: {len(data):,} records")
            _load(model, key_field, name, data, check, faults, report)
        _set_administrators(countries)
        if faults:
            raise Refused(faults)
    return report


def _load(model, key_field, name, data, check, faults, report):
    ledger, loaded = Ledger(name), []
    existing = {getattr(obj, key_field): obj for obj in model.objects.all()}
    for key, record in records_of(data, name, key_field, faults):
        faults_before = len(faults)
        fields, relations = check(Checker(f"{name} {key}", record, faults))
        if len(faults) > faults_before:
            continue  # the load is refused in the end; it goes on to find the other faults
        stored_key = normalise_url(key) if model is Source else key
        obj = existing.get(stored_key)
        digest = digest_of(record, {k: str(v) for k, v in fields.items()})
        if obj and ledger.has(key, digest):
            report.add(name, "unchanged")
            continue
        report.add(name, "changed" if obj else "created")
        obj = obj or model()
        for field, value in fields.items():
            setattr(obj, field, value)
        obj.save()
        existing[stored_key] = obj
        for field, objects in relations.items():
            getattr(obj, field).set(objects)
        loaded.append((key, digest))
    ledger.write(loaded)


def _by(model, field):
    return {getattr(obj, field): obj for obj in model.objects.all()}


def _numbered(records):
    """Records with their place in the file as ``position``, counted from 1."""
    return [
        record | {"position": number} if isinstance(record, dict) else record
        for number, record in enumerate(records, start=1)
    ]


def _types_of(topics):
    return [
        kind | {"position": number, "topic": topic.get("code")}
        for topic in topics
        if isinstance(topic, dict)
        for number, kind in enumerate(topic.get("measure_types", []), start=1)
        if isinstance(kind, dict)
    ]


def _groups_of(countries):
    """The groups that the countries' own records make: the UN's categories, and the world."""
    records = [record for record in countries if isinstance(record, dict)]
    groups = [
        {
            "code": flag.replace("_", "-"),
            "name": name,
            "kind": GroupKind.UN_CATEGORY.value,
            "members": [record.get("iso3") for record in records if record.get(flag) is True],
        }
        for flag, name in CATEGORIES.items()
    ]
    members = [record.get("iso3") for record in records]
    return [*groups, {"code": "world", "name": "World", "kind": GroupKind.WORLD.value, "members": members}]


def _country(c, radio_regions):
    c.only(
        *("iso2", "iso3", "m49", "names", "itu_status", "itu_region", "itu_region_basis", "administered_by"),
        *("codes_user_assigned", "un_region", "un_subregion", "un_intermediate_region", "income_group"),
        *("ldc", "lldc", "sids", "sids_associate", "capital", "capital_name", "point_kind"),
        *("regulator", "regulator_url_seen"),
    )
    names = c.record.get("names")
    if not isinstance(names, dict) or not names.get("en") or names.keys() - LANGUAGES.keys():
        c.fault("names", f"names by language ({', '.join(LANGUAGES)}), English among them, are needed")
        names = {}
    point = c.record.get("capital")
    if (
        not isinstance(point, list)
        or len(point) != 2
        or not all(isinstance(number, (int, float)) and not isinstance(number, bool) for number in point)
        or not (-180 <= point[0] <= 180 and -90 <= point[1] <= 90)
    ):
        c.fault("capital", "[longitude, latitude] in degrees is needed")
        point = [0, 0]
    region = radio_regions.get(c.record["iso3"])
    if region not in RadioRegion.values:
        c.fault("radio region", "a Region 1, 2 or 3 in radio_regions.json is needed", region)
    for flag in CATEGORIES:
        c.flag(flag)
    return {
        "iso2": c.text("iso2", max_length=2),
        "iso3": c.text("iso3", max_length=3),
        "m49": c.text("m49", max_length=3, required=False),
        **{f"name_{LANGUAGES[language]}": name for language, name in names.items()},
        "itu_status": c.choice("itu_status", ItuStatus.values),
        "itu_region": (c.choice("itu_region", {value.upper() for value in ItuRegion.values}) or "").lower(),
        "itu_region_basis": c.text("itu_region_basis", max_length=40),
        "radio_region": region,
        "codes_user_assigned": c.flag("codes_user_assigned"),
        "un_region": c.text("un_region", max_length=40),
        "un_subregion": c.text("un_subregion", max_length=60, required=False),
        "un_intermediate_region": c.text("un_intermediate_region", max_length=60, required=False),
        "income_group": c.choice("income_group", IncomeGroup.values, required=False),
        "capital_name": c.text("capital_name", max_length=80, required=False),
        "longitude": point[0],
        "latitude": point[1],
        "point_kind": c.text("point_kind", max_length=20),
    }, {}


def _set_administrators(countries):
    """Point territories at the countries that administer them, once all countries are there."""
    known = _by(Country, "iso3")
    for record in countries:
        if isinstance(record, dict) and record.get("iso3") in known:
            country, administrator = known[record["iso3"]], known.get(record.get("administered_by"))
            if country.administered_by != administrator:
                country.administered_by = administrator
                country.save(update_fields=["administered_by"])


def _group(c, countries):
    c.only("code", "name", "kind", "members")
    return {
        "code": c.slug("code", max_length=40),
        "name_en": c.text("name", max_length=100),
        "kind": c.choice("kind", GroupKind.values),
    }, {"members": c.many("members", countries)}


def _code(c, *also):
    c.only("code", "name", "definition", "position", *also)
    return {
        "code": c.slug("code", max_length=50),
        "name_en": c.text("name", max_length=80),
        "definition_en": c.text("definition"),
        "position": c.record["position"],
    }, {}


def _type(c, topics):
    fields, relations = _code(c, "topic")
    return fields | {"topic": c.one("topic", topics)}, relations


def _crisis(c):
    c.only("slug", "name", "kind", "started_on", "ended_on", "description")
    started, ended = c.partial_date("started_on", required=True), c.partial_date("ended_on")
    c.end("ended_on", ended, "started_on", started)
    return {
        "slug": c.slug("slug", max_length=100),
        "name_en": c.text("name", max_length=120),
        "kind": c.choice("kind", CrisisKind.values),
        "started_on": started,
        "ended_on": ended,
        "description_en": c.text("description", required=False),
    }, {}


def _organization(c, countries, regulators):
    c.only("slug", "name", "acronym", "kind", "country", "url")
    iso3, url_seen = regulators.get(c.record["slug"], (None, False))
    return {
        "slug": c.slug("slug", max_length=100),
        "name_en": c.text("name", max_length=200),
        "acronym": c.text("acronym", max_length=40, required=False),
        "kind": c.choice("kind", OrganizationKind.values),
        "country": c.one("country", countries, required=False),
        "regulator_of": countries.get(iso3),
        "url": c.url("url", max_length=500, required=False),
        "url_seen": url_seen,
    }, {}


def _source(c):
    c.only("url", "title", "publisher", "kind", "language", "published_on")
    return {
        "url": normalise_url(c.url("url", max_length=1000) or ""),
        "title": c.text("title", max_length=500),
        "publisher": c.text("publisher", max_length=200),
        "kind": c.choice("kind", SourceKind.values),
        "language": c.text("language", max_length=10),
        "published_on": c.partial_date("published_on"),
    }, {}
