"""What is recorded, searched and not found, or not searched yet: at the desk and for readers."""

import re
import threading
from datetime import date

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from practices import catalogue, coverage
from practices.models import CatalogueVersion, Coverage
from tests.factories import CountryFactory, CrisisFactory, TopicFactory, UserFactory, make_measure

pytestmark = pytest.mark.django_db

MATRIX = "admin:practices_coverage_matrix"


@pytest.fixture
def kenya():
    """A country with a measure on affordability in COVID-19, and with a topic of which nothing is recorded."""
    country = CountryFactory(iso3="KEN", name_en="Kenya", itu_region="afr")
    CrisisFactory(slug="covid-19", name_en="COVID-19 pandemic")
    make_measure(countries=[country])
    TopicFactory(code="spectrum", name_en="Spectrum", position=9)
    return country


@pytest.fixture
def sign_in(client):
    """Sign in as somebody who has a role."""

    def sign_in(role):
        user = UserFactory(email=f"{role}@example.org")
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return user

    return sign_in


def of(country, topic, crisis="covid-19"):
    return {
        "country": country,
        "topic": TopicFactory(code=topic),
        "crisis": CrisisFactory(slug=crisis),
    }


def press(client, what="mark", cell="KEN.spectrum", **fields):
    return client.post(reverse(MATRIX), {"crisis": "covid-19", "region": "afr", "note": "", what: cell, **fields})


def cells_of(response):
    """What the public table says of Kenya, by column."""
    row = re.search(r"<tr><th scope=\"row\"><a[^>]*>Kenya.*?</tr>", response.content.decode(), re.DOTALL)[0]
    return [re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<td.*?</td>", row)]


def test_readers_see_three_states(client, kenya):
    TopicFactory(code="trust", name_en="Trust", position=10)
    with time_machine.travel("2026-11-27"):
        coverage.mark(**of(kenya, "spectrum"), by=UserFactory(first_name="Nobody's business"), note="The gazette")
        response = client.get("/coverage/")
    assert cells_of(response) == ["1 recorded", "∅ searched, none found, Nov 2026", "·not searched yet"]
    assert 'href="/measures/?country=ken&amp;topic=affordability&amp;crisis=covid-19"' in response.content.decode()


def test_readers_see_the_next_moment_what_an_editor_marked_and_never_who(client, kenya):
    editor = UserFactory(email="secret@example.org", first_name="Secret")
    assert "none found, " not in client.get("/coverage/").content.decode()
    coverage.mark(**of(kenya, "spectrum"), by=editor, note="The gazette of 2020")
    pages = [client.get(address) for address in ("/coverage/", "/countries/ken/")]
    assert "none found, " in pages[0].content.decode()
    assert "The gazette of 2020" in pages[1].content.decode()
    assert [page for page in pages if "ecret" in page.content.decode()] == []
    coverage.unmark(**of(kenya, "spectrum"))
    assert "none found, " not in client.get("/coverage/").content.decode()


def test_a_mark_counts_as_a_change_and_leaves_the_catalogue_as_it_was(kenya):
    numbers = [CatalogueVersion.objects.get().number]
    shown = catalogue.current()
    coverage.mark(**of(kenya, "spectrum"), by=UserFactory())
    numbers.append(CatalogueVersion.objects.get().number)
    coverage.unmark(**of(kenya, "spectrum"))
    numbers.append(CatalogueVersion.objects.get().number)
    assert [number - numbers[0] for number in numbers] == [0, 1, 2]
    assert catalogue.current().ids() == shown.ids()
    assert catalogue.current().records["topic"] is shown.records["topic"]


def test_what_is_recorded_tells_more_than_a_search(client, kenya):
    coverage.mark(**of(kenya, "affordability"), by=UserFactory())
    assert cells_of(client.get("/coverage/"))[0] == "1 recorded"
    assert "Affordability" not in client.get("/countries/ken/").content.decode().partition("none found:")[2]


def test_measures_of_another_crisis_and_drafts_are_not_recorded_here(client, kenya):
    make_measure(countries=[kenya], measure_type__topic__code="spectrum", measure_type__code="lent", status="draft")
    make_measure(
        countries=[kenya],
        measure_type__topic__code="spectrum",
        measure_type__code="lent",
        crisis=CrisisFactory(slug="storm", name_en="Storm"),
    )
    assert cells_of(client.get("/coverage/")) == ["1 recorded", "·not searched yet"]
    assert cells_of(client.get("/coverage/", {"crisis": "storm"})) == ["·not searched yet", "1 recorded"]


def test_the_table_is_of_one_region_where_a_reader_chose_one(client, kenya):
    CountryFactory(name_en="Elsewhere", itu_region="eur")
    assert "Elsewhere</a>" in client.get("/coverage/").content.decode()
    body = client.get("/coverage/", {"region": "afr"}).content.decode()
    assert "Kenya</a>" in body
    assert "Elsewhere</a>" not in body


@pytest.mark.parametrize(
    ("name", "value"), [("region", "xx"), ("crisis", "xx"), ("region", "\0"), ("crisis", "x" * 999)]
)
def test_a_bad_value_is_said_and_shows_no_table(client, kenya, name, value):
    response = client.get("/coverage/", {name: value})
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert "<table" not in response.content.decode()


def test_without_any_crisis_the_page_says_so(client):
    CountryFactory()
    assert "No crisis yet" in client.get("/coverage/").content.decode()


def test_a_country_says_what_was_searched_and_what_was_not(client, kenya):
    TopicFactory(code="trust", name_en="Trust", position=10)
    with time_machine.travel("2026-11-27"):
        coverage.mark(**of(kenya, "spectrum"), by=UserFactory())
        text = re.sub(r"<[^>]+>|\s+", " ", client.get("/countries/ken/").content.decode())
    searched, _label, rest = text.partition("Searched, none found:")[2].partition("Not searched yet:")
    assert re.sub(r" +", " ", searched).strip() == "Spectrum ( 27 November 2026 )"
    assert rest.split()[0] == "Trust"


def test_an_editor_marks_a_place_and_takes_it_back_with_one_click_each(client, kenya, sign_in):
    editor = sign_in("editor")
    body = client.get(reverse(MATRIX)).content.decode()
    assert 'name="mark" value="KEN.spectrum"' in body
    assert "1 recorded" in body
    response = press(client, note="The gazette")
    assert response.headers["Location"].endswith("#cell-KEN-spectrum")
    search = Coverage.objects.get()
    assert (search.country, search.topic.code, search.searched_by, search.note) == (
        kenya,
        "spectrum",
        editor,
        "The gazette",
    )
    body = client.get(response.headers["Location"].partition("#")[0]).content.decode()
    assert 'name="unmark" value="KEN.spectrum"' in body
    assert "editor@example.org: The gazette" in body
    press(client, "unmark")
    assert not Coverage.objects.exists()


def test_who_saves_the_form_of_a_search_is_who_searched(client, kenya, sign_in):
    coverage.mark(**of(kenya, "spectrum"), by=UserFactory())
    search, editor = Coverage.objects.get(), sign_in("editor")
    address = reverse("admin:practices_coverage_change", args=[search.pk])
    assert 'name="searched_by"' not in client.get(address).content.decode()
    place = {name: record.pk for name, record in of(kenya, "spectrum").items()}
    response = client.post(address, place | {"searched_on": "2026-11-27", "note": "The gazette"})
    assert response.status_code == 302, response.context["errors"]
    search.refresh_from_db()
    assert (search.searched_by, search.searched_on, search.note) == (editor, date(2026, 11, 27), "The gazette")


def test_a_search_made_again_has_the_new_date(kenya):
    for day in ("2026-01-05", "2026-11-27"):
        with time_machine.travel(day):
            coverage.mark(**of(kenya, "spectrum"), by=UserFactory())
    assert Coverage.objects.get().searched_on == date(2026, 11, 27)


@pytest.mark.parametrize("role", ["contributor", "administrator"])
def test_who_may_not_mark_only_looks(client, kenya, sign_in, role):
    sign_in(role)
    coverage.mark(**of(kenya, "spectrum"), by=UserFactory())
    body = client.get(reverse(MATRIX)).content.decode()
    assert "none found" in body
    assert 'name="mark"' not in body
    assert 'name="unmark"' not in body
    assert [press(client, what, "KEN.spectrum").status_code for what in ("mark", "unmark")] == [403, 403]
    assert Coverage.objects.count() == 1


def test_a_visitor_is_asked_to_sign_in(client):
    assert "/login/" in client.get(reverse(MATRIX)).headers["Location"]
    assert press(client).status_code == 302
    assert not Coverage.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"cell": "XXX.spectrum"},
        {"cell": "KEN.xx"},
        {"cell": ""},
        {"crisis": "xx"},
        {"region": "xx"},
        {"note": "x" * 301},
    ],
)
def test_what_cannot_be_marked_is_refused_in_words(client, kenya, sign_in, fields):
    sign_in("editor")
    response = press(client, **fields)
    assert response.status_code == 302
    assert not Coverage.objects.exists()
    assert client.get(reverse(MATRIX)).context["messages"]


def test_the_pages_ask_the_database_as_often_for_many_countries_as_for_few(client, kenya, sign_in):
    sign_in("editor")

    def queries():
        assert catalogue.current().records.members is not None  # which is read once, whatever page needs it first
        numbers = []
        for address in ("/coverage/", "/countries/ken/", reverse(MATRIX)):
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            numbers.append(len(captured))
        return numbers

    coverage.mark(**of(kenya, "spectrum"), by=UserFactory())
    few = queries()
    for number in range(12):
        country = CountryFactory(itu_region="afr")
        make_measure(countries=[country])
        coverage.mark(**of(country, "spectrum"), by=UserFactory())
        coverage.mark(**of(kenya, f"topic-{number}"), by=UserFactory())
    assert queries() == few
    assert few[0] <= 3


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite in memory has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_two_editors_who_mark_the_same_place_leave_one_search(kenya):
    places, by = of(kenya, "spectrum"), UserFactory()

    def work():
        try:
            coverage.mark(**places, by=by)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _editor in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Coverage.objects.count() == 1
