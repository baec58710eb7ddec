import datetime

import pytest
import time_machine

from practices.catalogue import counts_by, reach
from tests.factories import CountryFactory, CrisisFactory, SourceFactory, make_measure

pytestmark = pytest.mark.django_db


@pytest.fixture
def countries():
    return [CountryFactory(iso3=code) for code in ("KEN", "UGA", "FRA")]


def test_an_empty_catalogue_reaches_nobody():
    totals = reach()
    assert (totals.measures, totals.countries, totals.sources, totals.updated_at) == (0, 0, 0, None)


def test_reach_counts_each_public_thing_once(countries):
    kenya, uganda, france = countries
    shared = SourceFactory()
    with time_machine.travel("2020-05-01T12:00Z", tick=False):
        make_measure(countries=[kenya, uganda], sources=[shared, "official"])
    with time_machine.travel("2020-06-01T12:00Z", tick=False):
        make_measure(countries=[kenya], sources=[shared])
    with time_machine.travel("2020-07-01T12:00Z", tick=False):
        for status in ("draft", "in-review", "withdrawn"):
            make_measure(status=status, countries=[france])
    totals = reach()
    assert (totals.measures, totals.countries, totals.sources) == (2, 2, 2)
    assert totals.updated_at == datetime.datetime(2020, 6, 1, 12, tzinfo=datetime.UTC)


def test_counts_by_a_relation_are_of_public_measures(countries):
    kenya, uganda, france = countries
    make_measure(countries=[kenya, uganda])
    make_measure(countries=[kenya])
    for status in ("draft", "in-review", "withdrawn"):
        make_measure(status=status, countries=[france, kenya])
    counts = counts_by("countries")
    assert counts == {kenya.pk: 2, uganda.pk: 1}
    assert counts[france.pk] == 0


def test_counts_leave_out_what_has_no_value():
    make_measure(announced_on="2020-04")
    make_measure(announced_on=None)
    assert {date.isoformat(): number for date, number in counts_by("announced_on").items()} == {"2020-04": 1}


def test_counts_can_be_narrowed(countries):
    covid, ebola = CrisisFactory(slug="covid-19"), CrisisFactory(slug="ebola-2014")
    make_measure(crisis=covid, countries=countries)
    make_measure(crisis=ebola, countries=countries[:1])
    assert counts_by("countries", crisis=ebola) == {countries[0].pk: 1}
    assert counts_by("crisis", countries__in=countries) == {covid.pk: 1, ebola.pk: 1}  # not once a country
