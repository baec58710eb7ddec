"""The pages of countries and groups, as a reader meets them."""

import pytest

from tests.factories import CountryFactory, GroupFactory, MeasureTypeFactory, OrganizationFactory, make_measure
from tests.practices.test_views import text_of, titles_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def countries():
    CountryFactory(iso3="KEN", iso2="KE", name_en="Kenya", itu_region="afr", income_group="lower-middle")
    CountryFactory(iso3="GHA", iso2="GH", name_en="Ghana", itu_region="afr", income_group="lower-middle")
    CountryFactory(iso3="PER", iso2="PE", name_en="Peru", itu_region="ams", income_group="upper-middle")


@pytest.mark.parametrize("by", ["region", "subregion", "income", "name"])
def test_the_index_lists_every_country_whatever_groups_it(client, countries, by):
    text = text_of(client.get(f"/countries/?by={by}"))
    assert all(name in text for name in ("Kenya", "Ghana", "Peru"))


@pytest.mark.parametrize(("words", "found"), [("ken", {"Kenya"}), ("gh", {"Ghana"}), ("PER", {"Peru"}), ("zzz", set())])
def test_the_index_is_narrowed_by_name_or_code(client, countries, words, found):
    text = text_of(client.get(f"/countries/?q={words}"))
    assert {name for name in ("Kenya", "Ghana", "Peru") if name in text} == found


@pytest.mark.parametrize("query", ["by=colour", f"q={'x' * 101}", "q=%00"])
def test_a_value_that_is_not_valid_is_answered_with_what_would_be(client, countries, query):
    response = client.get(f"/countries/?{query}")
    assert response.status_code == 400
    assert "Right would be" in text_of(response) or "at most 100 characters" in text_of(response)


def test_a_country_with_nothing_recorded_says_that_and_not_that_there_is_nothing(client, countries):
    text = text_of(client.get("/countries/ken/"))
    assert "Nothing recorded yet" in text
    assert "0 measures" not in text


def test_a_profile_shows_the_countrys_own_measures_and_those_of_its_regions_apart(client, countries):
    from countries.models import Country

    africa = GroupFactory(code="africa", name_en="Africa", members=Country.objects.filter(itu_region="afr"))
    make_measure(title="Of Kenya", countries=["KEN"])
    make_measure(title="Of Africa", areas=[africa], scope="regional")
    make_measure(title="Of Africa and Kenya", countries=["KEN"], areas=[africa], scope="regional")
    make_measure(title="Of Ghana", countries=["GHA"])
    response = client.get("/countries/ken/")
    assert titles_on(response) == {"Of Kenya", "Of Africa and Kenya", "Of Africa"}
    own, _heading, regional = response.content.decode().partition('id="regional"')
    assert "Of Africa</a>" in regional
    assert "Of Africa</a>" not in own
    assert "Of Kenya</a>" not in regional


def test_a_profile_names_the_regulator_with_its_link(client, countries):
    from countries.models import Country

    OrganizationFactory(
        name_en="Communications Authority",
        url="https://ca.example/",
        regulator_of=Country.objects.get(iso3="KEN"),
        slug="ke-ca",
    )
    body = client.get("/countries/ken/").content.decode()
    assert 'href="https://ca.example/"' in body
    assert "https://datahub.itu.int/data/?e=KEN" in body


def test_a_profile_tells_what_like_countries_did_that_it_has_no_record_of(client, countries):
    make_measure(countries=["KEN"], measure_type=MeasureTypeFactory(code="a", name_en="Recorded here"))
    make_measure(countries=["GHA"], measure_type=MeasureTypeFactory(code="a"))
    make_measure(countries=["GHA"], measure_type=MeasureTypeFactory(code="b", name_en="Only next door"))
    make_measure(countries=["PER"], measure_type=MeasureTypeFactory(code="c", name_en="Only far away"))
    make_measure(countries=["GHA"], status="draft", measure_type=MeasureTypeFactory(code="d", name_en="Only a draft"))
    text = text_of(client.get("/countries/ken/"))
    assert "Only next door" in text
    assert "Only far away" not in text
    assert "Only a draft" not in text


def test_a_code_in_capitals_leads_to_the_one_address(client, countries):
    response = client.get("/countries/KEN/")
    assert (response.status_code, response.headers["Location"]) == (301, "/countries/ken/")


def test_a_groups_code_in_capitals_leads_to_the_one_address(client):
    assert client.get("/groups/EU/").headers["Location"] == "/groups/eu/"


@pytest.mark.parametrize("address", ["/countries/zzz/", "/countries/kenya/", "/groups/nothing/"])
def test_a_country_or_group_that_is_not_there_is_missing(client, countries, address):
    assert client.get(address).status_code == 404


def test_a_group_lists_its_members_and_its_own_measures(client, countries):
    from countries.models import Country

    group = GroupFactory(code="eac", name_en="East African Community", members=Country.objects.filter(iso3="KEN"))
    make_measure(title="Of Kenya", countries=["KEN"])
    make_measure(title="Of the community", areas=[group], scope="regional")
    response = client.get("/groups/eac/")
    assert "Kenya" in text_of(response)
    assert "Ghana" not in text_of(response)
    assert titles_on(response) == {"Of the community"}
