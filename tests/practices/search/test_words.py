"""The words of texts, which both engines are given and which queries are looked up by."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practices.search.words import LONGEST, alternatives, clean, fold, invisible_in, stop_words, tokens_of, words_of


def forms(text, language=""):
    return [word.form for word in words_of(text, language)]


def stems(text, language):
    return [word.stem for word in words_of(text, language)]


@pytest.mark.parametrize(
    ("written", "also_written"),
    [
        ("Côte d’Ivoire", "COTE D'IVOIRE"),
        ("Côte d’Ivoire", "Co\u0302te dʼIvoire"),
        ("Türkiye", "Turkiye"),
        ("Straße", "strasse"),
        ("Ørsted", "orsted"),
        ("Łódź", "lodz"),
        ("Đà Nẵng", "da nang"),
        ("Kırıkkale", "kirikkale"),
        ("Œuvre", "oeuvre"),
        ("Ёлка", "елка"),
        ("أفغانستان", "افغانستان"),
        ("الجزيرة", "الجزيره"),
        ("مصطفى", "مصطفي"),
        ("مُحَمَّد", "محمد"),
        ("مـــصر", "مصر"),
        ("Wi-Fi", "wifi"),
        ("E-learning", "elearning"),
        ("e‑mail", "email"),
        ("zero-rating", "zero rating"),
        ("COVID-19", "covid19"),
        ("COVID-19", "covid 19"),
        ("10GB", "10 GB"),
        ("Nukuʻalofa", "Nuku'alofa"),
        ("l’Arcep", "Arcep"),
        ("the regulator’s rules", "the regulator rules"),
        ("٧٠٠", "700"),
        ("1,000", "1000"),
    ],
)
def test_what_people_write_in_several_ways_is_one_word(written, also_written):
    assert forms(written) == forms(also_written) != []


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("700 MHz", ["700mhz", "mhz"]),
        ("700MHz", ["700mhz", "mhz"]),
        ("3.5 GHz", ["3500mhz", "ghz"]),
        ("3,5 GHz", ["3500mhz", "ghz"]),
        ("3500 MHz", ["3500mhz", "mhz"]),
        ("3.50 GHz", ["3500mhz", "ghz"]),
        ("2,100 MHz", ["2100mhz", "mhz"]),
        ("1427.5 MHz", ["1427·5mhz", "mhz"]),
        ("2.4125 GHz", ["2412·5mhz", "ghz"]),
        ("125 kHz", ["125khz", "khz"]),
        ("700/800 MHz", ["700mhz", "800mhz", "mhz"]),
        ("700 and 800 MHz", ["700mhz", "800mhz", "mhz"]),
        ("3.4–3.8 GHz", ["3400mhz", "3800mhz", "ghz"]),
        ("700 МГц", ["700mhz", "mhz"]),
        ("3.5吉赫", ["3500mhz", "ghz"]),
    ],
)
def test_a_frequency_is_the_same_word_in_every_unit(written, expected):
    assert forms(written) == expected


def test_the_number_of_a_frequency_is_found_without_its_unit():
    assert stems("700 MHz and 3.5 GHz", "en") == ["700", "mhz", "and", "3·5", "ghz"]


def test_names_of_letters_and_digits_stay_whole():
    assert forms("5G 4g G20 2nd IPv6 Law 13.989/2020 19.3.2020") == [
        *("5g", "4g", "g20", "2nd", "ipv", "6", "law", "13989", "2020", "19", "3", "2020")
    ]


def test_chinese_is_cut_into_overlapping_pairs():
    assert forms("埃及电信") == ["埃及", "及电", "电信", "信"]
    assert forms("5G网络") == ["5g", "网络", "络"]
    assert forms("日") == ["日"]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "auctions", "auction"),
        ("fr", "fréquences", "fréquence"),
        ("es", "regulaciones", "regulación"),
        ("ru", "сетями", "сети"),
        ("ar", "الاتصالات", "للاتصالات"),
    ],
)
def test_inflected_forms_share_a_stem_in_the_language_of_the_text(language, one, other):
    assert stems(one, language) == stems(other, language)
    assert set(stems(one, language)) & alternatives(other)[0][1]


def test_a_word_of_a_query_may_be_of_any_language_of_its_letters():
    assert alternatives("fréquences") == (("frequences", {"frequences", "frequenc"}),)
    assert alternatives("3.5 GHz") == (("3500mhz", {"3500mhz"}),)


def test_text_in_a_language_without_a_stemmer_is_left_as_it_is():
    assert stems("Netzbetreiber", "de") == ["netzbetreiber"]


def test_stop_words_are_folded_like_any_others():
    assert {"the", "ou", "mas", "или", "的"} <= stop_words()


def test_no_text_takes_long():
    hostile = ["1-" * 20_000, "1,1." * 10_000, "1 and " * 10_000, "a'" * 20_000, "e-" * 20_000, "漢" * 40_000]
    start = time.process_time()
    for text in hostile:
        words_of(text, "en")
    assert time.process_time() - start < 5


@given(st.text(st.characters(), max_size=200), st.sampled_from(["", "en", "fr", "es", "ru", "ar", "zh_hans"]))
def test_any_text_becomes_words_that_no_engine_would_split(text, language):
    for word in words_of(text, language):
        for part in word:
            assert 0 < len(part) <= LONGEST
            assert all(char.isalnum() or char == "·" for char in part)
            assert not any("A" <= char <= "Z" for char in part)


@given(st.text(st.characters(), max_size=100))
def test_words_are_where_they_are_said_to_be(text):
    text = clean(text)
    end = 0
    for token in tokens_of(text):
        assert end <= token.start < token.end <= len(text)
        end = token.end
    visible, places = invisible_in(text)
    assert [text[place] for place in places] == list(visible)


@given(st.text(st.characters(), max_size=30))
def test_folding_twice_changes_nothing_more(word):
    assert forms(" ".join(forms(word))) == forms(" ".join(forms(" ".join(forms(word)))))
    assert fold(fold(word)) == fold(word)
