"""The index has the words of what is public, in the transaction that makes it so, and of nothing else."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from practices import search, workflow
from practices.choices import Action
from practices.models import Citation, Measure, SearchWord, SpectrumBand
from practices.search.engine import Document, Lookup, engine_of
from practices.search.index import fill_empty_index
from practices.search.words import words_of
from tests.factories import SourceFactory, make_measure
from tests.practices.search.finding import found

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", ["draft", "in-review", "withdrawn"])
def test_only_published_records_are_indexed(status):
    make_measure(slug="public", title="Spectrum lent")
    hidden = make_measure(slug="hidden", title="Spectrum hidden", status=status)
    search.keep([hidden.pk])

    assert found("spectrum") == ["public"]
    assert engine_of(connection).find([Lookup(0, ("hidden",))])[0].tolist() == []


def test_a_record_is_found_from_its_publication_to_its_withdrawal():
    measure = make_measure(slug="one", title="Spectrum lent", status="draft")
    assert found("spectrum") == []
    workflow.publish(measure, by=None)
    assert found("spectrum") == ["one"]
    workflow.withdraw(measure, by=None, reason="Recorded twice.")
    assert found("spectrum") == []
    workflow.publish(measure, by=None)
    assert found("spectrum") == ["one"]


def test_an_edited_record_is_found_by_its_new_words_alone():
    measure = make_measure(slug="one", title="Spectrum lent", summary="Before.", bands=["700 MHz"])
    with workflow.change(measure, by=None, action=Action.EDITED):
        measure.title_en, measure.title_fr = "Roaming opened", "Itinérance ouverte"
        measure.summary_en = "After."
        measure.bands.all().delete()
        SpectrumBand.objects.create(measure=measure, label="2300 MHz", role="granted")
        Citation.objects.create(measure=measure, source=SourceFactory(title="Gazette", publisher="Ministry"))

    assert [found(words) for words in ("spectrum", "before", '"700 MHz"')] == [[], [], []]
    for words in ("roaming", "itinerance", "after", "2300 MHz", "2.3 GHz", "gazette", "ministry"):
        assert found(words) == ["one"], words


def test_a_change_that_is_undone_leaves_the_index_as_it_was():
    measure = make_measure(slug="one", title="Spectrum lent")
    with transaction.atomic():
        with workflow.change(measure, by=None, action=Action.EDITED):
            measure.title_en = "Roaming opened"
        make_measure(slug="two", title="Roaming opened too")
        transaction.set_rollback(True)

    assert found("spectrum") == ["one"]
    assert engine_of(connection).find([Lookup(0, ("roaming",))])[0].tolist() == []
    assert not SearchWord.objects.filter(word="roaming").exists()


def test_a_deleted_draft_leaves_nothing():
    measure = make_measure(title="Spectrum lent", status="draft")
    engine_of(connection).write([Document(measure.pk, [words_of("spectrum"), [], []])])
    measure.delete()

    assert engine_of(connection).is_empty()


def test_a_renamed_source_is_found_by_its_new_name():
    source = SourceFactory(title="Gazette", publisher="Ministry", url="https://example.org/a")
    make_measure(slug="one", title="Spectrum lent", sources=[source])
    make_measure(slug="draft", title="Spectrum", sources=[source], status="draft")
    source.title = "Bulletin"
    source.save()

    assert found("bulletin") == ["one"]
    assert found('"gazette"') == []


def test_a_checked_source_is_not_indexed_again(django_assert_num_queries):
    source = SourceFactory(title="Gazette")
    make_measure(sources=[source])
    source.url = "https://example.org/elsewhere"
    with django_assert_num_queries(0):
        search.index.keep_citing(type(source), source, created=False)


def test_records_in_every_language_are_found():
    make_measure(
        slug="one",
        title_en="Networks",
        title_fr="Réseaux ouverts",
        title_es="Regulación de emergencia",
        title_ru="Сети связи",
        title_ar="شبكات الاتصالات",
        title_zh_hans="电信网络开放",
    )
    for words in (
        "réseau",
        "RESEAUX",
        "regulaciones",
        "сетями",
        "الاتصالات",
        "للاتصالات",
        "网络",
        "电信网络",
        "网",
        "络",
    ):
        assert found(words) == ["one"], words


def test_rebuilding_repairs_an_index_that_is_out_of_step(capsys):
    kept, other = make_measure(slug="kept", title="Spectrum lent"), make_measure(slug="other", title="Roaming opened")
    draft = make_measure(slug="draft", title="Spectrum hidden", status="draft")
    engine = engine_of(connection)
    engine.delete([kept.pk])
    engine.write([Document(draft.pk, [words_of("spectrum"), [], []])])
    Measure.objects.filter(pk=other.pk).update(title_en="Airwaves")
    SearchWord.objects.create(word="nonsense")
    assert found("roaming") == ["other"]
    call_command("rebuild_search")

    assert found("roaming") == []
    assert "2 measures are indexed." in capsys.readouterr().out
    assert engine.find([Lookup(0, ("spectrum",))])[0].tolist() == [kept.pk]
    assert engine.find([Lookup(0, ("airwaves",))])[0].tolist() == [other.pk]
    assert set(SearchWord.objects.values_list("word", flat=True)) >= {"spectrum", "airwaves"}
    assert not SearchWord.objects.filter(word__in=["nonsense", "roaming", "hidden"]).exists()


def test_a_database_that_had_records_before_is_indexed_once():
    measure = make_measure(slug="one", title="Spectrum lent")
    engine = engine_of(connection)
    engine.delete([measure.pk])
    fill_empty_index(sender=None)
    assert found("spectrum") == ["one"]

    SearchWord.objects.all().delete()
    fill_empty_index(sender=None)
    assert not SearchWord.objects.exists()
