import random
from datetime import date
from urllib.parse import urlencode

import pytest
from django.http import QueryDict

from practices import catalogue, facets
from practices.facets import FACETS, MAX_SHORT_VALUES, MIN_TAG_COUNT, facet
from practices.filters import MeasureFilter
from practices.models import Measure
from tests.factories import (
    BeneficiaryFactory,
    CountryFactory,
    CrisisFactory,
    GroupFactory,
    MeasureTypeFactory,
    OrganizationFactory,
    SourceFactory,
    make_measure,
)

MEASURES = 40
QUERIES = 12


def ask(parameters):
    return MeasureFilter(QueryDict(urlencode(parameters, doseq=True)), catalogue.current())


def make_catalogue(rng):
    """A catalogue at random, with as many hidden records as public ones could leak."""

    def some(records, most):
        return rng.sample(records, rng.randint(0, most))

    countries = [
        CountryFactory(itu_region=rng.choice(["afr", "eur", "asp"]), income_group=rng.choice(["low", "high", ""]))
        for _number in range(16)
    ]
    groups = [GroupFactory(code=code, members=some(countries, 8)) for code in ("ldc", "lldc", "sids", "eu", "world")]
    types = [MeasureTypeFactory(topic__code=rng.choice(["spectrum", "prices", "reach"])) for _number in range(6)]
    crises = [CrisisFactory(slug=slug) for slug in ("covid-19", "ebola-2014")]
    organizations = [
        OrganizationFactory(kind=rng.choice(["regulator", "operator", "ministry"])) for _number in range(8)
    ]
    beneficiaries = [BeneficiaryFactory() for _number in range(4)]
    sources = [
        SourceFactory(kind=rng.choice(["official", "news", "report"]), language=rng.choice(["en", "fr", "ar"]))
        for _number in range(20)
    ]
    dates = [None, "2019", "2020", "2020-04", "2020-04-17", "2021-01-31", "2050"]
    for number in range(MEASURES):
        own = some(countries, 3)
        make_measure(
            status=rng.choice(["published"] * 5 + ["draft", "in-review", "withdrawn"]),
            title=f"Measure {rng.choice(['alpha', 'beta'])} {number}",
            countries=own,
            areas=some(groups, 2) if own else [groups[number % 5]],
            measure_type=rng.choice(types),
            crisis=rng.choice(crises),
            organizations=some(organizations, 3),
            beneficiaries=some(beneficiaries, 2),
            legal_nature=rng.choice(["", "mandatory", "voluntary"]),
            announced_on=rng.choice(dates),
            ends_on=rng.choice(dates),
            verified_on=rng.choice([None, date(2021, 1, 1)]),
            tags=some([f"tag-{n}" for n in range(6)], 3),
            sources=rng.sample(sources, rng.randint(1, 3)),
        )


def all_values(name):
    """Every value that the parameter can have in this catalogue."""
    return [value.value for value in facet(ask({}), name, whole=True).values]


def random_query(rng, values):
    parameters = {
        name: rng.sample(values[name], min(rng.randint(1, 3), len(values[name])))
        for name in rng.sample(sorted(FACETS), rng.randint(0, 3))
    }
    if rng.random() < 0.3:
        parameters["q"] = [rng.choice(["alpha", "beta"])]
    if rng.random() < 0.2:
        parameters["announced_from"] = [rng.choice(["2020", "2020-04"])]
    return parameters


@pytest.mark.django_db
def test_each_count_is_what_the_list_would_show_if_that_value_were_chosen(monkeypatch):
    monkeypatch.setattr(facets, "MIN_TAG_COUNT", 1)
    rng = random.Random(2020)  # noqa: S311
    make_catalogue(rng)
    values = {name: all_values(name) for name in FACETS}
    assert all(values.values())
    for _number in range(QUERIES):
        parameters = random_query(rng, values)
        filterset = ask(parameters)
        assert filterset.is_valid(), parameters
        for name in FACETS:
            shown = facet(filterset, name, whole=True).values
            expected = {value: len(ask(parameters | {name: [value]}).in_order()) for value in values[name]}
            counted = {value.value: value.count for value in shown if value.count}
            assert counted == {value: count for value, count in expected.items() if count}, (parameters, name)
            assert {value.value for value in shown if value.selected} == set(parameters.get(name, ())), parameters


@pytest.mark.django_db
def test_counts_without_any_choice_are_those_of_public_records_alone():
    make_catalogue(random.Random(2021))  # noqa: S311
    public = Measure.objects.filter(status="published")
    assert 0 < public.count() < Measure.objects.count()
    for name in ("state", "evidence", "verified", "topic", "type", "crisis"):
        assert sum(value.count for value in facet(ask({}), name, whole=True).values) == public.count(), name


@pytest.mark.django_db
def test_hidden_records_count_nowhere():
    for status in ("draft", "in-review", "withdrawn"):
        make_measure(
            status=status,
            organizations=[OrganizationFactory()],
            beneficiaries=[BeneficiaryFactory()],
            tags=["wi-fi"],
            announced_on="2020",
            legal_nature="mandatory",
        )
    filterset = ask({})
    assert {value.count for name in FACETS for value in facet(filterset, name).values} == {0}


@pytest.mark.django_db
def test_a_choice_does_not_zero_the_rest_of_its_own_facet():
    make_measure(countries=["KEN"]), make_measure(countries=["FRA"])
    counts = {value.value: (value.count, value.selected) for value in facet(ask({"country": "ken"}), "country").values}
    assert counts == {"ken": (1, True), "fra": (1, False)}


@pytest.mark.django_db
def test_a_choice_that_selects_nothing_stays_to_be_taken_back():
    make_measure(countries=["FRA"])
    CountryFactory(iso3="KEN")
    values = facet(ask({"country": "ken"}), "country").values
    assert [(value.value, value.count, value.selected) for value in values] == [("fra", 1, False), ("ken", 0, True)]


@pytest.mark.django_db
def test_a_tag_is_offered_from_five_measures_on_but_a_chosen_one_always_with_its_count():
    for number in range(MIN_TAG_COUNT):
        make_measure(tags=["common", "rare"] if number else ["common"])
    offered = facet(ask({}), "tag").values
    assert [(value.value, value.count) for value in offered] == [("common", 5)]
    chosen = facet(ask({"tag": "rare"}), "tag").values
    assert {(value.value, value.count, value.selected) for value in chosen} == {("common", 5, False), ("rare", 4, True)}


@pytest.mark.django_db
def test_a_chosen_group_that_is_no_category_shows_its_count():
    make_measure(countries=[kenya := CountryFactory(iso3="KEN")])
    GroupFactory(code="eac", name_en="East African Community", members=[kenya])
    values = {value.value: (value.label, value.count) for value in facet(ask({"group": "eac"}), "group").values}
    assert values["eac"] == ("East African Community", 1)


@pytest.mark.django_db
def test_a_long_facet_shows_a_dozen_and_what_is_chosen():
    for number in range(MAX_SHORT_VALUES + 3):
        for _time in range(2 if number < MAX_SHORT_VALUES else 1):
            make_measure(countries=[CountryFactory(iso3=f"C{chr(65 + number)}A")])
    shown = facet(ask({"country": "coa"}), "country")
    assert shown.is_long
    assert shown.total == MAX_SHORT_VALUES + 3
    assert [value.value for value in shown.selected] == ["coa"]
    assert len(shown.values) == MAX_SHORT_VALUES + 1
    assert {value.count for value in shown.values if not value.selected} == {2}
    whole = facet(ask({"country": "coa"}), "country", whole=True)
    assert (len(whole.values), whole.total) == (MAX_SHORT_VALUES + 3, MAX_SHORT_VALUES + 3)
    assert {value.value for value in whole.values} == {
        f"c{chr(97 + number)}a" for number in range(MAX_SHORT_VALUES + 3)
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("number", "is_long"), [(MAX_SHORT_VALUES, False), (MAX_SHORT_VALUES + 1, True)])
def test_a_facet_is_long_from_the_thirteenth_value_on(number, is_long):
    make_measure(countries=[f"C{chr(65 + place)}A" for place in range(number)])
    shown = facet(ask({}), "country")
    assert (shown.is_long, shown.total, len(shown.values)) == (is_long, number, MAX_SHORT_VALUES)


@pytest.mark.django_db
def test_a_wrong_value_is_left_out_of_account_and_its_facet_says_why():
    make_measure(countries=["KEN"]), make_measure(countries=["FRA"])
    filterset = ask({"country": ["ken", "atlantis"], "state": "unknown"})
    country, state = facet(filterset, "country"), facet(filterset, "state")
    assert {(value.value, value.count, value.selected) for value in country.values} == {
        ("ken", 1, True),
        ("fra", 1, False),
        ("atlantis", 0, True),
    }
    assert "atlantis" in country.errors[0]
    assert [value.count for value in state.values if value.selected] == [2]
    assert state.errors == []


@pytest.mark.django_db
def test_values_are_labelled_in_words():
    make_measure(countries=["KEN"], sources=[SourceFactory(language="fr")], announced_on="2020-04")
    for code in ("ldc", "lldc", "sids", "eu"):
        GroupFactory(code=code)
    filterset = ask({})
    labels = {name: {value.value: value.label for value in facet(filterset, name).values} for name in FACETS}
    assert labels["country"] == {"ken": "Country KEN"}
    assert labels["source_language"] == {"fr": "French"}
    assert labels["verified"] == {"yes": "Verified", "no": "Not yet verified"}
    assert labels["state"]["in-force"] == "In force"
    assert labels["year"] == {"2020": "2020"}
    assert labels["group"] == {
        "ldc": "Least developed countries (LDC)",
        "lldc": "Landlocked developing countries (LLDC)",
        "sids": "Small island developing States (SIDS)",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("parameters", "opened"),
    [
        ({}, set()),
        ({"crisis": "covid-19", "country": "ken"}, {"crisis"}),
        ({"state": "no-such-state"}, {"state"}),
    ],
)
def test_a_facet_is_open_at_first_or_where_something_is_chosen_or_wrong(parameters, opened):
    CrisisFactory(slug="covid-19")
    shown = {facet.name: facet for facet in facets.facets(ask(parameters))}
    assert {name for name, facet in shown.items() if facet.is_open} == facets.OPEN_FACETS | opened
    assert all(not facet.values for facet in shown.values() if not facet.is_open)


@pytest.mark.django_db
def test_every_facet_is_a_parameter_of_the_list():
    filterset = ask({})
    assert [shown.name for shown in facets.facets(filterset)] == list(FACETS)
    assert set(FACETS) <= set(filterset.filters)
