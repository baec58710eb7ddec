"""Pages for what goes wrong."""

import pytest
from django.test import RequestFactory

from reg4covid import views
from tests.factories import CountryFactory, OrganizationFactory, make_measure

pytestmark = pytest.mark.django_db


def test_a_missing_page_offers_a_search_and_the_nearest_entries(client):
    CountryFactory(iso3="KEN", name_en="Kenya")
    make_measure(slug="ke-ca-temporary-spectrum-2020", title="Kenya lends spectrum", countries=["KEN"])
    make_measure(slug="ke-ca-temporary-spectrum-2021", title="A hidden draft", countries=["KEN"], status="draft")
    response = client.get("/measures/ke-ca-temporary-spectrum-202/")
    body = response.content.decode()
    assert response.status_code == 404
    assert 'action="/measures/"' in body
    assert 'href="/measures/ke-ca-temporary-spectrum-2020/"' in body
    assert "hidden draft" not in body
    assert 'href="/countries/ken/"' in client.get("/countries/kenia/").content.decode()


@pytest.mark.parametrize("address", ["/no-such-page/", "/ar/no-such-page/", "/measures/" + "x" * 5000 + "/", "/%00/"])
def test_whatever_is_asked_for_a_missing_page_is_404(client, address):
    assert client.get(address).status_code == 404


def test_a_bad_request_says_what_to_do(settings, client):
    settings.ALLOWED_HOSTS = ["portal.example"]
    response = client.get("/", headers={"host": "elsewhere.example"})
    assert response.status_code == 400
    assert "<h1" in response.content.decode()


def test_a_refusal_says_what_to_do():
    response = views.permission_denied(RequestFactory().get("/"), Exception())
    assert response.status_code == 403
    assert "<h1" in response.content.decode()


def test_an_error_page_needs_no_database(django_assert_num_queries):
    with django_assert_num_queries(0):
        response = views.server_error(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "<h1" in response.content.decode()


def test_the_nearest_entries_are_near(client):
    for iso3, name in (("PSE", "State of Palestine"), ("NPL", "Nepal"), ("GBR", "United Kingdom")):
        CountryFactory(iso3=iso3, name_en=name, iso2={"GBR": "GB"}.get(iso3, iso3[:2]))
    OrganizationFactory(
        slug="za-icasa", name_en="Communications Authority", acronym="ICASA", regulator_of=CountryFactory(iso3="ZAF")
    )
    assert 'href="/organizations/za-icasa/"' in client.get("/organizations/icasa/").content.decode()
    assert 'href="/countries/gbr/"' in client.get("/countries/united-kingdm/").content.decode()
    assert "Nepal" not in client.get("/nope/").content.decode()
