"""How the index keeps up with the database, in one process and in several, and what happens when things go wrong."""

import logging
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import close_old_connections, connection, transaction

from practices import catalogue, workflow
from practices.catalogue import clauses, storage
from practices.catalogue.storage import Storage
from practices.choices import Action
from practices.filters import MeasureFilter
from practices.models import CatalogueVersion, Change, Tag, Topic
from tests.factories import CountryFactory, GroupFactory, OrganizationFactory, UserFactory, make_measure

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 30  # that a test waits for another thread or process


def slugs(public=None):
    """Return the slugs of the measures that a catalogue has, by default the present one."""
    return {measure.slug for measure in catalogue.Selection(public or catalogue.current())[:]}


def found(words):
    """Return the slugs of the measures that a search for ``words`` finds."""
    return {measure.slug for measure in MeasureFilter({"q": words}, catalogue.current()).in_order()[:]}


def version():
    return CatalogueVersion.objects.values_list("number", flat=True).get()


@pytest.fixture
def index_dir(settings, tmp_path):
    """A folder for the index, which two ``Storage`` share as two processes of a host do."""
    settings.INDEX_DIR = str(tmp_path / "index")
    catalogue.forget()
    yield tmp_path / "index"
    catalogue.forget()


# One process


@pytest.mark.django_db
def test_a_request_asks_the_database_once_where_nothing_has_changed(django_assert_num_queries):
    make_measure()
    first = catalogue.current()
    with django_assert_num_queries(1):
        assert catalogue.current() is first


@pytest.mark.django_db
def test_an_empty_database_is_an_empty_catalogue():
    CatalogueVersion.objects.all().delete()
    first = catalogue.current()
    assert (len(first), first.version, first.changed_at, first.updated_at) == (0, 0, None, None)
    make_measure(slug="first")
    assert slugs() == {"first"}


@pytest.mark.django_db
def test_the_catalogue_knows_its_version_and_when_that_was_made():
    for tags in ([], ["new"]):
        make_measure(tags=tags)
        row = CatalogueVersion.objects.get()
        assert (catalogue.current().version, catalogue.current().changed_at) == (row.number, row.changed_at)


@pytest.mark.django_db
def test_a_catalogue_that_a_request_holds_stays_as_it_is(editor):
    measure = make_measure(slug="first", countries=["KEN"], tags=["a"])
    held = catalogue.current()
    before = slugs(held), held.counts("country"), held.counts("tag"), len(held.records["tag"].all)
    with workflow.change(measure, by=editor, action=Action.CORRECTED):
        measure.tags.add("b")
    make_measure(slug="second", countries=["UGA"])
    assert slugs() == {"first", "second"}
    assert before == (slugs(held), held.counts("country"), held.counts("tag"), len(held.records["tag"].all))


@pytest.mark.django_db
@pytest.mark.parametrize("most", [2, 100], ids=["built again", "written one by one"])
def test_whatever_number_of_records_has_changed_is_shown(monkeypatch, most):
    drafts = [make_measure(slug=f"m-{number}", status="draft") for number in range(3)]
    assert slugs() == set()
    monkeypatch.setattr(storage, "MAX_CHANGES", most)
    for draft in drafts:
        workflow.publish(draft, by=None)
    assert slugs() == {"m-0", "m-1", "m-2"}


@pytest.mark.django_db
def test_what_is_rolled_back_is_not_shown_and_the_next_change_is():
    make_measure(slug="before", countries=["KEN"])
    draft, number, journal = make_measure(slug="draft", status="draft"), version(), Change.objects.count()
    with transaction.atomic():
        workflow.publish(draft, by=None)
        CountryFactory(iso3="UGA")
        assert slugs() == {"before", "draft"}
        transaction.set_rollback(True)
    assert (slugs(), version(), Change.objects.count()) == ({"before"}, number, journal)
    assert "uga" not in catalogue.current().records["country"].by_code
    make_measure(slug="after", countries=["KEN"])  # has the number that the undone change had
    assert slugs() == {"before", "after"}


# Several processes of a host


@pytest.mark.django_db
def test_processes_share_one_index_and_each_shows_what_was_published_withdrawn_and_corrected(index_dir):
    kept, gone = make_measure(slug="kept", announced_on="2019"), make_measure(slug="gone")
    one, other = Storage(index_dir), Storage(index_dir)
    assert slugs(one.current()) == slugs(other.current()) == {"kept", "gone"}
    make_measure(slug="new", tags=["new-tag"], organizations=[OrganizationFactory(name_en="New body")])
    workflow.withdraw(gone, by=None, reason="Recorded twice.")
    with workflow.change(kept, by=None, action=Action.CORRECTED):
        kept.announced_on = "2020-04"
    for process in (one, other):
        public = process.current()
        assert slugs(public) == {"kept", "new"}
        assert public.ids(clauses.any_of("year", ["2020"])) == [kept.pk]
        assert public.ids(clauses.any_of("year", ["2019"])) == []
        assert [str(tag) for tag, _count in public.ranked("tag")] == ["new tag"]
        assert "New body" in str(public.ranked("organization"))
    assert len([folder for folder in index_dir.iterdir() if folder.is_dir()]) == 1


@pytest.mark.django_db
def test_another_process_shows_a_new_name_within_one_request(index_dir):
    kenya = CountryFactory(iso3="KEN", name_en="Beforia")
    make_measure(slug="first", countries=[kenya])
    one, other = Storage(index_dir), Storage(index_dir)
    one.current(), other.current()
    kenya.name_en = "Afteria"
    kenya.save()
    make_measure(slug="last", countries=[kenya])
    for process in (one, other):
        assert [(str(country), count) for country, count in process.current().ranked("country")] == [("Afteria", 2)]
        assert slugs(process.current()) == {"first", "last"}
    assert found("afteria") == {"first", "last"}
    assert found("beforia") == set()


@pytest.mark.django_db
def test_a_process_writes_new_names_that_another_one_has_seen_first(index_dir):
    kenya = CountryFactory(iso3="KEN", name_en="Beforia")
    make_measure(slug="first", countries=[kenya])
    one, other = Storage(index_dir), Storage(index_dir)
    one.current(), other.current()
    kenya.name_en = "Afteria"
    kenya.save()
    one.current()
    make_measure(slug="last", countries=[kenya])
    other.current()
    assert found("afteria") == {"first", "last"}


@pytest.mark.django_db
def test_an_index_that_is_there_is_opened_and_not_built(index_dir, caplog):
    make_measure(slug="first")
    Storage(index_dir).current()
    with caplog.at_level(logging.INFO, "practices.catalogue"):
        assert slugs(Storage(index_dir).current()) == {"first"}
    assert caplog.text == ""


@pytest.mark.django_db
@pytest.mark.parametrize("damage", ["deleted", "emptied", "cut off", "overwritten", "no pointer"])
def test_an_index_that_cannot_be_read_is_built_again(index_dir, damage):
    make_measure(slug="first")
    Storage(index_dir).current()
    [folder] = [path for path in index_dir.iterdir() if path.is_dir()]
    for path in sorted(folder.iterdir()):
        if damage == "deleted":
            path.unlink()
        elif damage == "emptied":
            path.write_bytes(b"")
        elif damage == "cut off":
            path.write_bytes(path.read_bytes()[:-20])
        elif damage == "overwritten" and path.name == "meta.json":
            path.write_text("no JSON")
    if damage == "no pointer":
        next(index_dir.glob("current-*")).unlink()
    assert slugs(Storage(index_dir).current()) == {"first"}
    make_measure(slug="second")
    assert slugs(Storage(index_dir).current()) == {"first", "second"}


@pytest.mark.django_db
def test_another_release_has_an_index_of_its_own(index_dir, monkeypatch):
    make_measure(slug="first")
    old = Storage(index_dir)
    old.current()
    monkeypatch.setattr(storage, "release", lambda: "another")
    assert slugs(Storage(index_dir).current()) == {"first"}
    monkeypatch.undo()
    make_measure(slug="second")
    assert slugs(old.current()) == {"first", "second"}


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["an older state", "another database"])
def test_an_index_of_another_state_of_the_database_is_built_again(index_dir, what):
    make_measure(slug="first")
    before = CatalogueVersion.objects.values("number", "changed_at", "catalogue").get()
    make_measure(slug="second")
    process = Storage(index_dir)
    assert slugs(process.current()) == {"first", "second"}
    Change.objects.filter(measure__slug="second").update(version=None)
    type(make_measure(slug="third", status="draft")).objects.filter(slug="second").update(status="draft")
    if what == "another database":
        CatalogueVersion.objects.update(catalogue="00000000-0000-0000-0000-000000000001", number=1000)
    else:
        CatalogueVersion.objects.update(**before)
    assert slugs(process.current()) == {"first"}


@pytest.mark.django_db
def test_the_index_is_built_again_on_request_beside_the_one_that_readers_use(index_dir, capsys):
    make_measure(slug="first")
    reader = Storage(index_dir)
    held = reader.current()
    call_command("rebuild_index")
    assert "The index has 1 measures" in capsys.readouterr().out
    assert slugs(held) == slugs(reader.current()) == {"first"}
    make_measure(slug="second")
    assert slugs(reader.current()) == slugs(Storage(index_dir).current()) == {"first", "second"}
    assert len([folder for folder in index_dir.iterdir() if folder.is_dir()]) == 1


@pytest.mark.django_db
def test_no_index_is_built_on_request_where_no_folder_is_named(settings):
    settings.INDEX_DIR = ""
    with pytest.raises(CommandError, match="INDEX_DIR is empty"):
        call_command("rebuild_index")


# What goes wrong


@pytest.mark.django_db
def test_where_the_folder_cannot_be_written_the_index_is_in_memory_and_the_log_says_so(tmp_path, caplog):
    (tmp_path / "file").write_text("no folder")
    make_measure(slug="first")
    process = Storage(tmp_path / "file" / "index")
    assert slugs(process.current()) == {"first"}
    assert f"The index in {tmp_path / 'file' / 'index'} cannot be used" in caplog.text
    make_measure(slug="second")
    assert slugs(process.current()) == {"first", "second"}


@pytest.mark.django_db
def test_where_the_disk_is_full_the_index_is_in_memory_and_the_log_says_so(index_dir, caplog):
    make_measure(slug="first")
    process = Storage(index_dir)
    process.current()
    make_measure(slug="second")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, limits[1]))  # no file may grow beyond these bytes
    try:
        assert slugs(process.current()) == {"first", "second"}
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "cannot be used" in caplog.text
    make_measure(slug="third")
    assert slugs(process.current()) == slugs(Storage(index_dir).current()) == {"first", "second", "third"}


WRITER = """
import django
django.setup()
from practices import catalogue
from practices.models import CatalogueVersion, Measure
catalogue.current()
print("ready", flush=True)
while True:
    CatalogueVersion.advance(records=[("measure", measure.pk) for measure in Measure.objects.all()])
    catalogue.current()
"""


def test_after_a_writer_was_killed_in_the_middle_of_a_commit_the_next_request_is_right(
    shared_database, settings, tmp_path
):
    place = connection.settings_dict
    address = f"sqlite:///{place['NAME']}"
    if connection.vendor == "postgresql":
        address = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**place)
    for number in range(30):
        make_measure(slug=f"m-{number}")
    folder = tmp_path / "index"
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"],
        "DATABASE_URL": address,
        "INDEX_DIR": str(folder),
        "DEBUG": "true",
    }
    for round_ in range(4):
        writer = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", WRITER], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        assert writer.stdout.readline() == b"ready\n"
        time.sleep(0.05 + 0.013 * round_)
        writer.send_signal(signal.SIGKILL)
        writer.wait(SECONDS)
        writer.stdout.close()
        make_measure(slug=f"after-{round_}")
        public = Storage(folder).current()
        assert public.version == version()
        assert slugs(public) == {
            *(f"m-{number}" for number in range(30)),
            *(f"after-{number}" for number in range(round_ + 1)),
        }


# What measures point at


@pytest.mark.django_db
def test_a_new_name_and_code_hold_for_all_measures_at_once(index_dir):
    for number in range(7):
        make_measure(slug=f"m-{number}")
    topic, every = Topic.objects.get(code="affordability"), {f"m-{number}" for number in range(7)}
    assert slugs() == found("affordability") == every
    topic.name_en, topic.code = "Solvency", "solvency"
    topic.save()
    public = catalogue.current()
    assert [(str(shown), count) for shown, count in public.ranked("topic")] == [("Solvency", 7)]
    assert {m.slug for m in MeasureFilter({"topic": ["solvency"]}, public).in_order()[:]} == every
    assert found("solvency") == every
    assert str(catalogue.Selection(public)[:][0].measure_type.topic) == "Solvency"


@pytest.mark.django_db
def test_a_group_counts_its_members_as_they_are(index_dir):
    kenya, uganda = CountryFactory(iso3="KEN"), CountryFactory(iso3="UGA")
    group = GroupFactory(code="eac", members=[kenya])
    make_measure(slug="kenyan", countries=[kenya])
    make_measure(slug="ugandan", countries=[uganda])

    def members():
        return {m.slug for m in MeasureFilter({"group": ["eac"]}, catalogue.current()).in_order()[:]}

    assert members() == {"kenyan"}
    group.members.add(uganda)
    assert members() == {"kenyan", "ugandan"}
    kenya.groups.clear()
    assert members() == {"ugandan"}
    group.members.clear()
    assert members() == set()


@pytest.mark.django_db
def test_a_deleted_tag_is_on_no_measure():
    make_measure(slug="m", tags=["gone", "stays"])
    catalogue.current()
    Tag.objects.get(name="gone").delete()
    assert [str(tag) for tag, _count in catalogue.current().ranked("tag")] == ["stays"]
    assert found("gone") == set()


# Several threads


def run_together(*steps):
    """Let threads take ``steps`` at once; what they return, in order."""
    barrier, results = threading.Barrier(len(steps)), [None] * len(steps)

    def run(number, step):
        try:
            barrier.wait(10)
            results[number] = step()
        except Exception as error:
            results[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number, step)) for number, step in enumerate(steps)]
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
    drafts = [[make_measure(status="draft", slug=f"m-{writer}-{n}") for n in range(5)] for writer in range(2)]
    before, _public = version(), catalogue.current()

    def publish_all(writer):
        for draft in drafts[writer]:
            workflow.publish(draft, by=editors[writer])

    run_together(lambda: publish_all(0), lambda: publish_all(1))
    numbers = Change.objects.filter(action=Action.PUBLISHED).order_by("version").values_list("version", flat=True)
    assert list(numbers) == list(range(before + 1, before + 11))
    assert version() == before + 10
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
            assert public.counts("country")[kenya.pk] == public.counts("evidence")["official"] == len(public)
            seen.append((public.version, len(public)))

    run_together(publish_all, read, read)
    assert len(catalogue.current()) == 8
    assert len(dict(seen)) == len(set(seen))  # one version, one number of records


def test_readers_do_not_see_what_is_not_committed(shared_database):
    make_measure(slug="before")
    draft = make_measure(slug="draft", status="draft")
    catalogue.forget()
    with transaction.atomic():
        workflow.publish(draft, by=None)
        assert run_together(slugs) == [{"before"}]
    assert slugs() == {"before", "draft"}


def test_readers_are_told_to_come_again_while_the_index_is_built_for_long(shared_database, client, monkeypatch):
    make_measure(slug="first")
    catalogue.forget()
    is_asked, may_go_on, build = threading.Event(), threading.Event(), storage.build

    def slow(folder):
        is_asked.set()
        assert may_go_on.wait(SECONDS)
        return build(folder)

    def ask_meanwhile():
        assert is_asked.wait(SECONDS)
        try:
            health, page = client.get("/health/ready"), client.get("/measures/")
            assert (health.status_code, health.json()["status"]) == (503, "not ready")
            assert (page.status_code, page["Retry-After"], page["Cache-Control"]) == (503, "10", "no-store")
        finally:
            may_go_on.set()

    monkeypatch.setattr(storage, "build", slow)
    monkeypatch.setattr(storage, "LOCK_SECONDS", 0.05)
    run_together(catalogue.current, ask_meanwhile)
    assert client.get("/health/ready").status_code == 200
    assert client.get("/health/live").status_code == 200
    assert client.get("/measures/").status_code == 200


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
    close_old_connections()  # as Django does when a request comes
    assert slugs() == {"first"}
    assert connection.connection.info.backend_pid != number
