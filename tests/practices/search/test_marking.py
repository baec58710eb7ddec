"""Matching words are marked, and what is not to be seen is told."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practices import catalogue
from practices.search import Highlighter, highlighter
from practices.search.matching import reader_of
from practices.search.query import parse
from practices.search.words import TOKEN
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


def read(query, text, language="en"):
    [reading] = marks(query).read([(text, language)])
    return reading


def written(pieces):
    """Return pieces of a text as one, with what matches in brackets."""
    return "".join(f"[{text}]" if is_match else text for text, is_match in pieces)


@pytest.mark.parametrize(
    ("query", "text", "language", "marked"),
    [
        ("network", "The Networks’ rules", "en", "The [Networks’] rules"),
        ("netw", "Networks", "en", "[Networks]"),
        ("cote", "La Côte", "fr", "La [Côte]"),
        ("cote", "La Co\u0302te", "fr", "La [Côte]"),
        ("réseaux", "Un réseau", "fr", "Un [réseau]"),
        ("airwaves", "Radio spectrum lent", "en", "[Radio] [spectrum] lent"),
        ('"open internet"', "open rules, open internet", "en", "open rules, [open] [internet]"),
        ("3500 MHz", "in 3.5 GHz now", "en", "in [3.5 GHz] now"),
        ("800", "of 700 and 800 MHz", "en", "of [700 and 800 MHz]"),
        ("die", "of dying networks", "en", "of [dying] networks"),
        ("constant", "est constamment là", "fr", "est [constamment] là"),
        ("obrien", "by O'Brien", "en", "by [O'Brien]"),
        ("elearning", "large e-learning", "en", "large [e-learning]"),
        ("电信", "埃及电信网络", "zh-hans", "埃及[电信]网络"),
        ("网", "电信网络", "zh_hans", "电信[网络]"),
        ("محمد", "قال مُحَمَّد هنا", "ar", "قال [مُحَمَّد] هنا"),
        (
            "b script",
            "<b>script</b> & b",
            "en",
            "<[b]>[script]</[b]> & [b]",
        ),
        ("-network", "Networks", "en", "Networks"),
        ("", "Networks <", "en", "Networks <"),
        ("specrum", "Spectrum", "en", "[Spectrum]"),
    ],
)
def test_what_matches_is_marked(query, text, language, marked):
    assert written(read(query, text, language).marked()) == marked.replace("Networks’]", "Networks]’")


def test_an_excerpt_shows_where_the_words_are():
    text = "Nothing here. " * 40 + "The spectrum was lent to networks. " + "Nor there. " * 40

    excerpt = written(read("spectrum networks", text).excerpt(length=100))
    assert excerpt.startswith("… ")
    assert excerpt.endswith(" …")
    assert "[spectrum] was lent to [networks]" in excerpt
    assert len(excerpt) < 100 + 60


def test_an_excerpt_of_a_text_without_the_words_is_how_it_begins():
    excerpt = written(read("spectrum", "First words. " * 40).excerpt(length=50))

    assert excerpt.startswith("First words. First")
    assert excerpt.endswith(" …")
    assert written(read("spectrum", "  Short\n text ").excerpt()) == "Short text"


@pytest.mark.parametrize(
    ("query", "reasons"),
    [
        ("holland", [("Country", "Netherlands")]),
        (
            "netherlands fcc",
            [("Country", "[Netherlands]"), ("Organization", "Federal Commission ([FCC])")],
        ),
        ("spectrum schools", [("Tag", "[schools]")]),
        ("spectrum 2020", [("Year announced", "[2020]")]),
        ("free data", [("Measure type", "[Zero]-[rating]")]),
        ("gazette", [("Source", "The [Gazette]")]),
        ("spectrum", []),
        ("xqzwv", []),
    ],
)
def test_why_a_record_was_found_is_told_for_words_that_are_not_shown(query, reasons):
    snapshot = catalogue.current()
    shown, facts = marks(query).read([("Spectrum lent to networks", "en")]), [("Source", "The Gazette", "en")]

    unmet = marks(query).unmet(shown)
    found = marks(query).reasons(unmet, snapshot, 0, facts)
    assert [(label, written(text)) for label, text in found] == reasons


PIECES = [
    *(
        "spectrum",
        "Spectrum’s",
        "l'internet",
        "O'Brien",
        "d'O'Brien",
        "e-learning",
        "pre-learning",
        "t-mobile",
        "Wi-Fi",
    ),
    *("dying", "die", "skies", "sky", "hoping", "hope", "constamment", "constant", "réseaux", "İstanbul", "straße"),
    *("3.5", "3500", "700", "0.7", "1,000", "٧٠٠", "19.3.2020", "5G", "G20", "covid19", "MHz", "GHz", "МГц", "兆赫"),
    *("and", "to", ",", "/", "–", "-", "(", "?", "'", "сети", "сетями", "اتصالات", "الاتصالات", "埃及电信", "网"),
]
BLANKS = [" ", " ", "", "-", "/", "\n", "\u00a0"]


class ReadInFull(Highlighter):
    """Looks at every word of a text."""

    def _pieces(self, text):
        return TOKEN.finditer(text)


TEXTS = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(BLANKS)), min_size=1, max_size=12).map(
    lambda pairs: "".join(itertools.chain.from_iterable(pairs))
)
LANGUAGES = st.sampled_from(["en", "fr", "es", "ru", "ar", "zh-hans", ""])


@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=3),
    st.lists(st.tuples(TEXTS, LANGUAGES), min_size=1, max_size=4),
)
def test_all_that_matches_is_marked_though_few_words_of_texts_are_looked_at(query, texts):
    query, reader = parse(" ".join(query)), reader_of(catalogue.current())

    alone = [reading for text in texts for reading in ReadInFull(query, reader).read([text])]
    assert Highlighter(query, reader).read(texts) == alone
