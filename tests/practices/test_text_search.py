import pytest
from django.core.exceptions import ValidationError

from practices.models import Measure
from practices.text_search import MAXIMUM_WORDS, matching, relevance, validate_words, words_of
from tests.factories import CountryFactory, OrganizationFactory, TagFactory, make_measure

pytestmark = pytest.mark.django_db


def found(query):
    return set(Measure.objects.filter(matching(query)).values_list("slug", flat=True))


@pytest.fixture
def catalogue():
    kenya = CountryFactory(iso3="KEN", name_en="Kenya", name_ru="Кения", name_zh_hans="肯尼亚")
    authority = OrganizationFactory(name_en="Communications Authority", name_fr="Autorité", acronym="CAK")
    make_measure(
        slug="ken",
        title="Spectrum lent to operators",
        title_fr="Fréquences prêtées",
        summary="At 100% of the fee_schedule.",
        outcome="Nobody looks here",
        countries=[kenya],
        organizations=[authority],
        tags=[TagFactory(name="wi-fi", label_en="Wireless", label_es="Inalámbrico")],
    )
    make_measure(slug="other", title="Spectrum and prices", summary="1000 of them", countries=["FRA"])


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("", {"ken", "other"}),
        ("spectrum", {"ken", "other"}),
        ("SPECTRUM Lent", {"ken"}),
        ("lent spectrum", {"ken"}),
        ("pectru", {"ken", "other"}),
        ("spectrum nothing", set()),
        ("Fréquences", {"ken"}),
        ("kenya", {"ken"}),
        ("KEN", {"ken"}),
        ("Кения", {"ken"}),
        ("肯尼亚", {"ken"}),
        ("CAK", {"ken"}),
        ("autorité", {"ken"}),
        ("wi-fi", {"ken"}),
        ("inalámbrico", {"ken"}),
        ("kenya lent authority wireless", {"ken"}),  # each word wherever it stands
        ("100%", {"ken"}),
        ("fee_schedule", {"ken"}),
        ("1__0", set()),  # an underscore stands for itself
        ("%", {"ken"}),
        ("looks", set()),
        ("' OR 1=1 --", set()),
        ('"', set()),
    ],
)
def test_every_word_stands_somewhere_in_the_record(catalogue, query, slugs):
    assert found(query) == slugs


def test_a_word_counts_once(catalogue):
    assert words_of(" a  b a\tc\n") == ["a", "b", "c"]
    assert found(" ".join(["spectrum"] * 50 + ["lent"])) == {"ken"}


def test_more_words_than_a_search_takes_are_refused_and_not_dropped():
    validate_words(" ".join(f"word{number}" for number in range(MAXIMUM_WORDS)))
    with pytest.raises(ValidationError, match=r"13 words\. Right would be at most 12"):
        validate_words(" ".join(f"word{number}" for number in range(MAXIMUM_WORDS + 1)))


def test_relevance_is_the_number_of_words_in_the_title(catalogue):
    ranked = Measure.objects.annotate(rank=relevance("spectrum prices fréquences")).values_list("slug", "rank")
    assert dict(ranked) == {"ken": 2, "other": 2}
    assert set(Measure.objects.annotate(rank=relevance("")).values_list("rank", flat=True)) == {0}
