"""Which records may tell of the same thing as one that is being written."""

import pytest

from practices.duplicates import likely_duplicates
from practices.models import Measure
from practices.partial_dates import PartialDate
from tests.factories import CountryFactory, MeasureTypeFactory, SourceFactory, make_measure

pytestmark = pytest.mark.django_db


def found(measures=None, **known):
    unknown = {"title": "", "measure_type": None, "countries": [], "announced_on": None, "sources": []}
    duplicates = likely_duplicates(Measure.objects.all() if measures is None else measures, **unknown | known)
    return [duplicate.measure for duplicate in duplicates]


@pytest.fixture
def lent():
    return make_measure(title="Kenya lends spectrum to operators", announced_on="2020-04-17")


@pytest.fixture
def written(lent):
    """What somebody writes who does not know of ``lent``."""
    return {
        "title": "Kenya's authority lends operators spectrum",
        "measure_type": lent.measure_type_id,
        "countries": [CountryFactory(iso3="KEN").pk],
        "announced_on": PartialDate(2020, 5, 2),
    }


def test_the_same_type_and_country_near_dates_and_a_similar_title_are_likely_the_same(lent, written):
    assert found(**written) == [lent]


@pytest.mark.parametrize("announced_on", [PartialDate(2020), PartialDate(2020, 6), None])
def test_dates_are_near_where_they_may_be(lent, written, announced_on):
    assert found(**written | {"announced_on": announced_on}) == [lent]


@pytest.mark.parametrize(
    "otherwise",
    [
        {"announced_on": PartialDate(2020, 6, 17)},
        {"announced_on": PartialDate(2021)},
        {"title": "School sites are free"},
        {"measure_type": None},
        {"countries": []},
    ],
)
def test_what_differs_in_one_of_them_is_not_named(lent, written, otherwise):
    assert found(**written | otherwise) == []


def test_another_type_or_country_is_not_named(lent, written):
    assert found(**written | {"measure_type": MeasureTypeFactory().pk}) == []
    assert found(**written | {"countries": [CountryFactory(iso3="GHA").pk]}) == []


def test_the_same_source_is_enough_in_the_same_country(lent):
    source = lent.sources.get()
    assert found(sources=[source.pk]) == [lent]
    assert found(sources=[source.pk], countries=[CountryFactory(iso3="KEN").pk]) == [lent]
    assert found(sources=[source.pk], countries=[CountryFactory(iso3="GHA").pk]) == []
    assert found(sources=[SourceFactory().pk]) == []


def test_a_record_that_is_alike_in_both_ways_is_named_once(lent, written):
    assert found(**written, sources=[lent.sources.get().pk]) == [lent]


def test_a_few_are_named_in_a_bounded_number_of_queries(lent, written, django_assert_max_num_queries):
    for number in range(8):
        make_measure(title=f"Kenya lends spectrum {number}", announced_on="2020-04")
    sources = [lent.sources.get().pk]
    with django_assert_max_num_queries(4):
        assert len(found(**written, sources=sources)) == 5
