"""Whoever asks: scripts of other sites, caches, clients that ask too much, and those that ask for what there is not."""

import json

import pytest
import redis
import time_machine
from django.test import Client

from practices.api import middleware
from tests.factories import make_measure

pytestmark = pytest.mark.django_db

MEASURES = "/api/v1/measures/"


@pytest.fixture
def limited(settings):
    """Three requests in ten seconds and five in an hour."""
    settings.API_LIMITS = {10: 3, 3600: 5}


def problem_of(response):
    assert response["Content-Type"] == "application/problem+json"
    content = json.loads(response.content)
    assert (content["status"], content["type"]) == (response.status_code, "about:blank")
    return content


@pytest.mark.parametrize("address", [MEASURES, "/api/v1/", "/api/v1/schema/", "/api/v1/none/", f"{MEASURES}?none=1"])
def test_scripts_of_any_site_may_read_every_answer(client, address):
    response = client.get(address, headers={"Origin": "https://example.org"})
    assert response["Access-Control-Allow-Origin"] == "*"
    assert {"ETag", "Link", "Retry-After"} <= set(response["Access-Control-Expose-Headers"].split(", "))
    assert "Origin" not in response.get("Vary", "")
    assert not response.cookies


def test_a_browser_that_asks_first_is_told_what_it_may_send(client):
    response = client.options(
        MEASURES, headers={"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    )
    assert (response.status_code, response.content) == (204, b"")
    assert response["Access-Control-Allow-Methods"] == response["Allow"] == "GET, HEAD, OPTIONS"
    assert "If-None-Match" in response["Access-Control-Allow-Headers"]


def test_pages_of_the_site_are_not_opened_to_scripts(client):
    assert not client.get("/measures/").has_header("Access-Control-Allow-Origin")


@pytest.mark.parametrize("address", [MEASURES, f"{MEASURES}?per_page=1", "/api/v1/schema/", "/api/v1/schema.yaml"])
def test_who_has_an_answer_is_told_so_at_the_cost_of_one_query(client, address, django_assert_num_queries):
    make_measure()
    answer = client.get(address)
    assert answer["Cache-Control"].startswith("public, max-age=0, s-maxage=")
    assert answer["Vary"] == "Accept-Encoding"
    with django_assert_num_queries(1):
        again = client.get(address, headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Access-Control-Allow-Origin"] == "*"
    assert client.head(address)["Content-Length"] == answer["Content-Length"]
    make_measure()
    assert client.get(address, headers={"If-None-Match": answer["ETag"]}).status_code == 200


@pytest.mark.parametrize("accepted", ["text/html", "application/xml", "image/png;q=0.5"])
def test_an_address_answers_one_thing_whatever_is_accepted(client, accepted):
    response = client.get(MEASURES, headers={"Accept": accepted})
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(client, method):
    response = getattr(client, method)(MEASURES)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD, OPTIONS")
    problem_of(response)


def test_an_address_that_is_not_there_is_a_problem_too(client):
    assert problem_of(client.get("/api/v1/none/"))["title"] == "Not Found"


def test_a_fault_of_ours_is_a_problem_that_tells_nothing_of_it(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("secret")

    monkeypatch.setattr("practices.api.views.measures_as_data", fail)
    response = Client(raise_request_exception=False).get(MEASURES)
    assert problem_of(response)["title"] == "Internal Server Error"
    assert b"secret" not in response.content
    assert response["Access-Control-Allow-Origin"] == "*"


def test_who_asks_too_much_is_told_when_to_ask_again(client, limited):
    with time_machine.travel("2026-11-27T12:00:04Z", tick=False) as clock:
        assert [client.get(MEASURES).status_code for _time in range(3)] == [200, 200, 200]
        response = client.get(MEASURES)
        assert problem_of(response)["title"] == "Too Many Requests"
        assert (response["Retry-After"], response["Cache-Control"]) == ("6", "no-store")
        assert response["Access-Control-Allow-Origin"] == "*"
        clock.shift(6)
        assert client.get(MEASURES).status_code == 200
        assert int(client.get(MEASURES)["Retry-After"]) == 3600 - 10  # the hour's five are spent
        clock.move_to("2026-11-27T13:00:00Z")
        assert client.get(MEASURES).status_code == 200


def test_answers_that_are_kept_count_and_pages_of_the_site_do_not(client, limited):
    with time_machine.travel("2026-11-27T12:00:00Z", tick=False):
        answer = client.get(MEASURES)
        for _time in range(2):
            assert client.get(MEASURES, headers={"If-None-Match": answer["ETag"]}).status_code == 304
        assert client.get(MEASURES).status_code == 429
        assert client.get("/measures/").status_code == 200


def test_each_client_is_counted_by_the_address_that_the_trusted_proxy_saw(client, settings, limited):
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    with time_machine.travel("2026-11-27T12:00:00Z", tick=False):

        def ask(seen):
            return client.get(MEASURES, headers={"X-Forwarded-For": seen}).status_code

        # What a client says of itself stands before what the proxy saw.
        assert [ask(f"198.51.100.{number}, 203.0.113.7") for number in range(4)] == [200, 200, 200, 429]
        assert ask("203.0.113.8") == 200
        # One host has all addresses of its network.
        assert [ask(f"2001:db8::{number}") for number in range(4)] == [200, 200, 200, 429]
        assert ask("2001:db8:0:1::1") == 200


def test_without_its_cache_the_api_answers_everybody(client, limited, monkeypatch, caplog):
    def fail(*args):
        raise redis.ConnectionError("gone")

    monkeypatch.setattr(middleware.cache, "add", fail, raising=False)
    assert [client.get(MEASURES).status_code for _time in range(5)] == [200] * 5
    assert "are not counted" in caplog.text
