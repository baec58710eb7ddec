"""A measure as data: the same fields everywhere, as the page has them."""

import json
from datetime import date

import pytest

from practices import catalogue
from practices.serializers import MeasureSerializer, measure_as_data, measures_as_data
from tests.factories import (
    BeneficiaryFactory,
    CountryFactory,
    OrganizationFactory,
    SourceFactory,
    SpectrumBandFactory,
    make_measure,
)

pytestmark = pytest.mark.django_db


def whole_measure(**fields):
    return make_measure(
        countries=[CountryFactory(iso3="KEN", name_en="Kenya")],
        organizations=[OrganizationFactory(slug="ke-ca")],
        beneficiaries=[BeneficiaryFactory(code="households")],
        tags=["schools"],
        announced_on="2020-04",
        **fields,
    )


def test_a_measure_has_the_fields_that_are_declared_and_no_others():
    measure = whole_measure(title_en="Kenya lends spectrum")
    data = measure_as_data(catalogue.current(), measure.pk)
    assert list(data) == list(MeasureSerializer().fields)
    assert data["countries"] == [{"code": "ken", "name": "Kenya"}]
    assert (data["announced_on"], data["ends_on"], data["state"]) == ("2020-04", None, "unknown")
    assert json.loads(json.dumps(data)) == data


@pytest.mark.parametrize(("field", "make"), [("sources", lambda measure: None), ("bands", SpectrumBandFactory)])
def test_what_belongs_to_a_measure_has_the_fields_that_are_declared(field, make):
    measure = whole_measure()
    make(measure=measure)
    (entry,) = measure_as_data(catalogue.current(), measure.pk)[field]
    assert list(entry) == list(MeasureSerializer().fields[field].child.fields)


def test_a_record_without_english_says_which_language_its_texts_are_in():
    measure = whole_measure(title_en="", title_fr="Le Kenya prête du spectre", summary_en="", summary_fr="L'autorité…")
    data = measure_as_data(catalogue.current(), measure.pk)
    assert (data["language"], data["title"], data["summary"]) == ("fr", "Le Kenya prête du spectre", "L'autorité…")
    assert data["translations"] == {}


def test_a_draft_and_what_was_withdrawn_since_are_left_out():
    shown, hidden = whole_measure(), make_measure(status="draft")
    before = catalogue.current()
    assert measure_as_data(before, hidden.pk) is None
    type(shown).objects.filter(pk=shown.pk).update(
        status="withdrawn", withdrawn_at=shown.updated_at, withdrawal_reason="Wrong."
    )
    assert list(measures_as_data(before, [shown.pk])) == []


def test_many_measures_take_as_many_queries_as_one(django_assert_num_queries):
    measures = [whole_measure(sources=[SourceFactory(), SourceFactory()]) for _number in range(5)]
    for measure in measures:
        SpectrumBandFactory(measure=measure, ranges=[("703", "733")])
    shown = catalogue.current()
    with django_assert_num_queries(4):
        found = list(measures_as_data(shown, [measure.pk for measure in reversed(measures)]))
    assert [data["slug"] for data in found] == [measure.slug for measure in reversed(measures)]


def test_a_measure_has_the_state_of_the_day_that_is_asked_for():
    measure = make_measure(starts_on="2020-04-17", ends_on="2020-10-31")
    days = {date(2020, 4, 16): "planned", date(2020, 4, 17): "in-force", date(2020, 11, 1): "ended"}
    for day, state in days.items():
        (data,) = measures_as_data(catalogue.current(), [measure.pk], day)
        assert data["state"] == state


def test_what_a_measure_points_at_is_in_the_order_of_its_kind():
    countries = [CountryFactory(iso3=code, name_en=name) for code, name in [("ZWE", "Zimbabwe"), ("AGO", "Angola")]]
    measure = make_measure(countries=countries)
    data = measure_as_data(catalogue.current(), measure.pk)
    assert [country["code"] for country in data["countries"]] == ["ago", "zwe"]
