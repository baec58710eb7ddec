"""What search engines are told of."""

from xml.etree import ElementTree

import pytest
from django.conf import settings as portal

from practices import sitemaps
from practices.models import Source
from tests.factories import CountryFactory, GroupFactory, OrganizationFactory, SourceFactory, make_measure

pytestmark = pytest.mark.django_db
SPACES = {"s": sitemaps.NAMESPACE, "xhtml": "http://www.w3.org/1999/xhtml"}


def read(client, address):
    response = client.get(address.removeprefix(portal.SITE_URL))
    assert response.status_code == 200, address
    assert response["Content-Type"] == "application/xml; charset=utf-8"
    return ElementTree.fromstring(response.content)  # noqa: S314 (our own)


def files(client):
    return [loc.text for loc in read(client, "/sitemap.xml").iterfind("s:sitemap/s:loc", SPACES)]


def pages(client):
    """The path of each page in all files, with when it last changed."""
    return {
        url.findtext("s:loc", namespaces=SPACES).removeprefix(portal.SITE_URL): url.findtext(
            "s:lastmod", namespaces=SPACES
        )
        for file in files(client)
        for url in read(client, file).iterfind("s:url", SPACES)
    }


@pytest.fixture
def kenya(time_machine):
    time_machine.move_to("2026-03-01T12:00Z")
    kenya = CountryFactory(iso3="KEN", name_en="Kenya")
    GroupFactory(code="eac", members=[kenya])
    make_measure(
        slug="relief",
        countries=[kenya],
        organizations=[OrganizationFactory(slug="ke-ca")],
        sources=[SourceFactory(pk=7)],
        tags=["schools"],
    )
    return kenya


def test_every_public_page_is_told_of_and_answers(client, kenya):
    found = pages(client)
    assert set(found) == {
        *("/", "/measures/", "/measures/relief/", "/countries/", "/countries/ken/", "/groups/eac/", "/topics/"),
        *("/topics/affordability/", "/types/zero-rating/", "/crises/", "/crises/covid-19/", "/organizations/"),
        *("/organizations/ke-ca/", "/sources/7/", "/tags/", "/tags/schools/", "/compare/", "/bands/", "/about/"),
        *("/coverage/", "/data/", "/api/v1/"),
    }
    for path in found:
        assert client.get(path).status_code == 200, path


def test_a_page_changed_when_a_measure_of_it_did(client, kenya, time_machine):
    time_machine.move_to("2026-03-02T12:00Z")
    make_measure(slug="later", countries=[CountryFactory(iso3="GHA")])
    CountryFactory(iso3="PER")
    found = pages(client)
    assert found["/measures/relief/"] == found["/countries/ken/"] == found["/sources/7/"] == "2026-03-01T12:00:00Z"
    assert found["/measures/later/"] == found["/crises/covid-19/"] == found["/"] == "2026-03-02T12:00:00Z"
    assert found["/countries/per/"] is None


def test_what_several_measures_point_at_is_told_of_once_and_as_of_the_last_change(client, kenya, time_machine):
    source, address = Source.objects.get(pk=7), "/sources/7/"
    for day in ("2026-03-04", "2026-03-02"):
        time_machine.move_to(f"{day}T12:00Z")
        make_measure(slug=f"of-{day}", countries=[kenya], sources=[source], tags=["schools"])
    listed = [loc.text for file in files(client) for loc in read(client, file).iterfind("s:url/s:loc", SPACES)]
    assert len(listed) == len(set(listed))
    found = pages(client)
    for path in (address, "/countries/ken/", "/topics/affordability/", "/crises/covid-19/", "/tags/schools/"):
        assert found[path] == "2026-03-04T12:00:00Z", path


@pytest.mark.parametrize("status", ["draft", "in-review", "withdrawn"])
def test_what_is_not_published_is_not_told_of(client, kenya, status):
    before = pages(client)
    make_measure(
        slug="hidden",
        status=status,
        countries=[kenya],
        organizations=[OrganizationFactory(slug="hidden")],
        tags=["hidden"],
        sources=[SourceFactory(pk=8)],
    )
    assert pages(client) == before


def test_a_section_that_is_too_long_for_one_file_goes_on_in_another(client, kenya, monkeypatch):
    make_measure(slug="second", countries=[kenya])
    make_measure(slug="third", countries=[kenya])
    monkeypatch.setattr(sitemaps, "MOST", 2)
    measures = [file for file in files(client) if "/measures-" in file]
    assert measures == [f"{portal.SITE_URL}/sitemaps/measures-{number}.xml" for number in (1, 2)]
    assert [len(read(client, file)) for file in measures] == [2, 1]
    assert {"/measures/relief/", "/measures/second/", "/measures/third/"} <= pages(client).keys()


@pytest.mark.parametrize("name", ["measures-0", "measures-2", "nothing-1"])
def test_there_are_no_other_files(client, kenya, name):
    assert client.get(f"/sitemaps/{name}.xml").status_code == 404


def test_an_empty_catalogue_has_its_standing_pages(client):
    assert {"/": None, "/about/": None}.items() <= pages(client).items()


def test_languages_are_told_of_once_the_portal_speaks_them(client, kenya, monkeypatch):
    assert read(client, "/sitemaps/measures-1.xml").find(".//xhtml:link", SPACES) is None
    monkeypatch.setattr(sitemaps, "offered_languages", lambda: ["en", "fr"])
    found = read(client, "/sitemaps/measures-1.xml?anew")
    addresses = {"en": f"{portal.SITE_URL}/measures/relief/", "fr": f"{portal.SITE_URL}/fr/measures/relief/"}
    assert [loc.text for loc in found.iterfind("s:url/s:loc", SPACES)] == list(addresses.values())
    for url in found.iterfind("s:url", SPACES):
        links = {link.get("hreflang"): link.get("href") for link in url.iterfind("xhtml:link", SPACES)}
        assert links == addresses


def test_as_many_queries_for_many_measures_as_for_one(client, kenya, django_assert_max_num_queries):
    for number in range(5):
        make_measure(slug=f"measure-{number}")
    client.get("/")
    with django_assert_max_num_queries(2):
        client.get("/sitemaps/measures-1.xml")
