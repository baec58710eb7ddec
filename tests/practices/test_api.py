"""The API answers what the list shows, in order, and nothing that is not public."""

import json

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from practices import catalogue, workflow
from practices.filters import MeasureFilter
from practices.models import Coverage, Measure, Organization, Source, Topic
from practices.serializers import MeasureSerializer
from tests.factories import (
    BeneficiaryFactory,
    CountryFactory,
    CrisisFactory,
    GroupFactory,
    MeasureTypeFactory,
    OrganizationFactory,
    SourceFactory,
    SpectrumBandFactory,
    UserFactory,
    make_measure,
)
from tests.fixtures import made_once

pytestmark = pytest.mark.django_db

LISTS = {
    "measures",
    "countries",
    "groups",
    "topics",
    "types",
    "crises",
    "beneficiaries",
    "organizations",
    "sources",
    "tags",
    "coverage",
}


@pytest.fixture(autouse=True)
def _no_limits(settings):
    settings.API_LIMITS = {}


@made_once
def world():
    """Two public measures, of all that the examples of the documentation name, and one of each kind that is hidden."""
    kenya = CountryFactory(iso3="KEN", iso2="KE", name_en="Kenya", itu_region="afr", income_group="low")
    france = CountryFactory(iso3="FRA", iso2="FR", name_en="France", itu_region="eur", income_group="")
    GroupFactory(code="ldc", name_en="Least developed countries", members=[kenya])
    regulator = OrganizationFactory(slug="us-fcc", acronym="FCC", country=kenya, regulator_of=kenya)
    spectrum = MeasureTypeFactory(code="temporary-spectrum", topic__code="spectrum")
    lent = make_measure(
        slug="zw-potraz-temporary-spectrum-2020",
        title="Kenya lends spectrum",
        countries=[kenya],
        organizations=[regulator],
        beneficiaries=[BeneficiaryFactory(code="students-teachers")],
        measure_type=spectrum,
        legal_nature="mandatory",
        announced_on="2020-04-17",
        starts_on="2020-04-17",
        ends_on="2020-10-31",
        tags=["schools"],
        sources=[SourceFactory(pk=1, kind="official", language="fr", published_on="2020-04")],
    )
    SpectrumBandFactory(measure=lent, ranges=[("703", "733")])
    make_measure(
        slug="fra-zero-rating", title="France agrees to zero rating", countries=[france], announced_on="2020-03"
    )
    make_measure(slug="recorded-twice", status="withdrawn", countries=[france])
    for status in ("draft", "in-review"):
        make_measure(
            slug=f"hidden-{status}",
            title="Hidden measure",
            status=status,
            countries=[kenya],
            organizations=[OrganizationFactory(slug=f"hidden-{status}")],
            sources=[SourceFactory(title="Hidden source")],
            tags=[f"hidden-{status}"],
        )
    searcher = UserFactory(email="hidden@example.org")
    Coverage.objects.create(
        country=france,
        topic=spectrum.topic,
        crisis=lent.crisis,
        searched_on="2026-01-31",
        searched_by=searcher,
        note="Hidden note",
    )


@pytest.fixture
def ask(client):
    """A function that gets an address below ``/api/v1/`` and gives what the answer, of the ``status``, says."""

    def ask(address, status=200, **headers):
        response = client.get(f"/api/v1/{address}", headers=headers)
        assert response.status_code == status, response.content
        assert response["Content-Type"] == ("application/json" if status == 200 else "application/problem+json")
        return json.loads(response.content)

    return ask


def slugs(answer):
    return [measure["slug"] for measure in answer["results"]]


def follow(ask, answer, name="next"):
    return ask(answer[name].partition("/api/v1/")[2])


QUERIES = [
    "",
    "country=ken",
    "country=KEN&country=fra",
    "region=eur",
    "income=low&topic=spectrum",
    "group=ldc",
    "q=spectrum",
    "q=rating&sort=announced",
    "year=2020&sort=updated",
    "announced_from=2020-04",
    "announced_to=2020-03",
    "state=ended",
    "state=",
    "evidence=official&verified=no",
    "source_language=fr",
    "tag=schools",
    "crisis=covid-19&sort=-updated",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_string_selects_what_it_selects_everywhere_in_the_same_order(world, ask, query):
    expected = [measure.slug for measure in MeasureFilter(QueryDict(query), catalogue.current()).in_order()[:]]
    answer = ask(f"measures/?{query}")
    assert slugs(answer) == expected
    assert answer["count"] == len(expected)
    assert ask(f"facets/?{query.replace('&sort=updated', '')}")["count"] == len(expected)


@pytest.mark.parametrize("name", [*sorted(LISTS), "facets", "schema"])
def test_what_is_not_public_leaves_by_no_address(world, client, name):
    for address in (f"/api/v1/{name}/", f"/api/v1/{name}/?changed_since=2000-01-01T00:00:00Z"):
        assert b"idden" not in client.get(address).content


@pytest.mark.parametrize(
    "address",
    [
        "measures/hidden-draft/",
        "measures/hidden-in-review/",
        "measures/recorded-twice/",
        "measures/none/",
        "organizations/hidden-draft/",
        "tags/hidden-draft/",
        "sources/999/",
        "countries/xxx/",
        "none/",
        "measures/?page=2",
    ],
)
def test_what_is_hidden_or_absent_is_answered_alike(world, ask, address):
    problem = ask(address, 404)
    assert set(problem) == {"type", "title", "status", "detail"}
    assert (problem["type"], problem["title"], problem["status"]) == ("about:blank", "Not Found", 404)


def test_a_measure_is_said_in_full_or_in_the_fields_that_were_asked_for(world, ask):
    slug = "zw-potraz-temporary-spectrum-2020"
    whole = ask(f"measures/{slug}/")
    assert list(whole) == list(MeasureSerializer().fields)
    assert ask("measures/?country=ken")["results"] == [whole]
    assert ask(f"measures/{slug}/?fields=title,slug") == {"slug": slug, "title": "Kenya lends spectrum"}
    assert ask("measures/?country=ken&fields=title&fields=slug")["results"] == [
        {"slug": slug, "title": "Kenya lends spectrum"}
    ]


@pytest.mark.parametrize(
    ("model", "kind", "slug"),
    [
        (Measure, "measures", "zw-potraz-temporary-spectrum-2020"),
        (Topic, "topics", "spectrum"),
        (Organization, "organizations", "us-fcc"),
    ],
)
def test_a_former_slug_leads_to_the_record(world, client, model, kind, slug):
    record = model.objects.get(**{model.SLUG: slug})
    setattr(record, model.SLUG, "renamed")
    record.save()
    response = client.get(f"/api/v1/{kind}/{slug}/")
    assert (response.status_code, response["Location"]) == (301, f"/api/v1/{kind}/renamed/")


def test_every_fault_is_listed_with_what_would_be_right(world, ask):
    problem = ask(
        "measures/?country=xx&country=yy&state=finished&regio=afr&as_of=2020-05&changed_since=2020-05-01"
        "&per_page=101&page=0&fields=slug,name&announced_from=2021&announced_to=2020&cursor=abc",
        400,
    )
    faults = {(fault["parameter"], fault["value"]): fault for fault in problem["faults"]}
    assert set(faults) == {
        ("country", "xx"),
        ("country", "yy"),
        ("state", "finished"),
        ("regio", "afr"),
        ("as_of", "2020-05"),
        ("changed_since", "2020-05-01"),
        ("per_page", "101"),
        ("page", "0"),
        ("fields", "name"),
        ("announced_to", "2020"),
        ("cursor", "abc"),
    }
    assert all(fault["reason"] for fault in problem["faults"])
    assert faults["country", "xx"]["allowed"] == ["fra", "ken"]
    assert faults["state", "finished"]["allowed"] == ["planned", "in-force", "ended", "unknown"]
    assert faults["fields", "name"]["allowed"] == list(MeasureSerializer().fields)
    assert faults["regio", "afr"]["nearest"] == "region"


@pytest.mark.parametrize("name", [*sorted(LISTS), "facets", "measures/fra-zero-rating", "sources/1"])
def test_an_unknown_parameter_is_refused_everywhere(world, ask, name):
    (fault,) = ask(f"{name}/?nonsense=1", 400)["faults"]
    assert (fault["parameter"], fault["value"]) == ("nonsense", "1")


def test_only_what_was_certainly_in_force_on_a_day_is_selected_and_said_as_of_it(world, ask):
    for day, found in [
        ("2020-04-16", []),
        ("2020-04-17", ["in-force"]),
        ("2020-10-31", ["in-force"]),
        ("2020-11-01", []),
    ]:
        assert [measure["state"] for measure in ask(f"measures/?as_of={day}")["results"]] == found
    assert ask("measures/?as_of=2020-05-01&country=fra")["count"] == 0
    assert ask("measures/?as_of=2020-05-01&state=in-force")["count"] == 1
    assert ask("measures/?as_of=2020-05-01&state=ended")["count"] == 0  # as it is today
    assert [measure["state"] for measure in ask("measures/?as_of=2020-11-01&state=ended")["results"]] == ["ended"]


def test_what_changed_since_a_moment_comes_with_what_was_withdrawn(ask):
    with time_machine.travel("2026-01-10T12:00Z", tick=False):
        old, gone, early = make_measure(slug="old"), make_measure(slug="gone"), make_measure(slug="early")
        workflow.withdraw(early, by=None, reason="Recorded twice.")
    with time_machine.travel("2026-02-10T12:00Z", tick=False):
        make_measure(slug="new")
        workflow.withdraw(gone, by=None, reason="Recorded twice.")
        never = make_measure(slug="never", status="draft")
        type(never).objects.filter(pk=never.pk).update(
            status="withdrawn",
            withdrawn_at=gone.withdrawn_at,
            withdrawal_reason="Never public.",
        )
    answer = ask("measures/?changed_since=2026-02-01T00:00:00Z")
    assert slugs(answer) == ["new"]
    assert answer["withdrawn"] == [{"slug": "gone", "withdrawn_at": "2026-02-10T12:00:00Z"}]
    again = ask(f"measures/?changed_since={answer['changed_at']}")
    assert (slugs(again), again["withdrawn"]) == (["new"], answer["withdrawn"])
    # A plus sign that was not escaped comes as a space.
    assert slugs(ask("measures/?changed_since=2026-02-10T14:00:00+02:00")) == ["new"]
    assert slugs(ask("measures/?changed_since=2026-02-10T12:00:01Z")) == []
    with time_machine.travel("2026-03-01T12:00Z", tick=False):
        workflow.verify(old, by=UserFactory())
    assert slugs(ask("measures/?changed_since=2026-02-20T00:00:00Z")) == ["old"]


def walk(ask, address, between=lambda: None):
    """The slugs of all pages from ``address`` on, with something done between them."""
    answer = ask(address)
    found = slugs(answer)
    while answer["next"]:
        between()
        answer = follow(ask, answer)
        found += slugs(answer)
    return found


ORDERS = ["announced", "-announced", "updated", "-updated"]


@pytest.mark.parametrize("query", [*(f"sort={order}" for order in ORDERS), "q=something", "q=something&sort=announced"])
def test_pages_in_either_direction_are_the_list(world, ask, query):
    for number in range(5):
        make_measure(slug=f"like-{number}", announced_on=["2020", None, "2020-03"][number % 3])
    whole = slugs(ask(f"measures/?{query}&per_page=100"))
    assert len(whole) >= 5
    assert walk(ask, f"measures/?{query}&per_page=2") == whole
    answer = ask(f"measures/?{query}&per_page=2&page={-(-len(whole) // 2)}")
    backwards = slugs(answer)
    while answer["previous"]:
        answer = follow(ask, answer, "previous")
        backwards = slugs(answer) + backwards
    assert backwards == whole


@pytest.mark.parametrize("order", ORDERS)
def test_nothing_comes_twice_or_is_passed_over_while_others_publish_and_withdraw(world, ask, order):
    kept = [f"kept-{number}" for number in range(6)]
    for number, slug in enumerate(kept):
        make_measure(slug=slug, announced_on=["2020", None, "2020-03"][number % 3])
    leaving = [make_measure(slug=f"leaving-{number}", announced_on="2020-03") for number in range(4)]
    days = iter(["2030", "1999", None, "2020", "2020-03-01", "2021", "2022", "2023", None, "1998"])

    def write():
        if leaving:
            workflow.withdraw(leaving.pop(), by=None, reason="Recorded twice.")
        if day := next(days, None):
            make_measure(announced_on=day)

    found = walk(ask, f"measures/?sort={order}&per_page=2", write)
    assert len(found) == len(set(found))
    assert set(kept) <= set(found)


def test_a_cursor_of_another_order_is_refused(world, ask):
    answer = ask("measures/?sort=announced&per_page=1")
    cursor = answer["next"].partition("cursor=")[2]
    (fault,) = ask(f"measures/?sort=updated&cursor={cursor}", 400)["faults"]
    assert fault["parameter"] == "cursor"
    (fault,) = ask(f"measures/?sort=announced&page=1&cursor={cursor}", 400)["faults"]
    assert fault["parameter"] == "cursor"


def test_the_pages_beside_one_stand_in_the_header_too(world, client):
    response = client.get("/api/v1/measures/?per_page=1")
    assert response["Link"] == f'<{response.json()["next"]}>; rel="next"'


def test_lists_of_records_have_pages_too(world, ask):
    make_measure(organizations=[OrganizationFactory(slug="second")], tags=["second"])
    for name, key in [("organizations", "code"), ("tags", "code"), ("sources", "id")]:
        whole = ask(f"{name}/")["results"]
        first = ask(f"{name}/?per_page=1")
        second = follow(ask, first)
        assert first["results"] + second["results"] == whole[:2], key
        assert follow(ask, second, "previous")["results"] == first["results"]
    assert [body["code"] for body in ask("organizations/?kind=operator")["results"]] == []
    assert [body["code"] for body in ask("organizations/?q=fcc")["results"]] == ["us-fcc"]


def test_records_say_how_many_measures_the_list_has_with_their_code(world, ask):
    parameters = {
        "countries": "country",
        "groups": "group",
        "topics": "topic",
        "types": "type",
        "crises": "crisis",
        "beneficiaries": "beneficiary",
        "organizations": "organization",
        "tags": "tag",
    }
    for name, parameter in parameters.items():
        results = ask(f"{name}/")["results"]
        assert results, name
        for record in results:
            assert record["measure_count"] == ask(f"measures/?{parameter}={record['code']}")["count"]
            assert ask(f"{name}/{record['code']}/") == record


def test_a_source_names_the_public_measures_that_rest_on_it(world, ask):
    assert ask("sources/1/")["measures"] == ["zw-potraz-temporary-spectrum-2020"]
    make_measure(status="draft", sources=[Source.objects.get(pk=1)])
    assert ask("sources/1/")["measures"] == ["zw-potraz-temporary-spectrum-2020"]


def test_coverage_tells_what_was_searched_from_what_was_not(world, ask):
    CrisisFactory(slug="ebola-2014")
    cells = {
        (cell["country"], cell["topic"], cell["crisis"]): cell for cell in ask("coverage/?per_page=100")["results"]
    }
    assert len(cells) == 2 * 2 * 2
    recorded = cells["ken", "spectrum", "covid-19"]
    assert (recorded["status"], recorded["measure_count"], recorded["searched_on"]) == ("recorded", 1, None)
    searched = cells["fra", "spectrum", "covid-19"]
    assert (searched["status"], searched["measure_count"], searched["searched_on"]) == ("searched", 0, "2026-01-31")
    assert cells["ken", "spectrum", "ebola-2014"]["status"] == "not-searched"
    for query, count in [
        ("status=recorded", 2),
        ("status=searched&country=fra", 1),
        ("crisis=ebola-2014&topic=spectrum", 2),
    ]:
        assert ask(f"coverage/?{query}")["count"] == count


def test_a_search_that_found_nothing_shows_at_once(world, client):
    before = client.get("/api/v1/coverage/?status=searched")
    Coverage.objects.all().delete()
    after = client.get("/api/v1/coverage/?status=searched", headers={"If-None-Match": before["ETag"]})
    assert (after.status_code, after.json()["count"]) == (200, 0)


def test_facets_count_with_their_own_parameter_left_out(world, ask):
    answer = ask("facets/?country=ken&facet=country&facet=state")
    assert [facet["name"] for facet in answer["facets"]] == ["country", "state"]
    countries = {value["value"]: (value["count"], value["selected"]) for value in answer["facets"][0]["values"]}
    assert countries == {"ken": (1, True), "fra": (1, False)}


def test_many_rows_take_as_many_queries_as_one(world, client):
    def queries(name):
        catalogue.current()
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/api/v1/{name}/").status_code == 200
        return len(asked)

    lists = LISTS - {"coverage"}
    before = {name: queries(name) for name in lists}
    for number in range(10):
        make_measure(
            countries=[CountryFactory()],
            areas=[GroupFactory(members=[CountryFactory()])],
            organizations=[OrganizationFactory(country=CountryFactory())],
            tags=[f"tag-{number}"],
            measure_type=MeasureTypeFactory(),
        )
    assert {name: queries(name) for name in lists} == before
