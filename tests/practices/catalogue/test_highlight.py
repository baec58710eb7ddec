"""Matches of a search are marked in texts, as they are written."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practices import catalogue
from practices.catalogue.highlight import Highlighter
from practices.catalogue.query import parse
from practices.catalogue.ranking import Part, search, units_of
from tests.factories import CountryFactory, make_measure

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _record():
    make_measure(
        title="Spectrum lent to networks", countries=[CountryFactory(iso3="NLD", iso2="NL", name_en="Netherlands")]
    )


def read(query, text, language="en"):
    return Highlighter(search(query, catalogue.current()).parts).read(text, language)


def marked(pieces):
    return "".join(f"[{text}]" if is_match else text for text, is_match in pieces)


@pytest.mark.parametrize(
    ("query", "text", "language", "expected"),
    [
        ("network", "The Networks’ rules", "en", "The [Networks]’ rules"),
        ("netw", "Networks", "en", "[Networks]"),
        ("cote", "La Côte", "fr", "La [Côte]"),
        ("cote", "La Co\u0302te", "fr", "La [Co\u0302te]"),
        ("réseaux", "Un réseau", "fr", "Un [réseau]"),
        ("airwaves", "Radio spectrum lent", "en", "[Radio] [spectrum] lent"),
        ('"open internet"', "open rules, open internet", "en", "open rules, [open] [internet]"),
        ("3500 MHz", "in 3.5 GHz now", "en", "in [3.5 GHz] now"),
        ("2600 MHz", "à 2\u202f600 MHz ici", "fr", "à [2\u202f600 MHz] ici"),
        ("694-790 MHz", "of 694 to 790 MHz", "en", "of [694 to 790 MHz]"),
        ("800", "of 700 and 800 MHz", "en", "of [700 and 800 MHz]"),
        ("die", "of dying networks", "en", "of [dying] networks"),
        ("constant", "est constamment là", "fr", "est [constamment] là"),
        ("obrien", "by O'Brien", "en", "by [O'Brien]"),
        ("elearning", "large e-learning", "en", "large [e-learning]"),
        ("电信", "埃及电信网络", "zh-hans", "埃及[电信]网络"),
        ("网", "电信网络", "zh_hans", "电信[网络]"),
        ("محمد", "قال مُحَمَّد هنا", "ar", "قال [مُحَمَّد] هنا"),
        ("b script", "<b>script</b> & b", "en", "<[b]>[script]</[b]> & [b]"),
        ("-network", "Networks", "en", "Networks"),
        ("", "Networks <", "en", "Networks <"),
        ("specrum", "Spectrum", "en", "[Spectrum]"),
    ],
)
def test_what_matches_is_marked_in_the_text_as_it_is_written(query, text, language, expected):
    assert marked(read(query, text, language).pieces()) == expected


def test_a_snippet_is_where_the_words_are():
    text = "Nothing here. " * 40 + "The spectrum was lent to networks. " + "Nor there. " * 40

    snippet = marked(read("spectrum networks", text).snippet(length=100))
    assert snippet.startswith("… ")
    assert snippet.endswith(" …")
    assert "[spectrum] was lent to [networks]" in snippet
    assert len(snippet) < 100 + 20


def test_the_snippet_of_a_text_without_the_words_is_how_it_begins():
    snippet = marked(read("spectrum", "First words. " * 40).snippet(length=50))

    assert snippet.startswith("First words. First")
    assert snippet.endswith(" …")
    assert marked(read("spectrum", "Short text").snippet()) == "Short text"


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

    def __init__(self, parts):
        super().__init__(parts)
        self._heads = None


TEXTS = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(BLANKS)), min_size=1, max_size=12).map(
    lambda pairs: "".join(itertools.chain.from_iterable(pairs))
)
LANGUAGES = st.sampled_from(["en", "fr", "es", "ru", "ar", "zh-hans", ""])


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=3), TEXTS, LANGUAGES)
def test_all_that_matches_is_marked_though_few_words_of_texts_are_looked_at(query, text, language):
    runs = parse(" ".join(query)).runs
    units = [unit for run in runs for unit in units_of(run, catalogue.current().records.names)]
    parts = [Part(unit, None, 0) for unit in units]

    assert Highlighter(parts).read(text, language) == ReadInFull(parts).read(text, language)
