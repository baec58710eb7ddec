"""Sources at the desk: their visits, and what editors do about what these found."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from practices import custody
from practices.custody.visiting import Turns, Visit
from practices.models import Source
from tests.factories import SourceFactory, UserFactory, make_measure

pytestmark = pytest.mark.django_db

LIST = "admin:practices_source_changelist"
ANSWERS = {
    "/live": Visit(200, "200 OK"),
    "/moved": Visit(200, "200 OK", moved_to="https://source.example/live"),
    "/gone": Visit(404, "404 Not Found"),
    "/busy": Visit(429, "429 Too Many Requests", retry_after=7200),
}


class Answering:
    """A visitor to whom each address answers what its path says."""

    def __init__(self, **options):
        self.turns = Turns(pause=0)

    def visit(self, url):
        return ANSWERS[url.removeprefix("https://source.example")]


@pytest.fixture(autouse=True)
def _no_real_visits(monkeypatch):
    monkeypatch.setattr(custody, "Visitor", Answering)


@pytest.fixture
def sign_in(client):
    """Sign in as somebody who has a role."""

    def sign_in(role):
        user = UserFactory()
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)

    return sign_in


def source_at(path, **fields):
    return SourceFactory(url=f"https://source.example/{path}", **fields)


def moved(to="live", **fields):
    found = {"last_check_result": "moved", "last_checked_at": timezone.now(), "last_working_at": timezone.now()}
    return source_at("moved", moved_to=f"https://source.example/{to}", **found | fields)


def take(client, action, *sources, **data):
    data = {"action": action, "_selected_action": [source.pk for source in sources], **data}
    return client.post(reverse(LIST), data, follow=True)


def test_the_button_on_the_page_of_a_source_has_it_visited_and_says_what_was_found(client, sign_in):
    sign_in("editor")
    source = source_at("gone")
    page = client.get(reverse("admin:practices_source_change", args=[source.pk])).content.decode()
    assert "Not visited yet." in page
    assert 'value="check_now"' in page
    response = take(client, "check_now", source, from_page=source.pk)
    assert response.redirect_chain[-1][0] == reverse("admin:practices_source_change", args=[source.pk])
    assert "Visited: gone. 404 Not Found" in response.content.decode()
    assert "Readers are told that this link no longer works" in response.content.decode()


def test_several_sources_are_visited_at_once_and_counted(client, sign_in):
    sign_in("editor")
    sources = [source_at(path) for path in ("live", "moved", "gone", "busy")]
    body = take(client, "check_now", *sources).content.decode()
    assert "Visited: 1 live, 1 moved, 1 gone." in body
    assert "1 source was not visited" in body


def test_an_editor_checks_a_source_of_public_records_without_being_able_to_change_it(client, sign_in):
    sign_in("editor")
    source = moved()
    make_measure(sources=[source])
    page = client.get(reverse("admin:practices_source_change", args=[source.pk])).content.decode()
    assert 'value="check_now"' in page
    assert 'value="take_new_address"' not in page
    assert "only those who may publish" in take(client, "take_new_address", source).content.decode()
    source.refresh_from_db()
    assert source.url == "https://source.example/moved"


@pytest.mark.parametrize("action", ["check_now", "take_new_address", "mark_read"])
def test_a_contributor_has_no_source_visited_or_moved(client, sign_in, action):
    sign_in("contributor")
    source = moved()
    assert action not in client.get(reverse(LIST)).content.decode()
    take(client, action, source)
    source.refresh_from_db()
    assert (source.last_check_result, source.url) == ("moved", "https://source.example/moved")


def test_a_source_that_has_moved_takes_its_new_address_with_one_click(client, sign_in):
    sign_in("publisher")
    source = moved()
    measure = make_measure(sources=[source])
    body = take(client, "take_new_address", source, from_page=source.pk).content.decode()
    assert "is now at https://source.example/live" in body
    source.refresh_from_db()
    assert (source.url, source.moved_to, source.last_check_result) == ("https://source.example/live", "", "live")
    assert 'href="https://source.example/live"' in client.get(measure.get_absolute_url()).content.decode()


def test_an_address_that_another_source_has_is_not_taken(client, sign_in):
    sign_in("publisher")
    source, other = moved(), source_at("live")
    assert f"which is source {other.pk}" in take(client, "take_new_address", source).content.decode()
    source.refresh_from_db()
    assert (source.url, Source.objects.count()) == ("https://source.example/moved", 2)


def test_a_source_that_has_not_moved_stays_where_it_is(client, sign_in):
    sign_in("publisher")
    source = source_at("live")
    assert "has not moved" in take(client, "take_new_address", source).content.decode()


def test_a_changed_source_is_marked_as_read(client, sign_in):
    sign_in("editor")
    source = source_at("live", last_check_result="changed", last_checked_at=timezone.now())
    page = client.get(reverse("admin:practices_source_change", args=[source.pk])).content.decode()
    assert "does it still support its measures?" in page
    take(client, "mark_read", source)
    source.refresh_from_db()
    assert source.last_check_result == "live"


def test_what_was_found_at_an_old_address_is_forgotten_with_it(client, sign_in):
    sign_in("publisher")
    source = moved(content_digest="a" * 64, days_unreachable=2)
    fields = {"title": "T", "publisher": "P", "kind": "news", "language": "en"}
    address = reverse("admin:practices_source_change", args=[source.pk])
    client.post(address, fields | {"url": source.url, "published_on": "2020"})
    source.refresh_from_db()
    assert source.last_check_result == "moved"
    client.post(address, fields | {"url": "https://source.example/other"})
    source.refresh_from_db()
    assert [getattr(source, name) for name in Source.VISIT_FIELDS] == [None, "", "", 0, None, "", ""]


def test_sources_and_measures_are_narrowed_to_what_is_broken(client, sign_in):
    sign_in("editor")
    gone = {"last_check_result": "gone", "last_checked_at": timezone.now()}
    broken, _works = source_at("gone", title="Broken one", **gone), source_at("live", title="Working one")
    make_measure(title="Rests on sand", sources=[broken])
    make_measure(title="Rests on rock", sources=[_works])
    sources = client.get(reverse(LIST), {"broken": "yes"}).content.decode()
    measures = client.get(reverse("admin:practices_measure_changelist"), {"broken": "yes"}).content.decode()
    assert "Broken one" in sources
    assert "Working one" not in sources
    assert "Rests on sand" in measures
    assert "Rests on rock" not in measures


def test_the_list_asks_the_database_as_often_for_many_sources_as_for_few(client, sign_in):
    sign_in("publisher")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(LIST)).status_code == 200
        return len(captured)

    make_measure(sources=[source_at("live")])
    few = queries()
    make_measure(sources=SourceFactory.create_batch(20))
    assert queries() == few
