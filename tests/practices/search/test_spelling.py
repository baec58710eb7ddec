"""What misspelt words are taken for."""

import pytest

from practices import catalogue, workflow
from practices.search import correction
from tests.factories import CountryFactory, MeasureTypeFactory, OrganizationFactory, TagFactory, make_measure

pytestmark = pytest.mark.django_db


def corrected(text):
    return correction(text, catalogue.current())


@pytest.fixture(autouse=True)
def _records():
    ghana = CountryFactory(iso3="GHA", iso2="GH", name_en="Ghana")
    ivory_coast = CountryFactory(iso3="CIV", iso2="CI", name_en="Côte d’Ivoire")
    kind = MeasureTypeFactory(code="zero-rating", name_en="Zero-rating")
    make_measure(
        title="Temporary spectrum lent", summary="Hospitals.", countries=[ghana, ivory_coast], measure_type=kind
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("specrum", "spectrum"),
        ("spetcrum", "spectrum"),
        ("temporay spectrum", "temporary spectrum"),
        ("zero ratting", "zero rating"),
        ("Ghanna", "Ghana"),
        ("spectrum in  Ghanna", "spectrum in Ghana"),
        ("hospittals -spectrum", "hospitals -spectrum"),
        ('specrum "hospitals"', 'spectrum "hospitals"'),
        ("spectrumghana", None),
    ],
)
def test_a_misspelt_word_is_taken_for_the_nearest_that_a_record_has(typed, meant):
    assert corrected(typed) == meant


@pytest.mark.parametrize(
    "typed", ["spectrum", "spectr", "hospital", "GHA", '"specrum"', "-specrum", "xqzwv", "spx", "2031", "", "the"]
)
def test_what_is_known_quoted_excluded_or_like_nothing_is_left_alone(typed):
    assert corrected(typed) is None


def test_the_commoner_of_two_words_as_near_is_taken():
    make_measure(title="Roaming")
    make_measure(title="Roaming")
    make_measure(title="Foaming")

    assert corrected("xoaming") == "roaming"


def test_no_word_is_offered_that_only_hidden_records_have():
    make_measure(title="Embargoed", status="draft")
    OrganizationFactory(name_en="Clandestine")
    TagFactory(name="unused-keyword")
    public = make_measure(title="Withdrawnword")
    workflow.withdraw(public, by=None, reason="Recorded twice.")

    assert [corrected(word) for word in ("embargoeed", "clandestin", "keywrod", "withdrawnwrod")] == [None] * 4
