"""Countries side by side."""

import re
from html import unescape

import pytest
from django.urls import reverse

from practices import catalogue
from practices.comparing import compared
from tests.factories import CountryFactory, MeasureTypeFactory, SpectrumBandFactory, make_measure

pytestmark = pytest.mark.django_db


@pytest.fixture
def countries():
    return [CountryFactory(iso3=code, name_en=name) for code, name in (("KEN", "Kenya"), ("GHA", "Ghana"))]


def measure_of(country, kind, **fields):
    return make_measure(countries=[country], measure_type=MeasureTypeFactory(code=kind, topic__code="access"), **fields)


def table(countries):
    """By type: how many each country has, and whether they differ."""
    return {
        row.kind.code: ([cell.count for cell in row.cells], row.differs)
        for _topic, kinds in compared(catalogue.current(), countries)
        for row in kinds
    }


def test_types_that_some_have_and_some_have_not_differ(countries):
    kenya, ghana = countries
    for country in countries:
        measure_of(country, "zero-rating")
    measure_of(kenya, "zero-rating")
    measure_of(kenya, "roaming")
    measure_of(CountryFactory(iso3="UGA"), "wifi")
    measure_of(ghana, "wifi", status="draft")
    assert table(countries) == {
        "zero-rating": ([2, 1], False),
        "roaming": ([1, 0], True),
    }


def test_dates_and_terms_are_on_the_page(client, countries):
    kenya, _ghana = countries
    measure = measure_of(kenya, "spectrum", starts_on="2020-04", ends_on="2020-07-31")
    SpectrumBandFactory(measure=measure, bandwidth="20 MHz", holder="Safaricom", terms="Free of charge.")
    page = client.get(reverse("practices:compare"), {"country": ["ken", "gha"]}).content.decode()
    text = re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", page))
    for expected in ("Apr 2020 – 31 Jul 2020", "20 MHz, Safaricom", "Free of charge.", "none recorded"):
        assert expected in text


def test_other_filters_narrow_what_is_compared(client, countries):
    measure_of(countries[0], "zero-rating", title="In 2020", announced_on="2020-03")
    measure_of(countries[0], "zero-rating", title="In 2021", announced_on="2021-03")
    page = client.get(reverse("practices:compare"), {"country": ["ken", "gha"], "year": "2021"}).content.decode()
    assert "In 2021" in page
    assert "In 2020" not in page


@pytest.mark.parametrize(
    ("codes", "status", "says"),
    [
        ([], 200, "Begin with a country"),
        (["ken"], 200, "One more country"),
        (["xyz", "ken"], 400, "is not a code of the catalogue"),
        (["ken", "gha", "xaa", "xab", "xac", "xad", "xae"], 400, "Right would be at most 6"),
    ],
)
def test_too_few_too_many_and_unknown_countries_are_told(client, countries, codes, status, says):
    for code in codes[2:]:
        CountryFactory(iso3=code.upper())
    response = client.get(reverse("practices:compare"), {"country": codes})
    assert (response.status_code, says in response.content.decode()) == (status, True)


def test_comparing_takes_as_many_queries_for_many_measures_as_for_one(client, countries, django_assert_max_num_queries):
    for number in range(8):
        SpectrumBandFactory(measure=measure_of(countries[number % 2], f"type-{number}"))
    address = f"{reverse('practices:compare')}?country=ken&country=gha"
    client.get(reverse("practices:about"))
    with django_assert_max_num_queries(4):
        client.get(address)


def test_a_country_with_more_than_the_newest_leads_to_all_of_them(client, countries):
    for number in range(6):
        measure_of(countries[0], "roaming", title=f"Number {number}", announced_on="2020")
    measure_of(countries[0], "roaming", announced_on="2021")
    page = client.get(reverse("practices:compare"), {"country": ["ken", "gha"], "year": "2020"}).content.decode()
    assert page.count("Number ") == 5
    (address,) = re.findall(r'<a href="([^"]*)">See all 6 measures</a>', page)
    assert client.get(unescape(address)).context_data["page"].paginator.count == 6


def test_what_is_compared_can_be_taken_along_as_a_file(client, countries):
    for country in countries:
        measure_of(country, "roaming", announced_on="2020")
    measure_of(countries[0], "roaming", announced_on="2021")
    page = client.get(reverse("practices:compare"), {"country": ["ken", "gha"], "year": "2020"}).content.decode()
    (address,) = re.findall(r'href="(/measures\.csv[^"]*)"', page)
    assert client.get(unescape(address)).headers["X-Row-Count"] == "2"
