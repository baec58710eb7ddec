"""Matching words are marked, and what is not to be seen is told."""

import pytest

from practices import catalogue
from practices.search import highlighter
from tests.factories import CountryFactory, MeasureTypeFactory, OrganizationFactory, make_measure

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _record():
    make_measure(
        title="Spectrum lent to networks",
        countries=[CountryFactory(iso3="NLD", iso2="NL", name_en="Netherlands")],
        measure_type=MeasureTypeFactory(code="zero-rating", name_en="Zero-rating", definition_en="Free sites."),
        organizations=[OrganizationFactory(name_en="Federal Commission", acronym="FCC")],
        tags=["schools"],
        announced_on="2020",
    )


def marks(query):
    return highlighter(query, catalogue.current())


@pytest.mark.parametrize(
    ("query", "text", "language", "marked"),
    [
        ("network", "The Networks’ rules", "en", "The <mark>Networks’</mark> rules"),
        ("netw", "Networks", "en", "<mark>Networks</mark>"),
        ("cote", "La Côte", "fr", "La <mark>Côte</mark>"),
        ("cote", "La Co\u0302te", "fr", "La <mark>Côte</mark>"),
        ("réseaux", "Un réseau", "fr", "Un <mark>réseau</mark>"),
        ("airwaves", "Radio spectrum lent", "en", "<mark>Radio</mark> <mark>spectrum</mark> lent"),
        ('"open internet"', "open rules, open internet", "en", "open rules, <mark>open</mark> <mark>internet</mark>"),
        ("3500 MHz", "in 3.5 GHz now", "en", "in <mark>3.5 GHz</mark> now"),
        ("电信", "埃及电信网络", "zh-hans", "埃及<mark>电信</mark>网络"),
        ("网", "电信网络", "zh_hans", "电信<mark>网络</mark>"),
        ("محمد", "قال مُحَمَّد هنا", "ar", "قال <mark>مُحَمَّد</mark> هنا"),
        (
            "b script",
            "<b>script</b> & b",
            "en",
            "&lt;<mark>b</mark>&gt;<mark>script</mark>&lt;/<mark>b</mark>&gt; &amp; <mark>b</mark>",
        ),
        ("-network", "Networks", "en", "Networks"),
        ("", "Networks <", "en", "Networks &lt;"),
        ("specrum", "Spectrum", "en", "<mark>Spectrum</mark>"),
    ],
)
def test_what_matches_is_marked_and_all_is_escaped(query, text, language, marked):
    assert marks(query).mark(text, language) == marked.replace("Networks’</mark>", "Networks</mark>’")


def test_an_excerpt_shows_where_the_words_are():
    text = "Nothing here. " * 40 + "The spectrum was lent to networks. " + "Nor there. " * 40

    excerpt = marks("spectrum networks").excerpt(text, "en", length=100)
    assert excerpt.startswith("… ")
    assert excerpt.endswith(" …")
    assert "<mark>spectrum</mark> was lent to <mark>networks</mark>" in excerpt
    assert len(excerpt) < 100 + 60


def test_an_excerpt_of_a_text_without_the_words_is_how_it_begins():
    excerpt = marks("spectrum").excerpt("First words. " * 40, "en", length=50)

    assert excerpt.startswith("First words. First")
    assert excerpt.endswith(" …")
    assert marks("spectrum").excerpt("  Short\n text ", "en") == "Short text"


@pytest.mark.parametrize(
    ("query", "reasons"),
    [
        ("holland", [("Country", "Netherlands")]),
        (
            "netherlands fcc",
            [("Country", "<mark>Netherlands</mark>"), ("Organization", "Federal Commission (<mark>FCC</mark>)")],
        ),
        ("spectrum schools", [("Tag", "<mark>schools</mark>")]),
        ("spectrum 2020", [("Year announced", "<mark>2020</mark>")]),
        ("free data", [("Measure type", "<mark>Zero</mark>-<mark>rating</mark>")]),
        ("gazette", [("Source", "The <mark>Gazette</mark>")]),
        ("spectrum", []),
        ("xqzwv", []),
    ],
)
def test_why_a_record_was_found_is_told_for_words_that_are_not_shown(query, reasons):
    snapshot = catalogue.current()
    shown, facts = [("Spectrum lent to networks", "en")], [("Source", "The Gazette", "en")]

    assert marks(query).reasons(snapshot, 0, shown, facts) == reasons
