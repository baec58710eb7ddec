"""Queries as people type them, in parts."""

import pytest
from django.core.exceptions import ValidationError

from practices.catalogue.query import MAX_WORDS, parse, validate


def forms(some):
    return [[word.form for word in words] for words in some]


def test_a_query_has_words_phrases_and_what_a_minus_excludes():
    query = parse('free “open internet” -schools data -"rural areas"')

    assert forms(query.runs) == [["free"], ["data"]]
    assert forms(query.phrases) == [["open", "internet"]]
    assert forms(query.excluded) == [["schools"], ["rural", "areas"]]


def test_only_a_last_word_that_no_blank_follows_may_be_unfinished():
    assert [word.is_prefix for word in parse("open telemed").runs[0]] == [False, True]
    assert not parse("telemed ").runs[0][0].is_prefix
    assert not parse('"telemed').phrases[0][0].is_prefix


def test_capitals_and_three_letters_alone_are_codes():
    def codes(text):
        return [word.form for word in parse(text).runs[0] if word.is_code]

    assert codes("CAN US roaming") == ["can", "us"]
    assert codes("can") == ["can"]
    assert codes("CAN US ROAMING") == ["us"]
    assert codes("can roaming") == []


def test_stop_words_count_only_where_there_are_no_others():
    assert [word.is_stop for word in parse("who is it").runs[0]] == [False, False, False]
    assert [word.is_stop for word in parse("who is WHO").runs[0]] == [True, True, False]


@pytest.mark.parametrize(
    "text",
    [
        *("694-790 MHz", "694 – 790 MHz", "694 to 790 MHz", "694 MHz to 790 MHz", "0.694 GHz - 790 MHz"),
        *("от 694 до 790 МГц", "٦٩٤-٧٩٠ ميغاهرتز", "roaming 694—790MHz"),
    ],
)
def test_two_edges_are_a_range_of_frequencies(text):
    assert {word.khz for run in parse(text).runs for word in run} - {None} == {(694_000, 790_000)}


@pytest.mark.parametrize("text", ["700 MHz", "700/800 MHz", "700 and 800 MHz", "790-694 MHz", "2020-2021", "700-800"])
def test_other_numbers_are_no_range_of_frequencies(text):
    assert {word.khz for run in parse(text).runs for word in run} <= {None}


def test_too_many_words_are_refused_with_their_number():
    validate(" ".join(["the"] * 20) + " spectrum")
    validate(" ".join(f"word{number}" for number in range(MAX_WORDS // 2)))
    with pytest.raises(ValidationError, match=r"The search has 13 words; the limit is 12\."):
        validate(" ".join(f"{letter}word" for letter in "abcdefghijklm"))
