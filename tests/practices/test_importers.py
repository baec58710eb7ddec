import copy
import json
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.apps import apps

from countries.models import Country, Group
from practices import workflow
from practices.choices import Action
from practices.importers import Refused, load_measures, load_reference
from practices.importers.reference import COUNTRIES_DATA
from practices.models import (
    Beneficiary,
    Citation,
    Crisis,
    Measure,
    MeasureType,
    Organization,
    Source,
    SpectrumRange,
    Tag,
    Topic,
)
from tests.factories import UserFactory, make_measure
from tests.fixtures import made_once

pytestmark = pytest.mark.django_db

COUNTRY = {
    "iso2": "KE",
    "iso3": "KEN",
    "m49": "404",
    "names": {"en": "Kenya", "fr": "Kenya", "zh": "肯尼亚"},
    "itu_status": "member",
    "itu_region": "AFR",
    "itu_region_basis": "itu-bdt",
    "administered_by": None,
    "codes_user_assigned": False,
    "un_region": "Africa",
    "un_subregion": "Eastern Africa",
    "un_intermediate_region": None,
    "income_group": "lower-middle",
    "ldc": False,
    "lldc": False,
    "sids": False,
    "sids_associate": False,
    "capital": [36.8, -1.3],
    "capital_name": "Nairobi",
    "point_kind": "capital",
    "regulator": "ke-ca",
    "regulator_url_seen": True,
}
USA = COUNTRY | {"iso2": "US", "iso3": "USA", "m49": "840", "names": {"en": "United States"}, "regulator": "us-fcc"}
GUAM = COUNTRY | {"iso2": "GU", "iso3": "GUM", "m49": "316", "names": {"en": "Guam"}, "regulator": None}
GUAM |= {"administered_by": "USA", "ldc": True}
REFERENCE = {
    "countries/countries.json": [COUNTRY, GUAM, USA],
    "countries/groups.json": [{"code": "eac", "name": "East Africa", "kind": "organization", "members": ["KEN"]}],
    "countries/radio_regions.json": {"regions": {"KEN": 1, "USA": 2, "GUM": 3}},
    "practices/vocabulary.json": [
        {
            "code": "spectrum",
            "name": "Spectrum",
            "definition": "Radio spectrum.",
            "measure_types": [
                {"code": "temporary-spectrum", "name": "Temporary spectrum", "definition": "For a time."},
                {"code": "sharing", "name": "Sharing", "definition": "Between holders."},
            ],
        }
    ],
    "practices/beneficiaries.json": [{"code": "households", "name": "Households", "definition": "Homes."}],
    "practices/crises.json": [
        {
            "slug": "covid-19",
            "name": "COVID-19",
            "kind": "epidemic",
            "started_on": "2020-01-30",
            "ended_on": None,
            "description": None,
        }
    ],
    "practices/organizations.json": [
        {"slug": "ke-ca", "name": "CA", "acronym": "CA", "kind": "regulator", "country": "KEN", "url": None},
        {"slug": "ke-new", "name": "New CA", "acronym": "", "kind": "regulator", "country": "KEN", "url": None},
        {
            "slug": "us-fcc",
            "name": "FCC",
            "acronym": "FCC",
            "kind": "regulator",
            "country": "USA",
            "url": "https://fcc.gov",
        },
    ],
    "practices/sources.json": [
        {
            "url": f"https://Example.org/{number}#top",
            "title": f"Source {number}",
            "publisher": "Publisher",
            "kind": "official",
            "language": "en",
            "published_on": "2020-04",
        }
        for number in (1, 2)
    ],
    "practices/tags.json": [{"name": "lte", "label": "LTE"}],
}
MEASURE = {
    "slug": "ken-spectrum-2020",
    "title": "Kenya lends spectrum",
    "summary": "The authority lent spectrum.",
    "outcome": None,
    "countries": ["KEN"],
    "areas": [],
    "scope": "national",
    "crisis": "covid-19",
    "measure_type": "temporary-spectrum",
    "organizations": ["ke-ca"],
    "legal_nature": "authorization",
    "beneficiaries": ["households"],
    "announced_on": "2020-04",
    "starts_on": "2020-04-17",
    "ends_on": "2020",
    "spectrum": [
        {
            "role": "granted",
            "band": "700 MHz",
            "lower_mhz": None,
            "upper_mhz": None,
            "bandwidth": None,
            "holder": None,
            "terms": None,
        },
    ],
    "tags": ["lending", "4g"],
    "sources": ["https://example.org/1"],
}


def altered(base, path, value):
    """A copy of ``base`` with ``value`` at ``path`` (keys and places)."""
    copied = target = copy.deepcopy(base)
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    return copied


@pytest.fixture
def write(tmp_path):
    """Writes reference files, and loads them."""

    return partial(load_files, tmp_path)


def load_files(folder, files=REFERENCE):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return load_reference(folder / "countries", folder / "practices")


@made_once
def reference():
    with TemporaryDirectory() as folder:
        return load_files(Path(folder))


def contents():
    """Every row of every table, as the database has it."""
    return {model._meta.label: sorted(map(str, model._base_manager.values_list())) for model in apps.get_models()}


def outcomes(report):
    return {kind: {name: number for name, number in counts.items() if number} for kind, counts in report.counts.items()}


def faults_of(load):
    """The faults that a load is refused for, after which nothing has been written."""
    before = contents()
    with pytest.raises(Refused) as refused:
        load()
    assert contents() == before
    return refused.value.faults


# --- reference data ---


def test_reference_data_is_stored_as_the_files_have_it(reference):
    kenya, guam, usa = (
        Country.objects.order_by("iso3")[1],
        Country.objects.get(iso3="GUM"),
        Country.objects.get(iso3="USA"),
    )
    assert (kenya.name_en, kenya.name_zh_hans, kenya.itu_region, kenya.radio_region) == ("Kenya", "肯尼亚", "afr", 1)
    assert (kenya.longitude, kenya.latitude) == (36.8, -1.3)
    assert (guam.administered_by, usa.administered_by, guam.radio_region) == (usa, None, 3)
    assert (kenya.regulator.slug, kenya.regulator.url_seen, usa.regulator.slug) == ("ke-ca", True, "us-fcc")
    groups = {group.code: sorted(c.iso3 for c in group.members.all()) for group in Group.objects.all()}
    assert groups == {
        "eac": ["KEN"],
        "ldc": ["GUM"],
        "lldc": [],
        "sids": [],
        "sids-associate": [],
        "world": ["GUM", "KEN", "USA"],
    }
    types = MeasureType.objects.values_list("topic__code", "code", "position")
    assert list(types) == [("spectrum", "temporary-spectrum", 1), ("spectrum", "sharing", 2)]
    assert sorted(Source.objects.values_list("url", flat=True)) == ["https://example.org/1", "https://example.org/2"]


def test_a_second_load_of_the_same_files_changes_nothing(write):
    first = outcomes(write())
    assert {name for counts in first.values() for name in counts} == {"created"}
    before = contents()
    second = outcomes(write())
    assert {name for counts in second.values() for name in counts} == {"unchanged"}
    assert contents() == before


def test_an_entry_that_changed_in_the_file_changes_alone(write, reference):
    changed = altered(REFERENCE, ("practices/vocabulary.json", 0, "definition"), "The air waves.")
    report = outcomes(write(changed))
    assert Topic.objects.get().definition == "The air waves."
    assert report.pop("topic") == {"changed": 1}
    assert all(set(counts) == {"unchanged"} for counts in report.values())


def test_what_the_desk_changed_stays_while_the_file_says_the_same(write, reference):
    Topic.objects.update(name_en="Radio spectrum")
    write()
    assert Topic.objects.get().name_en == "Radio spectrum"


def test_a_country_may_get_another_regulator(write, reference):
    for regulator in ("ke-new", "ke-ca"):
        write(altered(REFERENCE, ("countries/countries.json", 0, "regulator"), regulator))
        assert Country.objects.get(iso3="KEN").regulator.slug == regulator


def test_a_regulator_that_the_desk_chose_stays_while_the_file_says_the_same(write, reference):
    kenya = Country.objects.get(iso3="KEN")
    Organization.objects.filter(slug="ke-ca").update(regulator_of=None)
    Organization.objects.filter(slug="ke-new").update(regulator_of=kenya)
    write()
    assert Country.objects.get(iso3="KEN").regulator.slug == "ke-new"


def test_an_administrator_that_the_desk_chose_stays_while_the_file_says_the_same(write, reference):
    Country.objects.filter(iso3="GUM").update(administered_by=None)
    write()
    assert Country.objects.get(iso3="GUM").administered_by is None


def test_countries_may_swap_their_regulators(write, reference):
    swapped = altered(REFERENCE, ("countries/countries.json", 0, "regulator"), "us-fcc")
    write(altered(swapped, ("countries/countries.json", 2, "regulator"), "ke-ca"))
    regulators = Organization.objects.exclude(regulator_of=None).values_list("slug", "regulator_of__iso3")
    assert set(regulators) == {("ke-ca", "USA"), ("us-fcc", "KEN")}


def test_what_refers_to_a_record_that_the_desk_renamed_is_left_alone(write, reference):
    """The names of the records that it refers to are no part of an entry."""
    MeasureType.objects.update(definition_en="As the desk has it.")
    Organization.objects.update(acronym="DESK")
    Topic.objects.update(name_en="Waves")
    Country.objects.update(name_en="Renamed")
    assert {name for counts in outcomes(write()).values() for name in counts} == {"unchanged"}
    assert set(MeasureType.objects.values_list("definition_en", flat=True)) == {"As the desk has it."}
    assert set(Organization.objects.values_list("acronym", flat=True)) == {"DESK"}


RENAMED = [
    (Topic, "code", "spectrum", "waves"),
    (MeasureType, "code", "temporary-spectrum", "lent-spectrum"),
    (Beneficiary, "code", "households", "homes"),
    (Crisis, "slug", "covid-19", "pandemic"),
    (Organization, "slug", "us-fcc", "us-federal-cc"),
    (Organization, "slug", "ke-ca", "ke-authority"),
    (Source, "url", "https://example.org/1", "https://example.com/moved"),
    (Tag, "name", "lte", "4g-lte"),
    (Group, "code", "eac", "east-africa"),
]


def rename(model, field, old, new):
    """Rename a record as the desk does, and return it."""
    record = model.objects.get(**{field: old})
    if model is Measure:
        with workflow.change(record, by=UserFactory(), action=Action.CORRECTED):
            setattr(record, field, new)
    else:
        setattr(record, field, new)
        record.save()
    return record


@pytest.mark.parametrize(("model", "field", "old", "new"), RENAMED)
def test_what_the_desk_renamed_is_neither_renamed_back_nor_loaded_a_second_time(
    write, reference, model, field, old, new
):
    load_measures([MEASURE])
    record = rename(model, field, old, new)
    before = contents()
    for report in (write(), load_measures([MEASURE]), load_measures([MEASURE], overwrite=True)):
        assert {name for counts in outcomes(report).values() for name in counts} == {"unchanged"}
    assert contents() == before
    assert getattr(model.objects.get(pk=record.pk), field) == new


CHANGED_FILES = [
    (*RENAMED[0], ("practices/vocabulary.json", 0, "name"), "name_en"),
    (*RENAMED[1], ("practices/vocabulary.json", 0, "measure_types", 0, "name"), "name_en"),
    (*RENAMED[2], ("practices/beneficiaries.json", 0, "name"), "name_en"),
    (*RENAMED[3], ("practices/crises.json", 0, "name"), "name_en"),
    (*RENAMED[4], ("practices/organizations.json", 2, "name"), "name_en"),
    (*RENAMED[5], ("practices/organizations.json", 0, "name"), "name_en"),
    (*RENAMED[6], ("practices/sources.json", 0, "title"), "title"),
    (*RENAMED[7], ("practices/tags.json", 0, "label"), "label_en"),
    (*RENAMED[8], ("countries/groups.json", 0, "name"), "name_en"),
]


@pytest.mark.parametrize(("model", "field", "old", "new", "path", "changed"), CHANGED_FILES)
def test_a_changed_entry_changes_the_record_that_the_desk_renamed_but_not_its_new_name(
    write, reference, model, field, old, new, path, changed
):
    count = model.objects.count()
    record = rename(model, field, old, new)
    report = outcomes(write(altered(REFERENCE, path, "Changed")))
    assert [name for counts in report.values() for name in counts].count("changed") == 1
    record = model.objects.get(pk=record.pk)
    assert (getattr(record, field), getattr(record, changed), model.objects.count()) == (new, "Changed", count)


def test_a_country_keeps_its_regulator_whose_slug_the_desk_changed(write, reference):
    rename(Organization, "slug", "us-fcc", "us-federal-cc")
    write(altered(REFERENCE, ("practices/organizations.json", 2, "name"), "The FCC"))
    assert Country.objects.get(iso3="USA").regulator.slug == "us-federal-cc"
    assert Organization.objects.count() == 3


def test_a_code_of_the_file_means_what_it_was_loaded_as_even_if_the_desk_gave_it_to_another(write, reference):
    renamed = rename(Organization, "slug", "ke-ca", "ke-authority")
    Organization.objects.create(slug="ke-ca", name="Another", kind="ministry")
    write()
    load_measures([MEASURE])
    assert list(Measure.objects.get().organizations.all()) == [renamed]
    assert Organization.objects.count() == 4


def test_a_file_that_follows_the_desk_in_a_renaming_names_the_same_record(write, reference):
    renamed = rename(Organization, "slug", "ke-new", "ke-newer")
    write(altered(REFERENCE, ("practices/organizations.json", 1, "slug"), "ke-newer"))
    assert set(Organization.objects.values_list("slug", flat=True)) == {"ke-ca", "ke-newer", "us-fcc"}
    assert Organization.objects.get(slug="ke-newer") == renamed


def test_a_file_with_both_the_former_and_the_present_name_of_one_record_is_refused(write, reference):
    rename(Organization, "slug", "ke-new", "ke-newer")
    organizations = REFERENCE["practices/organizations.json"]
    both = [*organizations, organizations[1] | {"slug": "ke-newer"}]
    (fault,) = faults_of(lambda: write(REFERENCE | {"practices/organizations.json": both}))
    assert (fault.record, fault.field) == ("organization ke-newer", "slug")
    assert "the entry ke-new is the same record" in fault.expected


def test_what_the_desk_deleted_comes_back_with_the_next_load(write, reference):
    Tag.objects.all().delete()
    write()
    assert Tag.objects.get().name == "lte"


def test_members_leave_a_group_with_the_file(write, reference):
    write(altered(REFERENCE, ("countries/groups.json", 0, "members"), ["USA"]))
    assert [country.iso3 for country in Group.objects.get(code="eac").members.all()] == ["USA"]


REFERENCE_FAULTS = [
    (("countries/countries.json", 0, "itu_region"), "AFRICA", "country KEN", "itu_region", "AFR, AMS"),
    (("countries/countries.json", 0, "income_group"), "rich", "country KEN", "income_group", "high, low"),
    (("countries/countries.json", 0, "names"), {"fr": "Kenya"}, "country KEN", "names", "English"),
    (("countries/countries.json", 0, "names"), {"en": "x" * 101}, "country KEN", "names", "100 characters"),
    (("countries/countries.json", 0, "names"), {"en": 5}, "country KEN", "names", "text"),
    (("countries/countries.json", 0, "capital"), [36.8, -91], "country KEN", "capital", "degrees"),
    (("countries/countries.json", 0, "ldc"), "no", "country KEN", "ldc", "true or false"),
    (("countries/countries.json", 0, "iso2"), "US", "country USA", "iso2", "second"),
    (("countries/countries.json", 0, "iso2"), "ke", "country KEN", "iso2", "capital letters"),
    (("countries/countries.json", 0, "incme_group"), "low", "country KEN", "incme_group", "income_group"),
    (("countries/countries.json", 1, "administered_by"), "UAS", "country GUM", "administered_by", "KEN, USA"),
    (("countries/countries.json", 0, "regulator"), "ke-cca", "country KEN", "regulator", "ke-ca"),
    (("countries/countries.json", 0, "regulator"), "us-fcc", "country USA", "regulator", "one country"),
    (("countries/countries.json", 0, "regulator"), ["ke-ca"], "country KEN", "regulator", "ke-ca"),
    (("countries/countries.json", 1, "iso3"), "KEN", "country 2", "iso3", "once"),
    (("countries/countries.json", 1), "Guam", "country 2", "(the record)", "curly brackets"),
    (("countries/radio_regions.json", "regions"), {"KEN": 1, "USA": 2}, "country GUM", "radio region", "1, 2 or 3"),
    (("countries/groups.json", 0, "members"), ["KEN", "EAC"], "group eac", "members", "KEN, USA"),
    (("countries/groups.json", 0, "members"), "KEN", "group eac", "members", "list"),
    (("countries/groups.json", 0, "kind"), "club", "group eac", "kind", "organization"),
    (("practices/vocabulary.json", 0, "code"), "Spectrum!", "topic Spectrum!", "code", "small letters"),
    (
        ("practices/vocabulary.json", 0, "measure_types", 1, "definition"),
        None,
        "measure type sharing",
        "definition",
        "",
    ),
    (
        ("practices/vocabulary.json", 0, "measure_types", 1),
        "sharing",
        "topic spectrum: measure_types 2",
        "(the record)",
        "curly",
    ),
    (("practices/vocabulary.json", 0, "measure_types"), {}, "topic spectrum", "measure_types", "list"),
    (("countries/countries.json", 0, "iso3"), ["KEN"], "country 1", "iso3", "a text"),
    (("countries/countries.json", 1, "administered_by"), ["USA"], "country GUM", "administered_by", "a text in quotes"),
    (("countries/countries.json", 0, "regulator_url_seen"), "no", "country KEN", "regulator_url_seen", "true or false"),
    (("countries/countries.json", 0, "names"), {"en": "Ke\nnya"}, "country KEN", "names", "control characters"),
    (("countries/radio_regions.json", "regions", "KEN"), True, "country KEN", "radio region", "1, 2 or 3"),
    (("practices/crises.json", 0, "description"), "a\x1bb", "crisis covid-19", "description", "control characters"),
    (("practices/sources.json", 1, "url"), "https://example.ORG/1", "source 2", "url", "once"),
    (("practices/crises.json", 0, "started_on"), "2020-13", "crisis covid-19", "started_on", "2020-04-17"),
    (("practices/crises.json", 0, "ended_on"), "2019", "crisis covid-19", "ended_on", "2020-01-30"),
    (("practices/organizations.json", 0, "url"), "www.ca.go.ke", "organization ke-ca", "url", "https://"),
    (("practices/organizations.json", 0, "country"), "KNE", "organization ke-ca", "country", "KEN"),
    (("practices/sources.json", 0, "title"), "x" * 501, "source https://Example.org/1#top", "title", "500"),
    (
        ("practices/sources.json", 0, "title"),
        "a\x00b",
        "source https://Example.org/1#top",
        "title",
        "control characters",
    ),
    (("practices/sources.json", 0, "url"), "http://[1", "source http://[1", "url", "https://"),
    (
        ("practices/sources.json", 0, "published_on"),
        2020,
        "source https://Example.org/1#top",
        "published_on",
        "2020-04",
    ),
]


@pytest.mark.parametrize(("path", "value", "record", "field", "right"), REFERENCE_FAULTS)
def test_a_fault_is_named_with_record_field_value_and_what_would_be_right(write, path, value, record, field, right):
    faults = faults_of(lambda: write(altered(REFERENCE, path, value)))
    named = [fault for fault in faults if (fault.record, fault.field) == (record, field)]
    assert len(named) == 1, [str(fault) for fault in faults]
    assert right in named[0].expected


def test_all_faults_of_all_files_are_named_at_once(write):
    files = altered(REFERENCE, ("countries/countries.json", 0, "iso3"), "")
    files = altered(files, ("practices/crises.json", 0, "kind"), "flu")
    files = altered(files, ("practices/sources.json", 1, "language"), None)
    named = {(fault.record, fault.field) for fault in faults_of(lambda: write(files))}
    assert named >= {
        ("country 1", "iso3"),
        ("crisis covid-19", "kind"),
        ("source https://Example.org/2#top", "language"),
    }


@pytest.mark.parametrize("name", REFERENCE)
@pytest.mark.parametrize("content", ["null", "5", '"text"', "{", "[null]", "[[]]", "\ufeff[]", '{"regions": 5}'])
def test_a_file_of_another_shape_is_refused_and_not_stumbled_over(write, name, content):
    assert faults_of(lambda: write(REFERENCE | {name: content}))


def test_a_file_that_is_not_there_is_named(tmp_path):
    faults = faults_of(lambda: load_reference(COUNTRIES_DATA, tmp_path))
    assert {fault.record for fault in faults} >= {
        str(tmp_path / f"{name}.json") for name in ("vocabulary", "beneficiaries", "crises", "organizations", "sources")
    }


# --- measures ---


def test_a_measure_is_stored_and_published_as_the_file_has_it(reference):
    load_measures([MEASURE])
    measure = Measure.objects.get()
    assert (measure.status, measure.slug, measure.title_en) == ("published", MEASURE["slug"], MEASURE["title"])
    assert (measure.summary_en, measure.outcome) == (MEASURE["summary"], "")
    assert [country.iso3 for country in measure.countries.all()] == ["KEN"]
    assert [organization.slug for organization in measure.organizations.all()] == ["ke-ca"]
    assert [group.code for group in measure.beneficiaries.all()] == ["households"]
    dates = [date.isoformat() for date in (measure.announced_on, measure.starts_on, measure.ends_on)]
    assert dates == ["2020-04", "2020-04-17", "2020"]
    assert sorted(measure.tags.values_list("name", "label_en")) == [("4g", "4g"), ("lending", "lending")]
    assert [source.url for source in measure.sources.all()] == ["https://example.org/1"]
    assert [(change.by, change.action) for change in measure.changes.all()] == [(None, "published")]


def test_loading_measures_again_changes_nothing(reference):
    load_measures([MEASURE])
    before = contents()
    assert outcomes(load_measures([MEASURE])) == {"measure": {"unchanged": 1}}
    assert contents() == before


def test_a_changed_entry_corrects_its_measure_and_no_other(reference):
    other = MEASURE | {"slug": "other"}
    load_measures([MEASURE, other])
    changed = MEASURE | {
        "title": "Kenya lends more spectrum",
        "ends_on": None,
        "countries": ["USA", "KEN"],
        "tags": ["4g"],
        "sources": ["https://example.org/2"],
        "spectrum": [],
    }
    assert outcomes(load_measures([changed, other])) == {"measure": {"changed": 1, "unchanged": 1}}
    measure = Measure.objects.get(slug=MEASURE["slug"])
    assert (measure.title, measure.ends_on, measure.status) == ("Kenya lends more spectrum", None, "published")
    assert {country.iso3 for country in measure.countries.all()} == {"KEN", "USA"}
    assert (list(measure.tags.names()), measure.bands.count()) == (["4g"], 0)
    assert [source.url for source in measure.sources.all()] == ["https://example.org/2"]
    assert [change.action for change in measure.changes.all()] == ["corrected", "published"]


def test_sources_keep_the_order_of_the_file(reference):
    urls = ["https://example.org/2", "https://example.org/1"]
    load_measures([MEASURE | {"sources": urls}])
    assert [citation.source.url for citation in Citation.objects.all()] == urls
    load_measures([MEASURE | {"sources": urls[::-1]}])
    assert [citation.source.url for citation in Citation.objects.all()] == urls[::-1]


def test_what_the_desk_said_of_a_citation_stays_with_it(reference):
    load_measures([MEASURE])
    citation = Citation.objects.get()
    citation.locator, citation.note = "p. 3", "The fee."
    citation.save()
    load_measures([MEASURE | {"sources": ["https://example.org/2", "https://example.org/1"]}])
    said = Citation.objects.order_by("position").values_list("source__url", "locator", "note")
    assert list(said) == [("https://example.org/2", "", ""), ("https://example.org/1", "p. 3", "The fee.")]


def test_new_measures_take_no_query_for_each(reference, django_assert_max_num_queries):
    with django_assert_max_num_queries(80):
        load_measures([MEASURE | {"slug": f"measure-{number}"} for number in range(30)])
    assert Measure.objects.published().count() == 30


def test_progress_counts_every_record_once(reference):
    load_measures([MEASURE])
    told = []
    new = [MEASURE | {"slug": f"measure-{number}"} for number in range(3)]
    load_measures([new[0], MEASURE, *new[1:]], progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def edit_at_the_desk(measure):
    with workflow.change(measure, by=UserFactory(), action=Action.CORRECTED):
        measure.title_en = "As the desk has it"


CHANGED = MEASURE | {"title": "As the file has it"}


@pytest.mark.parametrize(("overwrite", "title"), [(False, "As the desk has it"), (True, "As the file has it")])
def test_an_edit_of_the_desk_is_kept_unless_told_otherwise(reference, overwrite, title):
    load_measures([MEASURE])
    edit_at_the_desk(Measure.objects.get())
    report = load_measures([CHANGED], overwrite=overwrite)
    assert Measure.objects.get().title_en == title
    assert report.kept == ([] if overwrite else [MEASURE["slug"]])
    assert any("--overwrite" in line and MEASURE["slug"] in line for line in report.lines()) is not overwrite


def test_an_edit_of_the_desk_is_reported_again_at_the_next_load(reference):
    load_measures([MEASURE])
    edit_at_the_desk(Measure.objects.get())
    assert [load_measures([CHANGED]).kept for _time in range(2)] == [[MEASURE["slug"]]] * 2


@pytest.mark.parametrize(("overwrite", "title"), [(False, "As the desk has it"), (True, MEASURE["title"])])
def test_an_edit_of_the_desk_survives_a_load_of_the_same_entry_unless_told_otherwise(reference, overwrite, title):
    load_measures([MEASURE])
    edit_at_the_desk(Measure.objects.get())
    report = load_measures([MEASURE], overwrite=overwrite)
    assert Measure.objects.get().title_en == title
    assert outcomes(report) == {"measure": {"changed" if overwrite else "unchanged": 1}}


def test_overwriting_leaves_alone_what_nobody_edited_since_its_load(reference):
    load_measures([MEASURE, MEASURE | {"slug": "other"}])
    edit_at_the_desk(Measure.objects.get(slug="other"))
    load_measures([MEASURE | {"slug": "other"}], overwrite=True)
    before = contents()
    report = load_measures([MEASURE, MEASURE | {"slug": "other"}], overwrite=True)
    assert outcomes(report) == {"measure": {"unchanged": 2}}
    assert contents() == before


def test_overwriting_with_the_same_entry_keeps_that_somebody_verified_it(reference):
    load_measures([MEASURE])
    workflow.verify(Measure.objects.get(), by=UserFactory())
    assert outcomes(load_measures([MEASURE], overwrite=True)) == {"measure": {"unchanged": 1}}
    assert Measure.objects.get().verified_on is not None


def test_a_measure_whose_slug_the_desk_changed_is_not_loaded_a_second_time(reference):
    load_measures([MEASURE])
    renamed = rename(Measure, "slug", MEASURE["slug"], "kenya-lends")
    before = contents()
    assert outcomes(load_measures([MEASURE])) == {"measure": {"unchanged": 1}}
    assert load_measures([CHANGED]).kept == [MEASURE["slug"]]
    assert contents() == before
    assert Measure.by_former_slug(MEASURE["slug"]) == renamed


@pytest.mark.parametrize("record", [MEASURE, CHANGED])
def test_overwriting_keeps_the_slug_that_the_desk_chose(reference, record):
    load_measures([MEASURE])
    renamed = rename(Measure, "slug", MEASURE["slug"], "kenya-lends")
    edit_at_the_desk(Measure.objects.get())
    assert outcomes(load_measures([record], overwrite=True)) == {"measure": {"changed": 1}}
    measure = Measure.objects.get()
    assert (measure.pk, measure.slug, measure.title_en) == (renamed.pk, "kenya-lends", record["title"])
    assert Measure.by_former_slug(MEASURE["slug"]) == renamed


def test_a_new_measure_refers_to_renamed_records_by_the_codes_of_the_files(reference):
    load_measures([MEASURE])
    for renamed in RENAMED[1:]:
        rename(*renamed)
    tag = rename(Tag, "name", "lending", "lent")
    second = MEASURE | {"slug": "second", "tags": ["lending", "lent", "lte"], "areas": ["eac", "east-africa"]}
    load_measures([MEASURE, second])
    measure = Measure.objects.get(slug="second")
    assert (measure.crisis.slug, measure.measure_type.code) == ("pandemic", "lent-spectrum")
    assert [organization.slug for organization in measure.organizations.all()] == ["ke-authority"]
    assert [group.code for group in measure.beneficiaries.all()] == ["homes"]
    assert [group.code for group in measure.areas.all()] == ["east-africa"]
    assert [source.url for source in measure.sources.all()] == ["https://example.com/moved"]
    assert set(measure.tags.names()) == {"lent", "4g-lte"}
    assert tag in measure.tags.all()
    assert set(Tag.objects.values_list("name", flat=True)) == {"4g", "4g-lte", "lent"}


def test_measures_under_the_former_and_the_present_slug_of_one_record_are_refused(reference):
    load_measures([MEASURE])
    rename(Measure, "slug", MEASURE["slug"], "kenya-lends")
    (fault,) = faults_of(lambda: load_measures([MEASURE, MEASURE | {"slug": "kenya-lends"}]))
    assert (fault.field, fault.value) == ("slug", "kenya-lends")
    assert f"the entry {MEASURE['slug']} is the same record" in fault.expected


def test_finding_renamed_records_takes_no_query_for_each(write, reference, django_assert_max_num_queries):
    second = {
        "practices/sources.json": [
            REFERENCE["practices/sources.json"][0] | {"url": f"https://example.org/more/{number}"}
            for number in range(30)
        ]
    }
    write(REFERENCE | second)
    for source in Source.objects.all():
        source.url = f"https://example.com/{source.pk}"
        source.save()
    with django_assert_max_num_queries(60):
        write(REFERENCE | second)


@pytest.mark.parametrize("overwrite", [False, True])
def test_what_the_desk_withdrew_stays_withdrawn(reference, overwrite):
    load_measures([MEASURE])
    workflow.withdraw(Measure.objects.get(), by=UserFactory(), reason="Recorded twice.")
    for record in (MEASURE, CHANGED):
        load_measures([record], overwrite=overwrite)
        assert (Measure.objects.get().status, Measure.objects.get().withdrawal_reason) == (
            "withdrawn",
            "Recorded twice.",
        )


def test_a_draft_of_the_desk_with_the_same_slug_is_not_taken_over(reference):
    make_measure(slug=MEASURE["slug"], status="draft", title="A draft")
    assert load_measures([MEASURE]).kept == [MEASURE["slug"]]
    assert (Measure.objects.get().title, Measure.objects.get().status) == ("A draft", "draft")


MEASURE_FAULTS = [
    (("sources",), [], "sources", "at least one source"),
    (("sources",), None, "sources", "at least one source"),
    (("sources",), ["https://example.org/3"], "sources", "sources.json"),
    (("sources",), ["http://[1"], "sources", "sources.json"),
    (("sources",), [5], "sources", "sources.json"),
    (("title",), "", "title", "a text"),
    (("title",), "x" * 201, "title", "200 characters"),
    (("title",), ["x"], "title", "in quotes"),
    (("title",), "  ", "title", "not empty"),
    (("title",), "a\nb", "title", "control characters"),
    (("title",), "a\ud800b", "title", "surrogates"),
    (("summary",), "a\x00b", "summary", "other than new lines and tabs"),
    (("summary",), "a\rb", "summary", "control characters"),
    (("outcome",), "a\x85b", "outcome", "control characters"),
    (("slug",), "Not A Slug", "slug", "small letters"),
    (("countries",), [], "countries", "at least one country"),
    (("countries",), ["KEN", "ken"], "countries", "KEN, USA"),
    (("countries",), [None], "countries", "a text in quotes is needed, one of GUM, KEN, USA"),
    (("countries",), [["KEN"]], "countries", "a text in quotes"),
    (("countries",), "KEN", "countries", "list"),
    (("areas",), ["africa"], "areas", "eac"),
    (("scope",), "local", "scope", "national"),
    (("crisis",), "covid", "crisis", "covid-19"),
    (("measure_type",), "temporary", "measure_type", "temporary-spectrum"),
    (("measure_type",), None, "measure_type", "temporary-spectrum"),
    (("legal_nature",), "law", "legal_nature", "mandatory"),
    (("announced_on",), "April 2020", "announced_on", "2020-04"),
    (("announced_on",), "2021-02-29", "announced_on", "real date"),
    (("ends_on",), "2020-04-16", "ends_on", "2020-04-17"),
    (("tags",), ["x" * 101], "tags", "100 characters"),
    (("tags",), ["a\x00b"], "tags", "control characters"),
    (("tags",), ["a\nb"], "tags", "control characters"),
    (("tags",), ["\ud800"], "tags", "surrogates"),
    (("tags",), [""], "tags", "not empty"),
    (("tags",), [" \u3000"], "tags", "not empty"),
    (("tags",), ["wi-fi "], "tags", "without spaces"),
    (("tags",), [None], "tags", "a text in quotes"),
    (("tags",), "wi-fi", "tags", "list"),
    (("titel",), "x", "titel", "title"),
    (("spectrum",), {"band": "700 MHz"}, "spectrum", "list"),
    (("spectrum", 0, "role"), "sold", "role", "granted"),
    (("spectrum", 0, "band"), None, "band", "a text"),
    (("spectrum", 0, "lower_mhz"), 703, "upper_mhz", "both edges"),
    (("spectrum", 0, "lower_mhz"), "low", "lower_mhz", "MHz"),
    (("spectrum", 0, "lower_mhz"), -1, "lower_mhz", "above 0"),
    (("spectrum", 0, "lower_mhz"), float("nan"), "lower_mhz", "MHz"),
    (("spectrum", 0, "lower_mhz"), 0.0001, "lower_mhz", "MHz"),
    (("spectrum", 0, "lower_mhz"), True, "lower_mhz", "MHz"),
    (("spectrum", 0, "lower_mhz"), "703", "lower_mhz", "a number"),
    (("spectrum", 0, "terms"), "a\x00b", "terms", "control characters"),
    (("a\ud800",), "x", "a\ud800", "no such field"),
    (("spectrum", 0, "edge"), 703, "edge", "no such field"),
]


@pytest.mark.any_engine  # all measures are checked before the first is written
@pytest.mark.parametrize(("path", "value", "field", "right"), MEASURE_FAULTS)
def test_a_fault_of_a_measure_is_named_and_nothing_is_written(reference, path, value, field, right):
    good = MEASURE | {"slug": "good"}
    faults = faults_of(lambda: load_measures([good, altered(MEASURE, path, value)]))
    named = [fault for fault in faults if fault.field == field]
    assert named, [str(fault) for fault in faults]
    assert all(right in fault.expected for fault in named)
    slug = value if path == ("slug",) else MEASURE["slug"]
    assert {fault.record.partition(":")[0] for fault in faults} == {slug}


@pytest.mark.any_engine  # all measures are checked before the first is written
@pytest.mark.parametrize(
    "field", ["countries", "areas", "organizations", "beneficiaries", "spectrum", "tags", "sources"]
)
@pytest.mark.parametrize("value", [{}, 0, False, "", "https://example.org/1"])
def test_what_is_no_list_is_called_so_and_not_taken_for_none(reference, field, value):
    (fault,) = faults_of(lambda: load_measures([MEASURE | {field: value}]))
    assert (fault.field, fault.value, fault.expected) == (field, value, "a list in square brackets is needed")


@pytest.mark.parametrize("field", ["areas", "organizations", "beneficiaries", "spectrum", "tags"])
def test_null_and_absent_both_mean_none(reference, field):
    absent = {key: value for key, value in MEASURE.items() if key != field}
    load_measures([MEASURE | {"slug": "null", field: None}, absent | {"slug": "absent"}])
    related = "bands" if field == "spectrum" else field
    assert [getattr(measure, related).count() for measure in Measure.objects.all()] == [0, 0]


def test_every_fault_of_a_list_of_bands_is_named(reference):
    good = MEASURE["spectrum"][0]
    bands = [5, good | {"role": "sold"}, None, good | {"band": ""}]
    faults = faults_of(lambda: load_measures([MEASURE | {"spectrum": bands}]))
    assert [(fault.record, fault.field, fault.value) for fault in faults] == [
        (f"{MEASURE['slug']}: spectrum 1", "(the record)", 5),
        (f"{MEASURE['slug']}: spectrum 3", "(the record)", None),
        (f"{MEASURE['slug']}: spectrum 2", "role", "sold"),
        (f"{MEASURE['slug']}: spectrum 4", "band", ""),
    ]


def test_an_edge_that_is_no_number_is_not_called_missing(reference):
    band = MEASURE["spectrum"][0] | {"lower_mhz": "703", "upper_mhz": 733}
    (fault,) = faults_of(lambda: load_measures([MEASURE | {"spectrum": [band]}]))
    assert (fault.field, fault.value) == ("lower_mhz", "703")


def test_of_a_list_of_tags_the_wrong_ones_are_shown_and_no_others(reference):
    faults = faults_of(lambda: load_measures([MEASURE | {"tags": ["4g", " 5g", 6, "lending"]}]))
    assert [(fault.field, fault.value) for fault in faults] == [("tags", " 5g"), ("tags", 6)]


def test_tags_of_any_script_are_stored(reference):
    names = ["santé", "教育", "!!!", "public health"]
    load_measures([MEASURE | {"tags": names}])
    tags = Measure.objects.get().tags.all()
    assert {tag.name for tag in tags} == set(names)
    assert all(tag.get_absolute_url() for tag in tags)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("x05", "perhaps X05"),
        ("ken", "perhaps KEN"),
        ("atlantis", "no such code is loaded"),
        (1, "a text in quotes is needed"),
        (None, "a text in quotes is needed"),
    ],
)
def test_a_code_like_one_of_many_is_hinted_at_whatever_its_case(reference, code, expected):
    kenya = Country.objects.get(iso3="KEN")
    for number in range(12):
        kenya.pk, kenya.iso2, kenya.iso3, kenya.m49 = None, f"{number:02}", f"X{number:02}", f"9{number:02}"
        kenya._state.adding = True
        kenya.save()
    (fault,) = faults_of(lambda: load_measures([MEASURE | {"countries": ["KEN", code]}]))
    assert (fault.field, fault.value) == ("countries", code)
    assert expected in fault.expected


def test_long_texts_may_have_lines_and_tabs(reference):
    load_measures([MEASURE | {"summary": "One.\n\n\tTwo."}])
    assert Measure.objects.get().summary == "One.\n\n\tTwo."


def test_edges_the_wrong_way_round_are_refused(reference):
    record = altered(MEASURE, ("spectrum", 0), MEASURE["spectrum"][0] | {"lower_mhz": 733, "upper_mhz": 703})
    (fault,) = faults_of(lambda: load_measures([record]))
    assert (fault.record, fault.field, fault.value) == (f"{MEASURE['slug']}: spectrum 1", "upper_mhz", 703)
    assert "733" in fault.expected


def test_all_faults_of_all_measures_are_named_at_once(reference):
    records = [MEASURE | {"title": "", "scope": "x"}, MEASURE | {"slug": "second", "sources": []}, MEASURE, 5, {}]
    named = [(fault.record, fault.field) for fault in faults_of(lambda: load_measures(records))]
    assert set(named) == {
        (MEASURE["slug"], "title"),
        (MEASURE["slug"], "scope"),
        ("second", "sources"),
        ("measure 3", "slug"),
        ("measure 4", "(the record)"),
        ("measure 5", "slug"),
    }
    assert len(named) == 6


def test_a_fault_reads_as_one_line(reference):
    (fault,) = faults_of(lambda: load_measures([MEASURE | {"title": "é" * 300}]))
    assert str(fault).startswith('ken-spectrum-2020: title: "ééé')
    assert str(fault).endswith("at most 200 characters; these are 300")
    assert len(str(fault)) < 200


def test_a_fault_reads_as_one_printable_line_whatever_the_file_holds(reference):
    record = MEASURE | {"slug": "a\nb", "title": "\x1b[31m\x9b\ud800", "\x1b\udfff": 1}
    for fault in faults_of(lambda: load_measures([record])):
        assert str(fault).encode().decode().isprintable()
        assert str(fault).startswith("a\\u000ab: ")


def test_a_list_of_no_measures_is_reported_too(reference):
    assert list(load_measures([]).lines()) == ["measure: 0 created, 0 changed, 0 left alone"]


@pytest.mark.parametrize("data", [None, 5, "text", {"measures": []}])
def test_a_file_that_is_no_list_is_refused(reference, data):
    (fault,) = faults_of(lambda: load_measures(data))
    assert "square brackets" in fault.expected


# --- spectrum ---


def ranges_of(record):
    load_measures([record])
    return [
        (item.lower_mhz, item.upper_mhz, item.nominal, bool(item.basis))
        for item in SpectrumRange.objects.order_by("lower_mhz", "upper_mhz")
    ]


@pytest.mark.parametrize(
    ("countries", "edges"),
    [
        (["KEN"], [(694, 790)]),
        (["USA"], [(698, 806)]),
        (["KEN", "USA"], [(694, 790), (698, 806)]),
    ],
)
def test_a_label_without_edges_gets_the_nominal_ranges_of_the_radio_regions(reference, countries, edges):
    found = ranges_of(MEASURE | {"countries": countries})
    assert found == [(lower, upper, True, True) for lower, upper in edges]


def test_a_measure_of_an_area_gets_the_ranges_of_its_members(reference):
    assert ranges_of(MEASURE | {"countries": [], "areas": ["eac"]}) == [(694, 790, True, True)]


def test_edges_of_the_source_are_not_nominal(reference):
    band = MEASURE["spectrum"][0] | {"lower_mhz": 703.5, "upper_mhz": 733}
    assert ranges_of(MEASURE | {"spectrum": [band]}) == [(Decimal("703.5"), 733, False, False)]


def test_a_label_that_nobody_reviewed_gets_no_range(reference):
    band = MEASURE["spectrum"][0] | {"band": "694-790 MHz or so"}
    assert ranges_of(MEASURE | {"spectrum": [band]}) == []


def test_a_label_that_states_its_edges_is_not_nominal(reference):
    band = MEASURE["spectrum"][0] | {"band": "470-694 MHz"}
    assert ranges_of(MEASURE | {"spectrum": [band]}) == [(470, 694, False, True)]


def test_nominal_ranges_follow_a_country_that_moves_to_another_radio_region(reference):
    assert ranges_of(MEASURE) == [(694, 790, True, True)]
    Country.objects.filter(iso3="KEN").update(radio_region=2)
    assert ranges_of(MEASURE) == [(698, 806, True, True)]


def test_regulators_are_those_that_the_countries_name(reference):
    assert set(Organization.objects.exclude(regulator_of=None).values_list("slug", flat=True)) == {"ke-ca", "us-fcc"}
