"""What browsers and other machines ask of the portal beside its pages."""

import datetime
from xml.etree import ElementTree

import pytest
from django.conf import settings as portal

from tests.factories import CountryFactory, make_measure

pytestmark = pytest.mark.django_db
OPENSEARCH = {"o": "http://a9.com/-/spec/opensearch/1.1/"}


def test_a_browser_learns_how_to_search(client):
    assert 'rel="search" type="application/opensearchdescription+xml"' in client.get("/about/").content.decode()
    response = client.get("/opensearch.xml")
    assert response["Content-Type"] == "application/opensearchdescription+xml"
    found = ElementTree.fromstring(response.content)  # noqa: S314 (our own)
    assert 0 < len(found.findtext("o:ShortName", namespaces=OPENSEARCH)) <= 16
    assert {url.get("type"): url.get("template") for url in found.iterfind("o:Url", OPENSEARCH)} == {
        "text/html": f"{portal.SITE_URL}/measures/?q={{searchTerms}}",
        "application/x-suggestions+json": f"{portal.SITE_URL}/suggestions.json?q={{searchTerms}}",
        "application/opensearchdescription+xml": f"{portal.SITE_URL}/opensearch.xml",
    }


def test_each_language_is_searched_in_itself(client):
    assert f'template="{portal.SITE_URL}/fr/measures/?q=' in client.get("/fr/opensearch.xml").content.decode()
    assert 'href="/fr/opensearch.xml"' in client.get("/fr/about/").content.decode()


def test_suggestions_come_as_browsers_take_them(client):
    make_measure(title="Kenyan relief", slug="relief", countries=[CountryFactory(iso3="KEN", name_en="Kenya")])
    make_measure(title="Kenyan draft", status="draft")
    response = client.get("/suggestions.json", {"q": " ken "})
    assert response["Content-Type"] == "application/x-suggestions+json"
    words, labels, counts, addresses = response.json()
    assert words == "ken"
    assert dict(zip(labels, addresses, strict=True)) == {
        "Kenya": f"{portal.SITE_URL}/countries/ken/",
        "Kenyan relief": f"{portal.SITE_URL}/measures/relief/",
    }
    assert counts == ["1 measure", "1 measure"]
    assert client.get("/suggestions.json").json() == ["", [], [], []]


def test_robots_may_read_all_but_the_desk(client):
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert [line for line in lines if line.startswith("Disallow")] == ["Disallow: /admin/", "Disallow: /accounts/"]
    assert f"Sitemap: {portal.SITE_URL}/sitemap.xml" in lines


def test_who_finds_a_weakness_learns_whom_to_write_to(client, time_machine):
    time_machine.move_to("2026-03-01")
    response = client.get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert fields["Contact"] == f"mailto:{portal.CONTACT_EMAIL}"
    assert fields["Canonical"] == f"{portal.SITE_URL}/.well-known/security.txt"
    assert fields["Preferred-Languages"] == "en"
    now = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
    assert now < datetime.datetime.fromisoformat(fields["Expires"]) < now + datetime.timedelta(days=365)


@pytest.mark.parametrize("address", ["/robots.txt", "/sitemap.xml", "/opensearch.xml", "/measures/relief.png"])
def test_the_headers_alone_can_be_asked_for(client, address):
    make_measure(slug="relief")
    page, head = client.get(address), client.head(address)
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", page["ETag"])
    assert not page.cookies
