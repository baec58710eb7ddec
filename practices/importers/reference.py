"""Loading reference data: countries, groups, the codebook, crises, organizations, sources and tags' labels."""

from collections import Counter
from functools import partial
from pathlib import Path

from django.db import transaction
from django.db.models import Model

from countries.choices import GroupKind, IncomeGroup, ItuRegion, ItuStatus, RadioRegion
from countries.models import Country, Group
from practices.choices import CrisisKind, OrganizationKind, SourceKind
from practices.importers.checking import Checker, Fault, Refused, records_of, wrong_with
from practices.importers.loading import KINDS, Ledger, Report, digest_of, known
from practices.importers.reading import read_json
from practices.models import Beneficiary, Crisis, MeasureType, Organization, Source, Tag, Topic
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


def load_reference(countries_data=COUNTRIES_DATA, practices_data=PRACTICES_DATA, progress=lambda text: None):
    """Load the reference files of the two folders in one transaction and return a ``Report``.

    Raises ``Refused`` with every fault of every file, and nothing is written.
    """
    faults, report = [], Report()

    def read(folder, name, kind=list):
        try:
            content = read_json(folder / name)
        except Refused as error:
            faults.extend(error.faults)
            return kind()
        if isinstance(content, kind):
            return content
        needed = "a list in square brackets" if kind is list else "an object in curly brackets"
        faults.append(Fault(str(folder / name), "(the file)", type(content).__name__, f"{needed} is needed"))
        return kind()

    with transaction.atomic():
        countries = read(countries_data, "countries.json")
        groups = [*read(countries_data, "groups.json"), *_groups_of(countries)]
        radio_regions = read(countries_data, "radio_regions.json", dict).get("regions")
        if not isinstance(radio_regions, dict):
            faults.append(
                Fault("radio_regions.json", "regions", radio_regions, "an object of Regions by code is needed")
            )
            radio_regions = {}
        topics = read(practices_data, "vocabulary.json")
        organizations = read(practices_data, "organizations.json")
        codes = {
            name: _texts(records, key)
            for name, records, key in (
                ("iso2", countries, "iso2"),
                ("iso3", countries, "iso3"),
                ("regulator", countries, "regulator"),
                ("organization", organizations, "slug"),
            )
        }
        regulators = {
            record["regulator"]: (record["iso3"], bool(record.get("regulator_url_seen")))
            for record in countries
            if isinstance(record, dict) and all(isinstance(record.get(key), str) for key in ("regulator", "iso3"))
        }
        # Each with what its records may refer to, which is read once the steps before it are done.
        steps = [
            (Country, countries, lambda: partial(_country, radio_regions=radio_regions, codes=codes)),
            (Group, groups, lambda: partial(_group, countries=known(Country))),
            (Topic, _numbered(topics), lambda: _topic),
            (MeasureType, _types_of(topics), lambda: partial(_type, topics=known(Topic))),
            (Beneficiary, _numbered(read(practices_data, "beneficiaries.json")), lambda: _code),
            (Crisis, read(practices_data, "crises.json"), lambda: _crisis),
            (
                Organization,
                organizations,
                lambda: partial(_organization, countries=known(Country), regulators=regulators),
            ),
            (Source, read(practices_data, "sources.json"), lambda: _source),
            (Tag, read(practices_data, "tags.json"), lambda: _tag),
        ]
        written = {}
        for model, data, check in steps:
            progress(f"{KINDS[model][0]}: {len(data):,} records")
            written[model] = _load(model, data, check(), faults, report)
        if faults:
            raise Refused(faults)
        _set_administrators(countries, written[Country])
    return report


def _load(model, data, check, faults, report):
    """Load one file's records, and return the keys of those that were written."""
    ledger, written = Ledger(model), []
    kind, key_field, done = ledger.kind, ledger.key_field, report.of(ledger.kind)
    existing = ledger.records()
    regulators = {obj.regulator_of_id: obj for obj in existing.values()} if model is Organization else {}
    records = records_of(data, kind, key_field, faults, ledger.stored)
    faults.extend(ledger.faults_of([key for key, _record in records], existing))
    for key, record in records:
        faults_before = len(faults)
        fields, relations = check(Checker(f"{kind} {key}", record, faults))
        if len(faults) > faults_before:
            continue  # the load is refused in the end; it goes on to find the other faults
        key = ledger.stored(key)
        obj = existing.get(key)
        said = {name: value for name, value in record.items() if name != "measure_types"}  # these are entries too
        digest = digest_of(said, {k: v.pk if isinstance(v, Model) else str(v) for k, v in fields.items()})
        if obj and ledger.has(key, digest):
            done["unchanged"] += 1
            continue
        done["changed" if obj else "created"] += 1
        if obj:
            del fields[key_field]  # it is the file's already, or another one was chosen at the desk
        obj = obj or model()
        for field, value in fields.items():
            setattr(obj, field, value)
        if model is Organization and obj.regulator_of:
            _release(obj.regulator_of, regulators, obj)
        obj.save()
        for field, objects in relations.items():
            getattr(obj, field).set(objects)
        written.append((key, digest, obj))
    ledger.write(written)
    return {key for key, _digest, _obj in written}


def _release(country, regulators, successor):
    """Take ``country`` from the organization that has it, since a country has one regulator."""
    holder = regulators.get(country.pk)
    if holder and holder.pk != successor.pk and holder.regulator_of_id == country.pk:
        holder.regulator_of = None
        holder.save(update_fields=["regulator_of"])
    regulators[country.pk] = successor


def _texts(records, field):
    """How often each text stands in ``field`` of records that may be faulty."""
    values = [record.get(field) for record in records if isinstance(record, dict)]
    return Counter(value for value in values if isinstance(value, str))


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
        for number, kind in enumerate(_measure_types(topic), start=1)
        if isinstance(kind, dict)
    ]


def _measure_types(topic):
    types = topic.get("measure_types", [])
    return types if isinstance(types, list) else []


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


def _country(c, radio_regions, codes):
    """The fields of a country. ``codes`` tells how often codes stand in the files, by what they are codes of."""
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
    for language, name in names.items():
        if wrong := wrong_with(name, max_length=100):
            c.fault("names", f"{language}: {wrong}", name)
    if isinstance(c.record.get("iso2"), str) and codes["iso2"][c.record["iso2"]] > 1:
        c.fault("iso2", "a second country has this; each may stand once")
    c.choice("administered_by", codes["iso3"], required=False)
    if c.choice("regulator", codes["organization"], required=False) and codes["regulator"][c.record["regulator"]] > 1:
        c.fault("regulator", "an organization is the regulator of one country; another names it too")
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
    if type(region) is not int or region not in RadioRegion.values:
        c.fault("radio region", "a Region 1, 2 or 3 in radio_regions.json is needed", region)
    for flag in CATEGORIES:
        c.flag(flag)
    c.flag("regulator_url_seen", required=False)
    return {
        "iso2": c.code("iso2", "[A-Z]{2}", "two capital letters are needed"),
        "iso3": c.code("iso3", "[A-Z]{3}", "three capital letters are needed"),
        "m49": c.code("m49", "[0-9]{3}", "three digits are needed", required=False),
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


def _set_administrators(countries, written):
    """Point territories at the countries that administer them, once all countries are there.

    ``written`` are the codes of the countries whose entries were; the others are left alone.
    """
    by_code = known(Country)
    for record in countries:
        country, administrator = by_code[record["iso3"]], by_code.get(record.get("administered_by"))
        if record["iso3"] in written and country.administered_by != administrator:
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
        "definition_en": c.text("definition", long=True),
        "position": c.record["position"],
    }, {}


def _topic(c):
    c.objects("measure_types")  # each is checked as a record of its own
    return _code(c, "measure_types")


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
        "description_en": c.text("description", required=False, long=True),
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


def _tag(c):
    c.only("name", "label")
    return {"name": c.text("name", max_length=100), "label_en": c.text("label", max_length=100)}, {}
