"""The reviewed lists of the search name what there is, and say each thing once."""

import json
from collections import Counter

import pytest
from django.conf import settings

from practices.search.vocabulary import synonyms
from practices.search.words import STEMMERS, read, words_of


def shipped(path):
    return json.loads((settings.BASE_DIR / path).read_text(encoding="utf-8"))


CODES = {
    "country": ("countries/data/countries.json", "iso3"),
    "area": ("countries/data/groups.json", "code"),
    "crisis": ("practices/data/crises.json", "slug"),
}


@pytest.mark.parametrize("kind", CODES)
def test_aliases_are_of_records_that_there_are(kind):
    path, field = CODES[kind]
    aliases = read("search_aliases.json")[kind]
    codes = {record[field] for record in shipped(path)}
    if kind == "area":
        codes |= {"ldc", "lldc", "sids"}

    assert aliases.keys() <= codes
    for names in aliases.values():
        assert names
        assert len(names) == len(set(names))
        assert all(words_of(name) for name in names)


def test_only_these_kinds_have_aliases():
    assert read("search_aliases.json").keys() == CODES.keys()


def test_an_entry_of_synonyms_says_one_thing_in_several_ways():
    for entry in read("synonyms.json"):
        assert entry.keys() in ({"same"}, {"from", "to"})
        for texts in entry.values():
            assert texts
            assert all(words_of(text) for text in texts)
        assert "same" not in entry or len(entry["same"]) > 1
    assert all(synonyms().values())


def test_no_synonym_is_listed_twice():
    same = Counter(text for entry in read("synonyms.json") for text in entry.get("same", ()))

    assert [text for text, number in same.items() if number > 1] == []


def test_stop_words_are_of_the_six_languages():
    lists = read("stop_words.json")

    assert lists.keys() == {*STEMMERS, "zh"}
    assert all(len(words) == len(set(words)) for words in lists.values())
