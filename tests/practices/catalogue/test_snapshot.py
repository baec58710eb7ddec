"""What the snapshot says of the public catalogue as a whole, and of what it is made of."""

import datetime

import numpy as np
import pytest
import time_machine
from django.utils import translation

from practices import catalogue, workflow
from tests.factories import (
    CountryFactory,
    CrisisFactory,
    GroupFactory,
    MeasureTypeFactory,
    OrganizationFactory,
    SourceFactory,
    make_measure,
)

pytestmark = pytest.mark.django_db
HIDDEN = ["draft", "in-review", "withdrawn"]


@pytest.fixture
def countries():
    return [CountryFactory(iso3=code) for code in ("KEN", "UGA", "FRA")]


def test_an_empty_catalogue_reaches_nobody():
    public = catalogue.current()
    assert (len(public), public.counts_by_id("country"), public.source_count, public.updated_at) == (0, {}, 0, None)


def test_reach_counts_each_public_thing_once(countries):
    kenya, uganda, france = countries
    shared = SourceFactory()
    with time_machine.travel("2020-05-01T12:00Z", tick=False):
        make_measure(countries=[kenya, uganda], sources=[shared, "official"])
    with time_machine.travel("2020-06-01T12:00:00.123457Z", tick=False):
        make_measure(countries=[kenya], sources=[shared])
    with time_machine.travel("2020-07-01T12:00Z", tick=False):
        for status in HIDDEN:
            make_measure(status=status, countries=[france])
    public = catalogue.current()
    assert (len(public), len(public.counts_by_id("country")), public.source_count) == (2, 2, 2)
    assert public.updated_at == datetime.datetime(2020, 6, 1, 12, 0, 0, 123457, tzinfo=datetime.UTC)


def test_counts_are_of_public_measures(countries):
    kenya, uganda, france = countries
    make_measure(countries=[kenya, uganda])
    make_measure(countries=[kenya])
    for status in HIDDEN:
        make_measure(status=status, countries=[france, kenya])
    counts = catalogue.current().counts_by_id("country")
    assert counts == {kenya.pk: 2, uganda.pk: 1}
    assert counts[france.pk] == 0


def test_counts_leave_out_what_has_no_value():
    make_measure(announced_on="2020-04", legal_nature="mandatory")
    make_measure(announced_on=None, legal_nature="")
    public = catalogue.current()
    for name, code in (("year", "2020"), ("legal", "mandatory")):
        counts = public.counts(name)
        assert {public.codes(name)[place]: counts[place] for place in counts.nonzero()[0]} == {code: 1}


def test_counts_can_be_narrowed(countries):
    covid, ebola = CrisisFactory(slug="covid-19"), CrisisFactory(slug="ebola-2014")
    make_measure(crisis=covid, countries=countries)
    make_measure(crisis=ebola, countries=countries[:1])
    public = catalogue.current()
    of_ebola = public.rows_with("crisis", "ebola-2014")
    assert public.counts_by_id("country", of_ebola) == {countries[0].pk: 1}
    of_any = public.rows_with("country", "ken", "uga", "fra")
    assert public.counts_by_id("crisis", of_any) == {covid.pk: 1, ebola.pk: 1}  # not once a country


def test_ranked_puts_the_most_used_first_and_equals_by_their_name_in_the_readers_language():
    kenya = CountryFactory(iso3="KEN", name_en="B", name_fr="A")
    uganda = CountryFactory(iso3="UGA", name_en="A", name_fr="B")
    france = CountryFactory(iso3="FRA", name_en="C", name_fr="C")
    CountryFactory(iso3="PER")
    make_measure(countries=[kenya, uganda, france])
    make_measure(countries=[france])
    public = catalogue.current()
    assert public.ranked("country") == [(france, 2), (uganda, 1), (kenya, 1)]
    with translation.override("fr"):
        assert public.ranked("country") == [(france, 2), (kenya, 1), (uganda, 1)]


def test_spread_counts_a_country_once_however_many_measures_it_took(countries):
    kenya, uganda, france = countries
    a, b = MeasureTypeFactory(code="a"), MeasureTypeFactory(code="b")
    make_measure(measure_type=a, countries=[kenya, uganda])
    make_measure(measure_type=a, countries=[kenya, france])
    make_measure(measure_type=b, countries=[france])
    public = catalogue.current()
    of_two = [public.index("country")[code] for code in ("ken", "uga")]
    spread = public.spread("type", "country", of_two)
    assert {code: spread[place] for code, place in public.index("type").items()} == {"a": 2, "b": 0}


def test_a_measure_of_a_group_counts_with_the_group_and_those_of_its_members(countries):
    group = GroupFactory(code="eac", members=countries[:2])
    GroupFactory(code="eu", members=countries[2:])
    make_measure(countries=countries[:2])
    make_measure(areas=[group])
    make_measure(countries=countries[:1], areas=[group])
    make_measure(countries=countries[2:])
    public = catalogue.current()
    assert public.counts("group")[public.index("group")["eac"]] == 3
    assert public.counts("area")[public.index("area")["eac"]] == 2
    assert public.counts("group")[public.index("group")["eu"]] == 1


def test_a_row_of_a_list_is_left_out_if_the_record_was_withdrawn_since(editor):
    kept, gone = make_measure(slug="kept"), make_measure(slug="gone")
    selection = catalogue.Selection(catalogue.current(), None)
    workflow.withdraw(gone, by=editor, reason="Recorded twice.")
    assert [measure.pk for measure in selection[:]] == [kept.pk]


def test_rows_are_found_by_id_and_what_is_not_public_has_none():
    first, hidden, last = make_measure(), make_measure(status="draft"), make_measure()
    public = catalogue.current()
    asked = np.array([0, first.pk, hidden.pk, last.pk, last.pk + 7], np.int32)
    assert public.ids[public.rows_of(asked)].tolist() == [first.pk, last.pk]
    assert public.rows_of(np.zeros(0, np.int32)).tolist() == []


@pytest.mark.parametrize("status", HIDDEN)
def test_a_name_that_only_hidden_records_have_is_not_public(status):
    shown, hidden = OrganizationFactory(slug="shown"), OrganizationFactory(slug="hidden")
    make_measure(organizations=[shown], tags=["shown"], sources=[SourceFactory(language="en")])
    make_measure(status=status, organizations=[hidden, shown], tags=["hidden"], sources=[SourceFactory(language="tlh")])
    public = catalogue.current()
    for name, codes in (("organization", {"shown"}), ("tag", {"shown"}), ("source_language", {"en"})):
        assert {public.codes(name)[place] for place in public.public(name).nonzero()[0]} == codes
