"""What feed readers get: the measures of a list that are new or were corrected."""

import feedparser
import pytest
from django.urls import reverse

from practices import workflow
from practices.choices import Action
from tests.factories import CountryFactory, UserFactory, make_measure

pytestmark = pytest.mark.django_db


def atom(client, query=""):
    response = client.get(f"/measures.atom{query}")
    assert response["Content-Type"].startswith("application/atom+xml")
    feed = feedparser.parse(response.content)
    assert not feed.bozo, feed.get("bozo_exception")
    return feed


def correct(measure, note, **fields):
    with workflow.change(
        measure, by=UserFactory(email="editor@example.org"), action=Action.CORRECTED, public_note=note
    ):
        for name, value in fields.items():
            setattr(measure, name, value)


def test_what_changed_last_comes_first_and_keeps_its_id(client, time_machine):
    time_machine.move_to("2026-03-01")
    old = make_measure(title="Old")
    time_machine.move_to("2026-03-02")
    make_measure(title="New")
    before = atom(client)
    assert [entry.title for entry in before.entries] == ["New", "Old"]
    time_machine.move_to("2026-03-03")
    correct(old, "The end was wrong.", title_en="Old, corrected", slug="another-slug")
    after = atom(client)
    assert [entry.title for entry in after.entries] == ["Old, corrected", "New"]
    entry = after.entries[0]
    assert entry.id == before.entries[1].id
    assert (entry.published[:10], entry.updated[:10], after.feed.updated[:10]) == (
        "2026-03-01",
        "2026-03-03",
        "2026-03-03",
    )
    assert "Corrected: The end was wrong." in entry.summary
    assert entry.link.endswith("/measures/another-slug/")


def test_a_feed_has_what_its_list_has(client):
    make_measure(title="In Kenya", countries=["KEN"])
    make_measure(title="In Ghana", countries=[CountryFactory(iso3="GHA", name_en="Ghana")])
    make_measure(title="A draft", countries=["KEN"], status="draft")
    feed = atom(client, "?country=gha")
    assert [entry.title for entry in feed.entries] == ["In Ghana"]
    assert feed.feed.title.endswith(": Ghana")
    items = client.get("/measures.feed.json?country=gha").json()["items"]
    assert [(item["id"], item["title"]) for item in items] == [(feed.entries[0].id, "In Ghana")]


def test_withdrawn_measures_and_names_of_editors_are_in_no_feed(client):
    measure = make_measure(title="Shown")
    correct(measure, "A date.")
    make_measure(title="Withdrawn", status="withdrawn")
    for address in ("/measures.atom", "/measures.feed.json"):
        body = client.get(address).content.decode()
        assert "Shown" in body
        assert "Withdrawn" not in body
        assert "editor@example.org" not in body


def test_texts_say_which_language_they_are_in(client):
    make_measure(title_en=None, title_fr="Le Kenya prête du spectre")
    assert 'xml:lang="fr"' in client.get("/measures.atom").content.decode()
    feed = client.get("/fr/measures.feed.json").json()
    assert (feed["language"], feed["items"][0]["language"]) == ("fr", "fr")


def test_an_empty_feed_is_a_feed(client):
    make_measure()
    assert atom(client, "?q=nothingofthekind").entries == []


def test_characters_that_xml_does_not_have_do_no_harm(client):
    make_measure()
    atom(client, "?q=%01spectrum%1f")


@pytest.mark.parametrize("name", ["measure_atom", "measure_json_feed"])
def test_a_bad_value_is_answered_with_its_reason(client, name):
    response = client.get(reverse(f"practices:{name}"), {"region": "mars"})
    assert response.status_code == 400
    assert "“mars” is not one of the values" in response.content.decode()


def test_a_feed_that_has_not_changed_is_not_sent_again(client, settings):
    settings.DEBUG = False
    make_measure()
    etag = client.get("/measures.atom")["ETag"]
    assert client.get("/measures.atom", headers={"If-None-Match": etag}).status_code == 304


def test_pages_tell_of_their_feeds(client):
    make_measure(countries=[CountryFactory(iso3="KEN", name_en="Kenya")])
    pages = {
        "/": "/measures.atom",
        "/measures/?country=ken&page=1": "/measures.atom?country=ken",
        "/countries/ken/": "/measures.atom?country=ken",
        "/topics/affordability/": "/measures.atom?topic=affordability",
        "/crises/covid-19/": "/measures.atom?crisis=covid-19",
    }
    for page, feed in pages.items():
        body = client.get(page).content.decode()
        assert f'href="{feed}"' in body, page
        assert f'href="{feed.replace("atom", "feed.json")}"' in body, page


def test_a_feed_takes_as_many_queries_for_many_entries_as_for_one(client, django_assert_max_num_queries):
    for _number in range(6):
        make_measure(sources=2)
    client.get("/measures.atom")
    with django_assert_max_num_queries(7):
        client.get("/measures.atom")
