"""What is suggested while somebody types, and the filters that are recognised in what they typed."""

import pytest
from django.utils.translation import override

from practices import catalogue
from practices.catalogue.suggest import recognised, suggestions
from tests.factories import (
    CountryFactory,
    CrisisFactory,
    GroupFactory,
    MeasureTypeFactory,
    OrganizationFactory,
    TopicFactory,
    make_measure,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def kenya():
    return CountryFactory(iso3="KEN", iso2="KE", name_en="Kenya", name_fr="Kenia français", name_zh_hans="肯尼亚")


def suggested(text, **options):
    return [(item.kind, item.code) for item in suggestions(text, catalogue.current(), **options)]


def read(text):
    return [(item.parameter, item.code, item.rest) for item in recognised(text, catalogue.current())]


def test_names_are_suggested_from_their_first_letters_and_titles_after_them(kenya):
    make_measure(slug="older", title="Kenya lends spectrum", countries=[kenya], announced_on="2020")
    make_measure(slug="newer", title="Kenya opens roaming", countries=[kenya], tags=["kenyan-law"], announced_on="2021")

    assert suggested("ken") == [
        ("country", "ken"),
        ("tag", "kenyan-law"),
        ("measure", "newer"),
        ("measure", "older"),
    ]
    assert suggested("lends spec") == [("measure", "older")]
    assert len(suggested("ken", limit=2)) == 2


@pytest.mark.parametrize("typed", ["kenya", "KEN", "Kenia", "肯尼", "肯", "fran"])
def test_names_are_known_in_every_language_and_by_code(kenya, typed):
    make_measure(countries=[kenya])

    assert ("country", "ken") in suggested(typed)


def test_suggestions_are_in_the_readers_language_and_say_what_was_recognised(kenya):
    make_measure(countries=[kenya])
    CountryFactory(iso3="NLD", iso2="NL", name_en="Netherlands (Kingdom of the)")
    with override("zh-hans"):
        assert suggestions("kenya", catalogue.current())[0].label == "肯尼亚"
    holland = suggestions("holl", catalogue.current())[0]
    assert (holland.label, holland.alias, holland.number) == ("Netherlands (Kingdom of the)", "Holland", 0)
    assert suggestions("nether", catalogue.current())[0].alias == ""


def test_what_is_not_public_is_not_suggested(kenya):
    make_measure(
        title="Hidden title", status="draft", tags=["hidden-tag"], organizations=[OrganizationFactory(name_en="Hidden")]
    )
    OrganizationFactory(slug="regulator", name_en="Hidden regulator", regulator_of=kenya)

    assert suggested("hidden") == [("organization", "regulator")]


@pytest.mark.parametrize("typed", ["Ministry of the he", "ministry of he", "ministry of", "ministry health", "of hea"])
def test_small_words_of_a_name_may_be_typed(typed):
    make_measure(organizations=[OrganizationFactory(slug="moh", name_en="Ministry of the Health of All")])

    assert suggested(typed) == [("organization", "moh")]


def test_small_words_of_a_tag_may_be_typed():
    make_measure(tags=["state of emergency"])

    assert suggested("state of em") == [("tag", "state-of-emergency")]


def test_what_no_public_record_has_is_suggested_only_where_nothing_else_is(kenya):
    ghana = CountryFactory(iso3="GHA", iso2="GH", name_en="Kenghana")
    OrganizationFactory(slug="none", name_en="Kenya regulator", regulator_of=kenya)
    assert ("organization", "none") in suggested("kenya")

    make_measure(organizations=[OrganizationFactory(slug="some", name_en="Kenya ministry", country=kenya)])

    assert [code for kind, code in suggested("ken") if kind == "organization"] == ["some"]
    assert ("country", ghana.code) in suggested("ken")


def test_organizations_of_one_name_are_told_apart_by_their_countries(kenya):
    ghana = CountryFactory(iso3="GHA", iso2="GH", name_en="Ghana", name_fr="Ghana français")
    make_measure(
        organizations=[
            OrganizationFactory(slug="ke", name_en="Ministry", country=kenya),
            OrganizationFactory(slug="gh", name_en="Ministry", country=ghana),
            OrganizationFactory(slug="union", name_en="Ministry", country=None),
            OrganizationFactory(slug="other", name_en="Other", country=ghana),
        ]
    )

    current = catalogue.current()
    notes = {item.code: item.note for item in suggestions("ministry", current)}
    assert notes == {"ke": "Kenya", "gh": "Ghana", "union": ""}
    assert {item.note for item in suggestions("other", current)} == {""}
    with override("fr"):
        assert "Ghana français" in {item.note for item in suggestions("ministry", current)}


def test_nothing_typed_suggests_nothing():
    assert suggestions("  ", catalogue.current()) == []


def test_suggestions_ask_the_database_nothing(kenya, django_assert_max_num_queries):
    make_measure(title="Kenya lends spectrum", countries=[kenya])
    current = catalogue.current()
    with django_assert_max_num_queries(0):
        assert suggestions("kenya lends spec", current)


def test_filters_are_recognised_in_words(kenya):
    spectrum = MeasureTypeFactory(
        code="temporary-spectrum", name_en="Temporary spectrum", topic=TopicFactory(code="spectrum", name_en="Spectrum")
    )
    make_measure(
        countries=[kenya],
        areas=[GroupFactory(code="africa", name_en="Africa")],
        measure_type=spectrum,
        crisis=CrisisFactory(slug="maria-2017", name_en="Hurricane Maria"),
        organizations=[OrganizationFactory(slug="ke-ca", name_en="Communications Authority", acronym="CA-K")],
        announced_on="2020-05",
    )

    assert read("spectrum Kenya 2020") == [
        ("topic", "spectrum", "Kenya 2020"),
        ("country", "ken", "spectrum 2020"),
        ("year", "2020", "spectrum Kenya"),
    ]
    assert read("cheap temporary spectrum") == [("type", "temporary-spectrum", "cheap")]
    assert read("hurricane maria in africa") == [
        ("crisis", "maria-2017", "in africa"),
        ("group", "africa", "hurricane maria in"),
    ]
    assert read("CA-K") == [("organization", "ke-ca", "")]
    assert read("KE roaming") == [("country", "ken", "roaming")]


def test_only_whole_names_of_what_a_public_record_has_are_recognised(kenya):
    make_measure(countries=[kenya], announced_on="2020")
    CountryFactory(iso3="GHA", iso2="GH", name_en="Ghana")

    assert read("ken") == [("country", "ken", "")]
    assert read("keny ghana 2019 ke roaming") == []
    assert read('"kenya" -kenya') == []


@pytest.fixture
def _with_everyday_codes():
    codes = [("USA", "US"), ("AGO", "AO"), ("PER", "PE"), ("AND", "AD"), ("CAN", "CA"), ("ARE", "AE"), ("ZAF", "ZA")]
    make_measure(
        title="Kept",
        countries=[CountryFactory(iso3=iso3, iso2=iso2, name_en=f"Land of {iso2}x") for iso3, iso2 in codes],
    )


@pytest.mark.usefixtures("_with_everyday_codes")
@pytest.mark.parametrize(
    "typed",
    [
        "let us work from home",
        "years ago",
        "per cent",
        "the of and",
        "operators can lend",
        "who are they",
        "help for us",
        "us",
        "YEARS AGO",
        "my car",
        "10 GB per month",
        "za roaming",
    ],
)
def test_everyday_words_are_no_codes_of_countries(typed):
    assert [parameter for parameter, _code, _rest in read(typed)] == []
    assert [code for kind, code in suggested(typed) if kind == "country" and code != "usa"] == []


@pytest.mark.usefixtures("_with_everyday_codes")
@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("can", "can"),
        ("per", "per"),
        ("and", "and"),
        ("CAN", "can"),
        ("PER roaming", "per"),
        ("in the US", "usa"),
        ("US ROAMING", "usa"),
        ("U.S. roaming", "usa"),
        ("usa", "usa"),
        ("roaming usa today", "usa"),
        ("uae", "are"),
        ("zaf", "zaf"),
        ("zaf roaming", "zaf"),
        ("ZA roaming", "zaf"),
        ("ZA", "zaf"),
        ("are", "are"),
    ],
)
def test_codes_are_recognised_alone_in_capitals_or_where_they_are_no_words(typed, code):
    assert ("country", code) in [(parameter, value) for parameter, value, _rest in read(typed)]


@pytest.mark.parametrize("typed", ["kenia", "kenyaa", "keyna"])
def test_misspelt_words_are_suggested_as_what_was_meant(kenya, typed):
    make_measure(countries=[kenya])

    assert suggested(typed) == [("country", "ken")]


@pytest.mark.parametrize("typed", ["free browsing", "free brow", "sponsored data", "datos gratis"])
def test_synonyms_are_suggested_as_what_they_mean(typed):
    make_measure(title="Relief", measure_type=MeasureTypeFactory(code="zero-rating", name_en="Zero-rating"))

    assert suggested(typed) == [("type", "zero-rating")]


def test_countries_types_and_topics_go_before_tags(kenya):
    kind = MeasureTypeFactory(
        code="kenyan-type", name_en="Type of Kenyans", topic__code="kenyan-topic", topic__name_en="Topic of Kenyans"
    )
    make_measure(countries=[kenya], measure_type=kind, tags=["kenya", "kenyan law", "kenyan data"], title="Relief")

    assert suggested("keny")[:3] == [("country", "ken"), ("type", "kenyan-type"), ("topic", "kenyan-topic")]
    assert {kind for kind, _code in suggested("keny")[3:]} == {"tag"}


def test_the_kind_of_a_crisis_is_suggested_in_every_language():
    maria = CrisisFactory(slug="maria-2017", name_en="Hurricane Maria", kind="storm")
    make_measure(crisis=maria)

    assert suggested("huracán") == suggested("ouragan") == suggested("飓风") == [("crisis", "maria-2017")]
