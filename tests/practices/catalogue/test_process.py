"""How each process keeps up with what is public."""

import threading
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from practices import catalogue, workflow
from practices.catalogue import process
from practices.choices import Action
from practices.models import CatalogueVersion, Change, MeasureType, Source, Topic
from practices.search import search, texts
from practices.search.matching import reader_of
from tests.factories import (
    CountryFactory,
    GroupFactory,
    OrganizationFactory,
    SourceFactory,
    TopicFactory,
    UserFactory,
    make_measure,
)

# What one published record costs the next request: the version three times, the journal, and each table once.
MOST_QUERIES_TO_CATCH_UP = 16
URL = "https://source.example/"


def slugs():
    """What is public to this process."""
    return {measure.slug for measure in catalogue.Selection(catalogue.current(), None)[:]}


def version():
    return CatalogueVersion.objects.values_list("number", "reloaded_at").get()


@pytest.fixture
def journal_only(monkeypatch):
    """Within the block that this gives, reading everything anew is an error."""

    @contextmanager
    def block():
        with monkeypatch.context() as patch:
            patch.setattr(process, "_read", lambda: pytest.fail("everything was read anew"))
            yield

    return block


# One process


@pytest.mark.django_db
def test_a_request_asks_once_where_nothing_has_changed(django_assert_num_queries):
    make_measure()
    first = catalogue.current()
    with django_assert_num_queries(1):
        assert catalogue.current() is first


@pytest.mark.django_db
def test_an_empty_database_is_an_empty_catalogue_and_read_once(django_assert_num_queries):
    CatalogueVersion.objects.all().delete()
    first = catalogue.current()
    assert (len(first), first.version, first.changed_at) == (0, 0, None)
    with django_assert_num_queries(1):
        assert catalogue.current() is first
    make_measure(slug="first")
    assert slugs() == {"first"}


@pytest.mark.django_db
def test_a_snapshot_knows_its_version_and_when_that_was_made():
    make_measure()
    row = CatalogueVersion.objects.get()
    assert (catalogue.current().version, catalogue.current().changed_at) == (row.number, row.changed_at)
    make_measure(tags=["new"])
    row = CatalogueVersion.objects.get()
    assert (catalogue.current().version, catalogue.current().changed_at) == (row.number, row.changed_at)


@pytest.mark.django_db
def test_what_one_record_costs_the_next_request_does_not_grow_with_the_catalogue(journal_only, editor):
    def cost():
        measure = make_measure(status="draft", tags=["a-tag"], sources=["official", "news"])
        catalogue.current()
        workflow.publish(measure, by=editor)
        with CaptureQueriesContext(connection) as captured, journal_only():
            catalogue.current()
        assert measure.pk in catalogue.current().ids
        return len(captured)

    make_measure(tags=["a-tag"])
    first = cost()
    for _number in range(20):
        make_measure(tags=["a-tag"])
    assert cost() == first <= MOST_QUERIES_TO_CATCH_UP


@pytest.mark.django_db
def test_many_records_at_once_cost_the_next_request_no_more_than_one(journal_only, editor):
    def cost(number):
        drafts = [make_measure(status="draft") for _number in range(number)]
        catalogue.current()
        for draft in drafts:
            workflow.publish(draft, by=editor)
        with CaptureQueriesContext(connection) as captured, journal_only():
            catalogue.current()
        return len(captured)

    assert cost(1) == cost(15)


@pytest.mark.django_db
@pytest.mark.parametrize(("most", "whole"), [(3, []), (2, ["read"])])
def test_where_too_many_have_changed_everything_is_read(monkeypatch, most, whole):
    drafts = [make_measure(slug=f"m-{number}", status="draft") for number in range(3)]
    assert slugs() == set()
    reads, read = [], process._read
    monkeypatch.setattr(process, "MOST_APPLIED", most)
    monkeypatch.setattr(process, "_read", lambda: reads.append("read") or read())
    for draft in drafts:
        workflow.publish(draft, by=None)
    assert slugs() == {"m-0", "m-1", "m-2"}
    assert reads == whole


@pytest.mark.django_db
def test_a_renamed_topic_is_shown_at_once_and_no_measure_is_read_for_it(journal_only):
    make_measure()
    before = catalogue.current()
    topic = Topic.objects.get(code="affordability")
    topic.name_en = "After"
    topic.save()
    with journal_only(), CaptureQueriesContext(connection) as captured:
        public = catalogue.current()
    assert "After" in public.labels("topic")
    assert [str(kind.topic) for kind in public.records["type"]] == ["After"]
    assert not any('FROM "practices_citation"' in query["sql"] for query in captured)
    assert all(public.columns[name] is column for name, column in before.columns.items())
    assert public.records["country"] is before.records["country"]  # and so are the names that the search knows


@pytest.mark.django_db
def test_what_follows_from_records_is_counted_anew_at_once(journal_only):
    kenya, uganda = CountryFactory(iso3="KEN", name_en="B", itu_region="afr"), CountryFactory(iso3="UGA", name_en="C")
    group = GroupFactory(code="ldc", members=[kenya])
    operator = OrganizationFactory(kind="operator")
    make_measure(slug="kenyan", countries=[kenya], organizations=[operator])
    make_measure(slug="ugandan", countries=[uganda])

    def slugs_with(name, code):
        public = catalogue.current()
        return {measure.slug for measure in catalogue.Selection(public, public.rows_with(name, code))[:]}

    assert slugs_with("group", "ldc") == {"kenyan"}
    uganda.name_en, uganda.itu_region = "A", "ams"  # now before Kenya
    uganda.save()
    kind = MeasureType.objects.get()
    kind.topic = TopicFactory(code="another")
    kind.save()
    operator.kind = "academia"
    operator.save()
    group.members.set([uganda])
    with journal_only():
        assert slugs_with("country", "uga") == slugs_with("region", "ams") == slugs_with("group", "ldc") == {"ugandan"}
        assert slugs_with("country", "ken") == slugs_with("region", "afr") == {"kenyan"}
        assert slugs_with("topic", "another") == {"kenyan", "ugandan"}
        assert slugs_with("actor", "academia") == {"kenyan"}
        assert slugs_with("topic", "affordability") == slugs_with("actor", "operator") == set()


@pytest.mark.django_db
def test_a_snapshot_that_a_request_holds_stays_as_it_is(editor):
    measure = make_measure(countries=["KEN"], tags=["a"])
    held = catalogue.current()
    before = held.ids.tolist(), held.counts_by_id("country"), held.counts_by_id("tag"), len(held.records["tag"])
    with workflow.change(measure, by=editor, action=Action.CORRECTED):
        measure.tags.add("b")
    make_measure(countries=["UGA"])
    assert len(catalogue.current()) == 2
    assert before == (
        held.ids.tolist(),
        held.counts_by_id("country"),
        held.counts_by_id("tag"),
        len(held.records["tag"]),
    )


# Several processes


@pytest.mark.django_db
def test_another_process_shows_what_was_published_withdrawn_and_corrected(another_process, journal_only):
    kept, gone = make_measure(slug="kept", announced_on="2019"), make_measure(slug="gone")
    become_other = another_process()
    make_measure(slug="new", tags=["new-tag"])
    workflow.withdraw(gone, by=None, reason="Recorded twice.")
    with workflow.change(kept, by=None, action=Action.CORRECTED):
        kept.announced_on = "2020-04"
    assert slugs() == {"kept", "new"}
    become_other()
    with journal_only():
        assert slugs() == {"kept", "new"}
    public = catalogue.current()
    assert public.ids[public.rows_with("year", "2020")].tolist() == [kept.pk]
    assert public.ids[public.rows_with("year", "2019")].tolist() == []
    assert [str(tag) for tag, _count in public.ranked("tag")] == ["new tag"]


@pytest.mark.django_db
def test_another_process_shows_a_new_name_within_one_request(another_process):
    kenya = CountryFactory(iso3="KEN", name_en="Before")
    make_measure(countries=[kenya])
    become_other = another_process()
    kenya.name_en = "After"
    kenya.save()
    become_other()
    assert [str(country) for country, _count in catalogue.current().ranked("country")] == ["After"]


@pytest.mark.django_db
def test_another_process_that_is_behind_in_both_ways_has_both(another_process):
    kenya = CountryFactory(iso3="KEN", name_en="Before")
    become_other = another_process()
    make_measure(slug="first", countries=[kenya])
    kenya.name_en = "After"
    kenya.save()
    make_measure(slug="last", countries=[kenya])
    become_other()
    assert slugs() == {"first", "last"}
    assert [(str(country), count) for country, count in catalogue.current().ranked("country")] == [("After", 2)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_looked_at", [False, True], ids=["unseen", "seen meanwhile"])
def test_what_is_rolled_back_leaves_version_journal_and_snapshot_as_they_were(is_looked_at):
    make_measure(slug="before", countries=["KEN"])
    draft = make_measure(slug="draft", status="draft")
    before, number, journal = slugs(), version(), Change.objects.count()
    with transaction.atomic():
        workflow.publish(draft, by=None)
        CountryFactory(iso3="UGA")
        if is_looked_at:
            assert slugs() == {"before", "draft"}
            assert "uga" in catalogue.current().codes("country")
        transaction.set_rollback(True)
    assert (slugs(), version(), Change.objects.count()) == (before, number, journal)
    assert "uga" not in catalogue.current().codes("country")
    # The next change has the number that the undone one had: it must not pass for it.
    make_measure(slug="after", countries=["KEN"])
    assert slugs() == {"before", "after"}


# Several threads


def run_together(*steps):
    """Let threads take ``steps`` at once; what they return, in order."""
    barrier, results = threading.Barrier(len(steps)), [None] * len(steps)

    def run(place, step):
        try:
            barrier.wait(10)
            results[place] = step()
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, step)) for place, step in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


def test_changes_at_once_get_numbers_of_their_own_that_the_journal_has(shared_database):
    editors = [UserFactory() for _number in range(2)]
    drafts = [[make_measure(status="draft", slug=f"m-{place}-{n}") for n in range(5)] for place in range(2)]
    (before, _reloaded_at), _public = version(), catalogue.current()

    def publish_all(place):
        for draft in drafts[place]:
            workflow.publish(draft, by=editors[place])

    run_together(lambda: publish_all(0), lambda: publish_all(1))
    numbers = Change.objects.filter(action=Action.PUBLISHED).order_by("version").values_list("version", flat=True)
    assert list(numbers) == list(range(before + 1, before + 11))
    assert version()[0] == before + 10
    assert slugs() == {draft.slug for mine in drafts for draft in mine}


def test_readers_meanwhile_see_each_step_whole(shared_database):
    kenya = CountryFactory(iso3="KEN")
    drafts = [make_measure(status="draft", countries=[kenya], sources=["official"]) for _number in range(8)]
    catalogue.current()
    is_done, seen = threading.Event(), []

    def publish_all():
        try:
            for draft in drafts:
                workflow.publish(draft, by=None)
        finally:
            is_done.set()

    def read():
        while not is_done.is_set():
            public = catalogue.current()
            assert public.counts_by_id("country")[kenya.pk] == len(public)
            assert public.counts("evidence").tolist() == [len(public), 0, 0]
            seen.append((public.version, len(public)))

    run_together(publish_all, read, read)
    assert len(catalogue.current()) == 8
    assert len(dict(seen)) == len(set(seen))  # one version, one number of records


class CountedLock:
    """A lock that ``full`` is set for once ``most`` threads have it or wait for it."""

    def __init__(self, most):
        self.lock, self.most, self.count, self.full = threading.Lock(), most, 0, threading.Event()

    def __enter__(self):
        self.count += 1
        if self.count == self.most:
            self.full.set()
        self.lock.acquire()

    def __exit__(self, *error):
        self.lock.release()


def test_readers_who_come_while_another_catches_up_do_so_once_however_often_somebody_publishes(
    shared_database, monkeypatch
):
    make_measure(slug="first")
    catalogue.current()
    lock, caught_up, begun, numbers = CountedLock(4), process._caught_up, threading.Event(), []

    def catch_up(snapshot):
        found = caught_up(snapshot)
        numbers.append(len(found[0]))
        make_measure(slug=f"later-{len(numbers)}")
        begun.set()
        assert lock.full.wait(30)  # all have come
        return found

    make_measure(slug="second")
    monkeypatch.setattr(process, "_lock", lock)
    monkeypatch.setattr(process, "_caught_up", catch_up)

    def come_later():
        assert begun.wait(30)
        return len(catalogue.current())

    seen = run_together(lambda: len(catalogue.current()), *[come_later] * 3)
    assert numbers == [2, 3]  # the first to come, and one for all others
    assert seen == [2, 3, 3, 3]


def test_readers_do_not_see_what_is_not_committed(shared_database):
    make_measure(slug="before")
    draft = make_measure(slug="draft", status="draft")
    catalogue.forget()
    with transaction.atomic():
        workflow.publish(draft, by=None)
        assert run_together(slugs) == [{"before"}]
    assert slugs() == {"before", "draft"}


def test_a_connection_that_the_database_has_ended_makes_no_request_fail(shared_database):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is a file, which ends no connections.")
    make_measure(slug="first")
    assert slugs() == {"first"}
    number = connection.connection.info.backend_pid

    def end():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [number])

    run_together(end)
    assert slugs() == {"first"}
    assert connection.connection.info.backend_pid != number


class HeldBack:
    """Reading a large catalogue, in its thread: it waits for ``go`` before, and ``finish`` waits for its end."""

    def __init__(self, read):
        self.read, self.may_read = read, threading.Event()

    def __call__(self):
        assert self.may_read.wait(30)
        return self.read()

    def go(self):
        self.may_read.set()

    def finish(self):
        self.go()
        if process._thread:
            process._thread.join(30)
            assert not process._thread.is_alive()
        self.may_read.clear()


@pytest.fixture
def reading(shared_database, monkeypatch):
    """A catalogue too large to be read while a reader waits, with a record and its source; the thread that reads it."""
    make_measure(slug="first", sources=[SourceFactory(url=URL, language="en")])
    catalogue.current()
    monkeypatch.setattr(process, "READ_AT_ONCE", 0)
    held_back = HeldBack(process._read)
    monkeypatch.setattr(process, "_read", held_back)
    yield held_back
    held_back.finish()


def languages():
    """Those of the first record's sources."""
    return catalogue.current().records_of("source_language", 0)


def correct(source, language):
    source.language = language
    source.save()


def test_readers_of_a_large_catalogue_have_the_old_one_until_the_new_one_is_read(reading):
    source = Source.objects.get(url=URL)
    correct(source, "fr")
    assert languages() == ["en"]
    first = process._thread
    assert languages() == ["en"]
    assert process._thread is first  # one thread, however many ask
    reading.finish()
    assert languages() == ["fr"]
    assert catalogue.current().version == version()[0]


def test_a_large_catalogue_catches_up_by_the_journal_at_once_where_that_is_all(reading):
    make_measure(slug="second")
    assert slugs() == {"first", "second"}
    correct(Source.objects.get(url=URL), "fr")
    make_measure(slug="third")
    assert (slugs(), languages()) == ({"first", "second", "third"}, ["en"])
    reading.finish()
    assert (slugs(), languages()) == ({"first", "second", "third"}, ["fr"])
    make_measure(slug="fourth")
    assert slugs() == {"first", "second", "third", "fourth"}


def test_a_large_catalogue_shows_a_new_name_at_once_even_while_it_is_read(reading):
    kenya = make_measure(slug="second", countries=["KEN"]).countries.get()
    correct(Source.objects.get(url=URL), "fr")
    assert languages() == ["en"]
    kenya.name_en = "After"
    kenya.save()
    assert [str(country) for country, _count in catalogue.current().ranked("country")] == ["After"]
    assert languages() == ["en"]


def test_what_changes_while_a_large_catalogue_is_read_is_not_lost(reading, monkeypatch):
    source, has_read, may_end = Source.objects.get(url=URL), threading.Event(), threading.Event()

    def read_and_hold():
        result = reading()
        has_read.set()
        assert may_end.wait(30)
        return result

    monkeypatch.setattr(process, "_read", read_and_hold)
    correct(source, "es")
    assert languages() == ["en"]
    reading.go()
    assert has_read.wait(30)
    make_measure(slug="second")
    correct(source, "fr")
    make_measure(slug="third")
    assert (slugs(), languages()) == ({"first", "second", "third"}, ["en"])
    may_end.set()
    reading.finish()
    assert (slugs(), languages()) == ({"first", "second", "third"}, ["es"])  # and reads again
    reading.finish()
    assert (slugs(), languages()) == ({"first", "second", "third"}, ["fr"])


def test_what_has_to_be_read_anew_while_a_process_makes_itself_ready_is_read_after_that(reading, monkeypatch):
    monkeypatch.setattr(process, "_first", catalogue.current())
    monkeypatch.setattr(process, "MAKE_READY_AFTER", 0.3)
    make_measure(slug="second")
    assert slugs() == {"first", "second"}
    correct(Source.objects.get(url=URL), "fr")
    assert languages() == ["en"]
    reading.finish()
    assert languages() == ["fr"]


def test_where_reading_fails_readers_keep_what_they_had_and_the_log_says_so(reading, monkeypatch, caplog):
    def fail():
        reading()
        raise OSError("The disk is gone.")

    correct(Source.objects.get(url=URL), "fr")
    with monkeypatch.context() as patch:
        patch.setattr(process, "_read", fail)
        assert languages() == ["en"]
        reading.finish()
    assert "The catalogue could not be read anew" in caplog.text
    assert "The disk is gone." in caplog.text
    assert languages() == ["en"]  # and tries again
    reading.finish()
    assert languages() == ["fr"]


def test_a_process_that_serves_readers_has_the_words_in_memory_again_after_more_changes_than_it_follows(
    shared_database, monkeypatch
):
    monkeypatch.setattr(process, "_first", None)
    monkeypatch.setattr(texts, "CHANGES", 2)
    make_measure(slug="first", title="Spectrum lent")
    catalogue.prepare()
    words = reader_of(catalogue.current()).texts
    assert words.is_in_memory
    for number in range(3):
        make_measure(slug=f"more-{number}", title="Spectrum sold")
        catalogue.current()
    process._thread.join(30)
    assert words.is_in_memory
    assert reader_of(catalogue.current()).texts is words
    assert len(search("spectrum", catalogue.current()).rows) == 4


def test_a_process_that_has_read_nothing_reads_a_large_catalogue_before_it_answers(shared_database, monkeypatch):
    monkeypatch.setattr(process, "READ_AT_ONCE", 0)
    make_measure(slug="first")
    catalogue.forget()
    assert slugs() == {"first"}


@pytest.mark.parametrize("there", [set(), {"first", "second"}])
def test_a_worker_that_starts_shows_what_its_like_do_and_what_changes_then(shared_database, monkeypatch, there):
    monkeypatch.setattr(process, "_first", None)
    for slug in sorted(there):
        make_measure(slug=slug)
    catalogue.prepare()  # as before the workers begin
    read = catalogue.current()
    catalogue.prepare()  # as in each of them
    assert catalogue.current() is read
    assert slugs() == there
    make_measure(slug="new")
    assert slugs() == there | {"new"}
    process._thread.join(30)
