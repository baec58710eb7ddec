"""What misspelt words are taken for."""

import pytest
from django.utils.translation import override

from practices import catalogue, workflow
from practices.catalogue.ranking import corrected as correction
from practices.catalogue.ranking import search
from tests.factories import CountryFactory, MeasureTypeFactory, OrganizationFactory, TagFactory, make_measure

pytestmark = pytest.mark.django_db


def corrected(text):
    return correction(text, catalogue.current()) or None


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
    make_measure(title="Rooting")

    assert corrected("rooming") == "roaming"


def test_a_name_is_never_taken_for_another_word_though_no_record_has_it():
    CountryFactory(iso3="BDI", iso2="BI", name_en="Burundi", name_fr="Le Bouroundi", name_ru="Бурунди")
    CountryFactory(iso3="BRN", iso2="BN", name_en="Brunei")
    MeasureTypeFactory(code="roaming", name_en="Roaming")
    make_measure(title="Burundo, roomings, Бурундия", summary="Bouroundo.")

    assert [corrected(word) for word in ("Burundi", "BOUROUNDI", "Бурунди", "roaming")] == [None] * 4
    assert corrected("Burundi specrum") == "Burundi spectrum"
    # ... nor is what is nearer to the name than to anything that a record has.
    assert corrected("Burunndi") is None


@pytest.mark.parametrize("typed", ["nosspitals", "xspectrum", "shana", "hopsitlsa", "lent.example", "huawei"])
def test_what_is_far_from_anything_is_not_replaced(typed):
    make_measure(title="Hubei")

    assert corrected(typed) is None


@pytest.mark.parametrize("typed", ["<specrum>", "../specrum/hospitls", "specrum.example", "a=specrum", "specrum_1"])
def test_what_is_not_plain_words_is_left_alone(typed):
    assert corrected(typed) is None


def test_signs_around_words_do_not_keep_them_from_being_corrected():
    assert corrected("(specrum), hospittals?") == "(spectrum), hospitals?"


def test_a_word_may_be_near_another_form_of_what_a_record_has():
    make_measure(title="Interconnected networks")

    assert corrected("interconect") == "interconnected"


def test_the_readers_language_has_the_first_of_names_as_near():
    kazakhstan = CountryFactory(iso3="KAZ", iso2="KZ", name_en="Kazakhstan", name_es="Kazajstán")
    make_measure(countries=[kazakhstan])

    for language, meant in (("en", "Kazakhstan"), ("es", "Kazajstán"), ("fr", "Kazakhstan"), ("en", "Kazakhstan")):
        with override(language):
            assert corrected("kazahstan") == meant
            assert search("kazahstan", catalogue.current()).corrected == meant


def test_no_word_is_offered_that_only_hidden_records_have():
    make_measure(title="Embargoed", status="draft")
    OrganizationFactory(name_en="Clandestine")
    TagFactory(name="unused-keyword")
    public = make_measure(title="Withdrawnword")
    workflow.withdraw(public, by=None, reason="Recorded twice.")

    assert [corrected(word) for word in ("embargoeed", "clandestin", "keywrod", "withdrawnwrod")] == [None] * 4


@pytest.mark.parametrize("language", ["en", "fr", "es"])
@pytest.mark.parametrize(
    ("typed", "like"),
    [
        *(("inondation", "innovation"), ("servicio", "service"), ("licencia", "licence"), ("temporaire", "temporary")),
        *(("hôpital", "hospital"), ("banda", "bands"), ("educación", "education"), ("réseau", "reseal")),
    ],
)
def test_a_word_of_another_language_is_not_taken_for_a_like_one(typed, like, language):
    make_measure(title=f"The {like} of all")

    with override(language):
        assert corrected(typed) is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("phillipines", "Philippines"), ("telcomunications", "telecommunications"), ("zerorating", None)],
)
def test_two_errors_in_a_long_word_are_corrected(typed, meant):
    make_measure(title="Telecommunications", countries=[CountryFactory(iso3="PHL", iso2="PH", name_en="Philippines")])

    assert corrected(typed) == meant


def test_two_words_that_are_written_as_one_are_told_apart():
    MeasureTypeFactory(code="price-relief", name_en="Price relief")

    assert corrected("pricerelief") == "price relief"


def test_a_word_is_taken_for_one_of_the_readers_language_first():
    make_measure(title="Networks", title_fr="Des reseaus", summary_en="A reseats of all")

    with override("fr"):
        assert corrected("reseauts") == "reseaus"
