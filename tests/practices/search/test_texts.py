"""What was found stays known when somebody publishes, and is what looking it up again would find."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from practices import catalogue, workflow
from practices.catalogue import process
from practices.choices import Action
from practices.search import matching, search, texts
from practices.search.matching import Reader, reader_of
from practices.search.texts import Texts
from tests.factories import SourceFactory, make_measure
from tests.practices.search.finding import found

pytestmark = pytest.mark.django_db

WORDS = ["spectrum", "spectra", "auction", "auctions", "roaming", "open", "internet", "school"]
QUERIES = [*WORDS, "spec", '"open internet"', "roaming -school", "open internet rules", "auktion"]


def edit(measure, title):
    with workflow.change(measure, by=None, action=Action.EDITED):
        measure.title_en = title


@pytest.fixture
def no_engine(monkeypatch):
    """Refuses to look anything up, from when it is called."""

    def refuse(connection):
        raise AssertionError("asked the engine")

    return lambda: monkeypatch.setattr(texts, "engine_of", refuse)


def test_what_was_searched_before_finds_what_was_published_corrected_and_withdrawn_since(no_engine):
    draft = make_measure(slug="draft", title="Spectrum lent", status="draft")
    corrected = make_measure(slug="corrected", title="Spectrum sold")
    gone = make_measure(slug="gone", title="Spectrum shared")
    make_measure(slug="same", title="Spectrum kept")
    assert set(found("spectrum")) == {"corrected", "gone", "same"}
    assert found("roaming ") == []

    workflow.publish(draft, by=None)
    edit(corrected, "Roaming opened")
    workflow.withdraw(gone, by=None, reason="Recorded twice.")
    catalogue.current()
    no_engine()
    assert set(found("spectrum")) == {"draft", "same"}
    assert found("roaming ") == ["corrected"]


@pytest.mark.parametrize("in_memory", [False, True])
@pytest.mark.parametrize("kept", [2, 500])
def test_after_any_changes_the_same_is_found_as_by_who_never_searched(kept, in_memory, monkeypatch):
    monkeypatch.setattr(texts, "CHANGES", kept)
    rng = random.Random(kept)  # noqa: S311
    measures = [make_measure(title=" ".join(rng.sample(WORDS, 3)), summary=rng.choice(WORDS)) for _number in range(8)]
    if in_memory:
        reader_of(catalogue.current()).texts.read()
    for _step in range(25):
        for query in rng.sample(QUERIES, 5):
            snapshot = catalogue.current()
            known = search(query, snapshot)
            monkeypatch.setitem(matching._readers, snapshot, Reader(snapshot, Texts()))
            anew = search(query, snapshot)
            monkeypatch.undo()
            monkeypatch.setattr(texts, "CHANGES", kept)
            assert known.rows.tolist() == anew.rows.tolist(), query
            assert known.scores.tolist() == anew.scores.tolist(), query
            assert known.corrected == anew.corrected, query
        ids = [measure.pk for measure in measures]
        assert reader_of(catalogue.current()).texts.shown(ids) == Texts().shown(ids)
        measure = rng.choice(measures)
        if measure.status == "withdrawn":
            workflow.publish(measure, by=None)
        elif rng.random() < 0.3:
            workflow.withdraw(measure, by=None, reason="Recorded twice.")
        else:
            edit(measure, " ".join(rng.sample(WORDS, 3)))


def test_words_that_are_in_memory_are_found_without_the_engine_and_phrases_as_well(no_engine):
    make_measure(slug="both", title="Open internet", summary="Spectrum lent to networks.")
    make_measure(slug="other", title="Internet, open to all")
    reader_of(catalogue.current()).texts.read()
    assert found('"open internet"') == ["both"]
    no_engine()
    assert found("lent network") == ["both"]
    assert set(found("inter")) == {"both", "other"}


def test_synonyms_of_several_words_are_found_without_the_engine_by_who_was_prepared(no_engine):
    make_measure(slug="one", title="Open internet", summary="For all.")
    two = make_measure(slug="two", title="Internet, open to all")
    reader_of(catalogue.current()).prepare()
    edit(two, "Rules of an open internet")
    catalogue.current()
    no_engine()
    assert set(found("net neutrality")) == {"one", "two"}


def test_what_common_words_find_is_known_without_looking_them_up_by_who_was_prepared(monkeypatch):
    make_measure(slug="lent", title="Spectrum lent")
    make_measure(slug="sold", title="Spectrum sold")
    monkeypatch.setattr(process, "_first", None)
    catalogue.prepare()
    monkeypatch.setattr(Texts, "where", None)
    assert set(found("spectrum")) == {"lent", "sold"}
    assert found("spectrum sold") == ["sold"]


def test_the_commonest_words_are_those_of_the_most_measures():
    make_measure(title="Spectrum lent", summary="Spectrum, spectrum.")
    make_measure(title="Roaming opened", summary="Lent to all.")
    make_measure(title="Roaming closed", summary="Not lent at all.")
    words = reader_of(catalogue.current()).texts
    assert words.commonest(3) == []
    words.read()
    commonest = words.commonest(100)
    assert commonest.index("lent") < commonest.index("roaming") < commonest.index("spectrum")
    assert words.commonest(2) == commonest[:2]


def test_what_lists_show_is_in_memory_as_it_is_now(django_assert_num_queries):
    corrected, gone = make_measure(title="Spectrum sold"), make_measure(title="Spectrum shared")
    draft = make_measure(title="Spectrum lent", status="draft")
    reader_of(catalogue.current()).texts.read()
    workflow.publish(draft, by=None)
    edit(corrected, "Roaming opened")
    workflow.withdraw(gone, by=None, reason="Recorded twice.")
    snapshot = catalogue.current()
    with django_assert_num_queries(0):
        listed = catalogue.listed(snapshot, np.arange(len(snapshot)))
    assert {measure.title_en for measure in listed} == {"Spectrum lent", "Roaming opened"}


def test_what_searches_tell_besides_is_in_memory_as_it_is_now(django_assert_num_queries):
    corrected, gone = make_measure(outcome="Prices fell."), make_measure(outcome="Nothing came of it.")
    draft = make_measure(status="draft", sources=[SourceFactory(title="Gazette", publisher="State press")])
    reader_of(catalogue.current()).texts.read()
    workflow.publish(draft, by=None)
    with workflow.change(corrected, by=None, action=Action.EDITED):
        corrected.outcome_en = "Prices rose."
    workflow.withdraw(gone, by=None, reason="Recorded twice.")
    known = reader_of(catalogue.current()).texts
    with django_assert_num_queries(0):
        details = known.details([corrected.pk, gone.pk, draft.pk])
    assert set(details) == {corrected.pk, draft.pk}
    assert details[corrected.pk][2][0] == "Prices rose."
    assert [source[::2] for source in details[draft.pk][1]] == [("Gazette", "State press")]
    assert details == Texts().details([corrected.pk, draft.pk])  # as the database has them


def test_a_renamed_source_is_found_by_its_new_name_by_who_searched_the_old_one():
    source = SourceFactory(title="Gazette", url="https://example.org/a")
    make_measure(slug="one", sources=[source])
    two = make_measure(slug="two", title="Spectrum lent")
    assert (found("gazette "), found("bulletin ")) == (["one"], [])
    source.title = "Bulletin"
    source.save()
    edit(two, "Spectrum sold")

    assert (found("gazette "), found("bulletin ")) == ([], ["one"])


def test_a_word_that_is_new_corrects_a_misspelt_one_at_once():
    measure = make_measure(slug="one", title="Spectrum lent")
    assert found("telemedcine") == []
    edit(measure, "Telemedicine opened")

    assert search("telemedcine", catalogue.current()).corrected == "telemedicine"


def test_ids_are_packed_without_loss():
    @given(st.sets(st.integers(1, 500)))
    def check(ids):
        ids = np.array(sorted(ids), np.int32)
        packed = texts._packed(ids)
        assert packed.nbytes <= max(ids.nbytes, 63)
        assert texts._unpacked(packed).tolist() == ids.tolist()

    check()
