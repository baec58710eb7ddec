"""Runs over many sources, and what is kept of them."""

import datetime
import threading
import time

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from practices import catalogue, custody
from practices.custody import checking
from practices.custody.visiting import Turns, Visit
from practices.models import CatalogueVersion, Measure, Source
from tests.factories import SourceFactory, cite, make_measure
from tests.practices.custody.conftest import visitor_of

pytestmark = pytest.mark.django_db


class Answering:
    """A visitor to whom every address answers the same, or what its path says."""

    def __init__(self, visit=None, **by_path):
        self.turns, self.visit_, self.by_path = Turns(pause=0), visit, by_path

    def visit(self, url):
        return self.by_path.get(url.rpartition("/")[2], self.visit_)


LIVE = Visit(200, "200 OK", digest="a" * 64)
GONE = Visit(404, "404 Not Found")
SILENT = Visit(None, "It did not answer in time.")


def found(source):
    source.refresh_from_db()
    return source.last_check_result


def test_each_source_keeps_what_its_visit_found(server, visitor):
    pages = {
        "ok": "live",
        "moved": "moved",
        "for-now": "live",
        "404": "gone",
        "410": "gone",
        "moved-and-gone": "gone",
        "403": "refused",
        "500": "unreachable",
        "loop": "unreachable",
        "to-file": "unreachable",
        "reset": "unreachable",
        "busy": "live",
    }
    sources = {page: SourceFactory(url=server.address(page)) for page in pages}
    checked = custody.check(list(sources.values()), visitor=visitor)
    assert {page: found(source) for page, source in sources.items()} == pages
    assert (sum(checked.results.values()), checked.left) == (len(pages), 0)
    moved = sources["moved"]
    assert (moved.moved_to, moved.last_check_note) == (server.address("ok"), "200 OK")
    assert moved.last_working_at == moved.last_checked_at
    assert sources["404"].last_working_at is None


def test_a_source_whose_words_change_stays_changed_until_somebody_has_read_it(server, visitor):
    source = SourceFactory(url=server.address("changing"))
    results = []
    for _visit in range(2):
        custody.check([source], visitor=visitor)
        results.append(found(source))
    custody.check([source], visitor=Answering(Visit(200, "200 OK", digest=source.content_digest)))
    assert [*results, found(source)] == ["live", "changed", "changed"]


def test_a_page_too_long_to_compare_has_not_changed(server, visitor):
    source = SourceFactory(url=server.address("endless"), content_digest="a" * 64)
    custody.check([source], visitor=visitor)
    assert found(source) == "live"
    assert source.content_digest == "a" * 64


def test_a_source_is_broken_when_gone_or_not_reached_on_three_days():
    source, other = SourceFactory(), SourceFactory()
    custody.check([other], visitor=Answering(GONE))
    broken = []
    for at in ("2026-11-02 08:00", "2026-11-02 09:00", "2026-11-03 08:00", "2026-11-03 09:00", "2026-11-04 08:00"):
        with time_machine.travel(f"{at}Z", tick=False):
            custody.check([source], visitor=Answering(SILENT))
        source.refresh_from_db()
        broken.append(source.is_broken)
        assert (source in Source.objects.broken()) == source.is_broken
    assert broken == [False, False, False, False, True]
    assert other in Source.objects.broken()
    custody.check([source, other], visitor=Answering(LIVE))
    assert not Source.objects.broken().exists()


def test_a_broken_source_keeps_when_it_last_worked():
    worked = timezone.now() - datetime.timedelta(days=9)
    source = SourceFactory(last_working_at=worked)
    custody.check([source], visitor=Answering(GONE))
    source.refresh_from_db()
    assert source.last_working_at == worked


def test_measures_wait_for_the_desk_whose_broken_source_has_no_copy():
    broken, kept = SourceFactory(), SourceFactory(archived_url="https://archive.example/1")
    measures = [make_measure(sources=[source]) for source in (broken, kept, SourceFactory())]
    cite(measures[2], [kept])
    custody.check([broken, kept], visitor=Answering(GONE))
    assert list(Measure.objects.with_broken_sources()) == [measures[0]]


def test_what_an_editor_changed_meanwhile_is_not_overwritten():
    source = SourceFactory(title="Old title")
    renamed = SourceFactory()

    class Slow(Answering):
        def visit(self, url):
            return LIVE

    Source.objects.filter(pk=source.pk).update(title="New title")
    Source.objects.filter(pk=renamed.pk).update(url="https://elsewhere.example/")
    checked = custody.check([source, renamed], visitor=Slow())
    source.refresh_from_db()
    assert (source.title, source.last_check_result) == ("New title", "live")
    assert (found(renamed), checked.left) == ("", 1)


def test_readers_get_new_pages_once_when_a_run_ends(client):
    sources = SourceFactory.create_batch(3)
    measure = make_measure(sources=sources)
    page = client.get(measure.get_absolute_url())
    before, shown = CatalogueVersion.objects.get(), catalogue.current()
    custody.check(sources, visitor=Answering(LIVE))
    after = CatalogueVersion.objects.get()
    assert after.number == before.number + 1
    assert catalogue.current().version == shown.version + 1
    again = client.get(measure.get_absolute_url(), headers={"If-None-Match": page.headers.get("ETag", "")})
    assert again.content.decode().count("Link last seen working on") == 3


def test_a_run_that_found_nothing_leaves_pages_as_they_are(server, visitor):
    source = SourceFactory(url=server.address("busy-for-hours"))
    before = CatalogueVersion.advance()
    checked = custody.check([source], visitor=visitor)
    assert (found(source), checked.left, CatalogueVersion.objects.get().number) == ("", 1, before)


def test_a_server_that_asks_for_time_is_visited_later(server, visitor):
    sources = [SourceFactory(url=server.address(page)) for page in ("busy", "ok")]
    custody.check(sources, visitor=visitor)
    assert [found(source) for source in sources] == ["live", "live"]
    assert server.asked == {"busy": 2, "ok": 1}
    assert server.begun[1] - server.begun[0] >= 1


def test_a_server_that_keeps_asking_for_time_is_left_alone(server, visitor, monkeypatch):
    monkeypatch.setattr(checking, "WAIT", 0)
    sources = [SourceFactory(url=server.address(page)) for page in ("busy-always", "resting", "ok")]
    checked = custody.check(sources, visitor=visitor)
    assert server.asked["busy_always"] == 2
    assert found(sources[0]) == ""
    assert checked.left >= 1


def test_hosts_are_visited_side_by_side_and_one_host_page_by_page(server):
    at_once, lock = {}, threading.Lock()
    most = {"host": 0, "all": 0}

    class Watching(Answering):
        def visit(self, url):
            host = url.split("/")[2]
            with lock:
                at_once[host] = at_once.get(host, 0) + 1
                most["host"] = max(most["host"], at_once[host])
                most["all"] = max(most["all"], sum(at_once.values()))
            time.sleep(0.02)
            with lock:
                at_once[host] -= 1
            return LIVE

    sources = [SourceFactory(url=f"https://{host}.example/{page}") for host in "abcd" for page in range(4)]
    custody.check(sources, visitor=Watching(), workers=3)
    assert most == {"host": 1, "all": 3}


def test_a_run_ends_in_its_time_and_says_what_is_left(server):
    sources = [SourceFactory(url=server.address(f"ok?{number}")) for number in range(20)]
    checked = custody.check(sources, visitor=visitor_of(server, turns=Turns(pause=0.1)), seconds=0.35)
    assert 1 <= checked.results["live"] <= 6
    assert checked.left == 20 - checked.results["live"]


def test_a_fault_of_our_own_is_not_hidden():
    class Faulty(Answering):
        def visit(self, url):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        custody.check([SourceFactory()], visitor=Faulty())


@pytest.fixture
def visited(monkeypatch):
    """The sources that the command has visited, in order."""
    sources = []

    def check(chosen, **options):
        sources.extend(chosen)
        return custody.Checked()

    monkeypatch.setattr(custody, "check", check)
    return sources


def test_the_command_visits_those_first_that_were_not_for_the_longest(visited):
    def visited_ago(days):
        return SourceFactory(last_checked_at=timezone.now() - datetime.timedelta(days=days))

    recent, old, never = visited_ago(1), visited_ago(30), SourceFactory()
    call_command("check_sources")
    call_command("check_sources", older_than=7)
    call_command("check_sources", limit=1)
    call_command("check_sources", source=[recent.pk])
    assert visited == [never, old, recent, never, old, never, recent]


def test_the_command_says_which_source_is_not_there(visited):
    with pytest.raises(CommandError, match="There is no source 999"):
        call_command("check_sources", source=[999])


def test_the_command_names_what_an_editor_has_to_look_at(monkeypatch, capsys):
    good, gone = SourceFactory(), SourceFactory(url="https://source.example/gone")
    answers = Answering(LIVE, gone=GONE)
    monkeypatch.setattr(checking, "Visitor", lambda: answers)
    call_command("check_sources")
    out = capsys.readouterr().out
    assert f"{gone.pk} gone: https://source.example/gone (404 Not Found)" in out
    assert good.url not in out
    assert "1 live\n1 gone\n" in out
