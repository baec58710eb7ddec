"""Readers who have the latest page are told so; the others get it as it was made."""

import pytest
import time_machine
from django.test import Client

from practices import workflow
from reg4covid.release import release
from tests.factories import OrganizationFactory, SourceFactory, make_measure
from tests.fixtures import made_once

pytestmark = pytest.mark.django_db


@made_once
def measure():
    organization = OrganizationFactory(slug="ke-ca")
    return make_measure(slug="relief", organizations=[organization], sources=[SourceFactory(pk=1)], tags=["schools"])


PAGES = [
    *("/", "/measures/", "/measures/?country=ken", "/measures/by/country/", "/measures/relief/"),
    *("/countries/", "/countries/ken/", "/topics/", "/topics/affordability/", "/types/zero-rating/"),
    *("/crises/", "/crises/covid-19/", "/organizations/", "/organizations/ke-ca/", "/sources/1/"),
    *("/tags/", "/tags/schools/", "/data/", "/about/", "/fr/measures/"),
    "/measures/relief.json",
    *("/embed/map/", "/embed/measures/?country=ken", "/embed/measures/relief/", "/embed/countries/ken/"),
    *("/sitemap.xml", "/sitemaps/measures-1.xml", "/robots.txt", "/.well-known/security.txt", "/opensearch.xml"),
    *("/suggestions.json?q=ken", "/oembed/?url=http://127.0.0.1:8000/measures/relief/"),
]


@pytest.mark.parametrize("address", PAGES)
def test_who_has_a_page_is_told_so_at_the_cost_of_one_query(client, measure, address, django_assert_num_queries):
    page = client.get(address)
    assert page.status_code == 200
    assert page["Last-Modified"].endswith("GMT")
    with django_assert_num_queries(1):
        again = client.get(address, headers={"If-None-Match": f'"another", {page["ETag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert {name: again[name] for name in ("ETag", "Cache-Control", "Vary")} == {
        name: page[name] for name in ("ETag", "Cache-Control", "Vary")
    }


@pytest.mark.parametrize("address", PAGES)
def test_a_page_that_was_made_is_not_made_again(client, measure, address, django_assert_num_queries):
    page = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    with django_assert_num_queries(1):
        again = client.get(address, headers={"Accept-Encoding": "br"})
    assert again.content == page.content
    assert dict(again.headers) == dict(page.headers)


@pytest.mark.parametrize("address", PAGES)
def test_caches_in_front_may_keep_pages_and_pages_set_no_cookie(client, measure, address):
    page = client.get(address)
    assert page["Cache-Control"].startswith("public, max-age=0, s-maxage=")
    assert "stale-while-revalidate=" in page["Cache-Control"]
    assert "stale-if-error=" in page["Cache-Control"]
    assert page["Vary"] == "Accept-Encoding"
    assert not page.cookies


def test_each_way_of_compressing_is_kept_apart(client, measure):
    plain = client.get("/measures/")
    brotli = client.get("/measures/", headers={"Accept-Encoding": "br"})
    gzip = client.get("/measures/", headers={"Accept-Encoding": "gzip"})
    assert not plain.has_header("Content-Encoding")
    assert (brotli["Content-Encoding"], gzip["Content-Encoding"]) == ("br", "gzip")
    assert client.get("/measures/").content == plain.content
    assert plain["ETag"] == brotli["ETag"] == gzip["ETag"]


@pytest.mark.parametrize("refused", ["gzip;q=0", "gzip;q=0, br;q=0.0, identity", "identity"])
def test_who_takes_no_compression_gets_none(client, measure, refused):
    page = client.get("/measures/", headers={"Accept-Encoding": refused})
    assert not page.has_header("Content-Encoding")
    assert page["Vary"] == "Accept-Encoding"


def test_a_tag_that_a_proxy_made_strong_is_the_same(client, measure):
    tag = client.get("/measures/")["ETag"].removeprefix("W/")
    assert client.get("/measures/", headers={"If-None-Match": tag}).status_code == 304


def test_the_next_request_after_a_change_shows_it(client, measure):
    before = client.get("/measures/")
    workflow.withdraw(measure, by=None, reason="Recorded twice.")
    after = client.get("/measures/", headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert b"/measures/relief/" in before.content
    assert b"/measures/relief/" not in after.content


def test_a_renamed_country_is_a_change_too(client, measure):
    before = client.get("/countries/ken/")
    country = measure.countries.get()
    country.name_en = "Republic of Kenya"
    country.save()
    after = client.get("/countries/ken/", headers={"If-None-Match": before["ETag"]})
    assert (after.status_code, b"Republic of Kenya" in after.content) == (200, True)


def test_a_draft_changes_no_page(client, measure):
    before = client.get("/measures/")
    make_measure(status="draft", countries=measure.countries.all())
    assert client.get("/measures/", headers={"If-None-Match": before["ETag"]}).status_code == 304


def test_pages_are_made_anew_at_midnight_when_states_change(client):
    with time_machine.travel("2020-06-30T23:59Z", tick=False):
        make_measure(starts_on="2020-04-01", ends_on="2020-06-30")
        before = client.get("/measures/")
    with time_machine.travel("2020-07-01T00:00Z", tick=False):
        after = client.get("/measures/", headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    assert b"state-in-force" in before.content
    assert b"state-ended" in after.content
    assert after["Last-Modified"] == "Wed, 01 Jul 2020 00:00:00 GMT"


def test_addresses_languages_and_filters_have_pages_of_their_own(client, measure):
    addresses = ["/measures/", "/measures/?sort=announced", "/measures/?country=ken", "/fr/measures/", "/ar/measures/"]
    assert len({client.get(address)["ETag"] for address in addresses}) == len(addresses)


def test_what_is_not_there_or_not_valid_is_not_kept(client, measure, django_assert_max_num_queries):
    for address, status in [("/measures/none/", 404), ("/measures/?country=xx", 400)]:
        answer = client.get(address)
        assert answer.status_code == status
        assert not answer.has_header("ETag")
        assert answer["Cache-Control"] == "no-store"
    make_measure(slug="none")
    assert client.get("/measures/none/").status_code == 200


def test_whoever_asks_for_the_headers_alone_gets_those_of_the_page(client, measure):
    page = client.get("/measures/")
    for _time in range(2):
        head = client.head("/measures/")
        assert head.content == b""
        assert head["Content-Length"] == page["Content-Length"]
        assert head["ETag"] == page["ETag"]
    assert client.get("/measures/").content == page.content


def test_the_desk_is_never_kept(client, measure, editor):
    client.force_login(editor)
    answer = client.get("/admin/")
    assert not answer.has_header("ETag")
    assert "no-cache" in answer["Cache-Control"]


def test_a_new_release_has_other_pages(client, measure, monkeypatch):
    before = client.get("/measures/")
    monkeypatch.setattr("reg4covid.page_cache.release", lambda: "the next one")
    assert client.get("/measures/", headers={"If-None-Match": before["ETag"]}).status_code == 200


def test_a_release_is_known_by_what_pages_are_made_from(settings):
    before = release()
    release.cache_clear()
    assert release() == before
    settings.OPERATOR_NAME = "Somebody else"
    release.cache_clear()
    try:
        assert release() != before
    finally:
        release.cache_clear()


def test_what_is_streamed_is_made_anew_and_not_kept(client, measure):
    first, second = client.get("/measures.csv"), client.get("/measures.csv")
    assert first["ETag"] == second["ETag"]
    assert b"".join(first.streaming_content) == b"".join(second.streaming_content) != b""


def test_a_page_that_the_cache_has_no_room_for_is_served_all_the_same(measure, settings):
    settings.PAGE_CACHE_BYTES = 1000
    client = Client()  # has middleware of its own, which reads the setting
    assert client.get("/measures/").content == client.get("/measures/").content != b""
