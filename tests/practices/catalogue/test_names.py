"""The reviewed lists of the search name what there is, and say each thing once."""

import json
from collections import Counter

import pytest
from django.conf import settings

from practices.catalogue.analysis import STEMMERS, stem, words
from practices.catalogue.names import LANGUAGES
from practices.catalogue.records import MODELS, Records
from practices.catalogue.synonyms import synonym_term, synonyms, synonyms_in
from practices.catalogue.word_lists import read
from practices.choices import CrisisKind
from tests.factories import CountryFactory, CrisisFactory, MeasureTypeFactory, OrganizationFactory


def shipped(path):
    return json.loads((settings.BASE_DIR / path).read_text(encoding="utf-8"))


CODES = {
    "country": ("countries/data/countries.json", "iso3"),
    "area": ("countries/data/groups.json", "code"),
    "crisis": ("practices/data/crises.json", "slug"),
}
OTHER_LANGUAGES = {language for language in LANGUAGES if language != "en"}


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
        assert all(words(name) for name in names)


def test_every_topic_and_type_of_measure_has_names_in_five_more_languages():
    aliases, topics = read("search_aliases.json"), shipped("practices/data/vocabulary.json")

    assert aliases["topic"].keys() == {topic["code"] for topic in topics}
    assert aliases["type"].keys() == {kind["code"] for topic in topics for kind in topic["measure_types"]}
    for names in [*aliases["topic"].values(), *aliases["type"].values()]:
        assert names.keys() == OTHER_LANGUAGES
        assert all(words(name) for some in names.values() for name in some)
        assert all(len(some) == len(set(some)) for some in names.values())


def test_every_kind_of_crisis_has_names_in_six_languages():
    kinds = read("search_aliases.json")["crisis_kind"]

    assert kinds.keys() == set(CrisisKind.values)
    assert all(names.keys() == {"en", *OTHER_LANGUAGES} for names in kinds.values())


def test_only_these_kinds_have_aliases():
    assert read("search_aliases.json").keys() == {*CODES, "topic", "type", "crisis_kind"}


def test_an_entry_of_synonyms_says_one_thing_in_several_ways():
    for entry in read("synonyms.json"):
        assert entry.keys() in ({"same"}, {"from", "to"})
        for texts in entry.values():
            assert texts
            assert all(words(text) for text in texts)
        assert "same" not in entry or len(entry["same"]) > 1
    assert all(synonyms().values())


def test_no_synonym_is_listed_twice():
    same = Counter(text for entry in read("synonyms.json") for text in entry.get("same", ()))

    assert [text for text, number in same.items() if number > 1] == []


def test_a_synonym_of_several_words_is_one_word_of_the_index():
    [found] = synonyms_in("Free Airtime and zero rated sites")

    assert synonym_term(["zero", "rating"]) == synonym_term(["zero", "rated"]) == stem(found, "en")
    assert synonyms_in("zero") == synonyms_in("") == []
    assert synonym_term(["Spectrum"]) == stem("spectrum", "en")


def test_stop_words_are_of_the_six_languages():
    lists = read("stop_words.json")

    assert lists.keys() == {*STEMMERS, "zh"}
    assert all(len(words) == len(set(words)) for words in lists.values())


@pytest.mark.django_db
def test_whole_names_are_told_from_codes_that_are_everyday_words():
    peru = CountryFactory(iso3="PER", iso2="PE", name_en="Peru", name_fr="Pérou")
    storm = CrisisFactory(slug="maria-2017", name_en="Hurricane Maria", kind="storm")
    kind = MeasureTypeFactory(code="distance-learning", name_en="Distance learning")
    regulator = OrganizationFactory(name_en="Who helps", acronym="WHO")
    names = Records(dict.fromkeys(MODELS, 1)).names

    assert names.whole(("perou",)) == {"country": [peru.pk]}
    assert names.whole(("per",)) == {}
    assert names.codes("per") == names.codes("pe") == {"country": [peru.pk]}
    assert names.codes("who") == {"organization": [regulator.pk]}
    assert names.whole(("ensenanza", "a", "distancia")) == {"type": [kind.pk]}
    assert names.with_word("huracan") == {"crisis": {storm.pk}}
    assert names.whole(("huracan",)) == {}
    assert names.starting_with("hur") == ["huracan", "hurricane"]
