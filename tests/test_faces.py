"""Every face of the catalogue shows the same measures for the same question, and none shows what is not public."""

import csv
import io
import json
import re
import sqlite3
from datetime import timedelta

import feedparser
import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from practices import workflow
from practices.choices import Action
from practices.content import content_of
from practices.models import Comment, Subscription
from tests.factories import (
    BeneficiaryFactory,
    CountryFactory,
    CrisisFactory,
    GroupFactory,
    MeasureTypeFactory,
    OrganizationFactory,
    SpectrumBandFactory,
    UserFactory,
    make_measure,
)
from tests.fixtures import made_once

pytestmark = pytest.mark.django_db

SLUG = re.compile(r"/measures/([a-z0-9-]+)/")
QUERIES = [
    *("", "country=ken", "country=gha&country=ken", "country=GHA", "region=afr", "region=eur", "income=high"),
    *(
        "group=ldc",
        "group=eac",
        "topic=affordability",
        "topic=spectrum",
        "type=roaming",
        "type=zero-rating&country=ken",
    ),
    *("crisis=covid-19", "crisis=storm", "actor=regulator", "actor=operator", "organization=ke-ca", "legal=mandatory"),
    *("legal=voluntary&region=afr", "beneficiary=households", "year=2020", "year=2020&year=2021", "year=2019"),
    *("announced_from=2020-06", "announced_to=2020-05-31", "announced_from=2020&announced_to=2020-04"),
    *("state=ended", "state=unknown", "evidence=official", "evidence=several", "evidence=single", "verified=yes"),
    *("verified=no", "source_language=fr", "tag=schools", "q=spectrum", "q=lends&country=ken", "q=nothingofthekind"),
    *("sort=announced&region=afr", "sort=-updated"),
]
WRONG = ["region=mars", "country=xyz", "year=19", "announced_from=yesterday", "sort=size", "verified=perhaps"]


@made_once
def catalogue():
    """A dozen and a half measures that differ in whatever can be asked for."""
    kenya = CountryFactory(iso3="KEN", name_en="Kenya")
    ghana = CountryFactory(iso3="GHA", name_en="Ghana", income_group="low")
    france = CountryFactory(iso3="FRA", name_en="France", itu_region="eur", income_group="high")
    eac = GroupFactory(code="eac", members=[kenya])
    GroupFactory(code="ldc", members=[ghana])
    authority = OrganizationFactory(slug="ke-ca", kind="regulator")
    operator = OrganizationFactory(slug="gh-mtn", kind="operator")
    types = [
        MeasureTypeFactory(code="zero-rating", topic__code="affordability"),
        MeasureTypeFactory(code="roaming", topic__code="access"),
        MeasureTypeFactory(code="temporary-spectrum", topic__code="spectrum"),
    ]
    dates = [None, "2019", "2020-04", "2020-06-17", "2021-02-01"]
    places = [[kenya], [ghana], [france], [kenya, ghana], []]
    for number in range(18):
        measure = make_measure(
            slug=f"measure-{number}",
            title=f"Authority {number} {'lends spectrum' if number % 3 == 2 else 'helps schools'}",
            countries=places[number % 5],
            areas=[] if places[number % 5] else [eac],
            organizations=[authority, operator][: number % 3],
            measure_type=types[number % 3],
            crisis=CrisisFactory(slug="covid-19" if number % 4 else "storm"),
            legal_nature=["mandatory", "voluntary", ""][number % 3],
            beneficiaries=[BeneficiaryFactory(code="households")] if number % 2 else [],
            announced_on=dates[number % 5],
            ends_on=[None, "2020-12"][number % 2],
            sources=[["news"], ["official"], ["news", "news"]][number % 3],
            tags=["schools"] if number % 4 == 1 else [],
        )
        if number % 6 == 1:
            measure.sources.update(language="fr")
            workflow.verify(measure, by=UserFactory())
    make_measure(slug="hidden-draft", title="Hidden spectrum", countries=[kenya], status="draft")
    make_measure(slug="hidden-again", title="Hidden spectrum", countries=[kenya], status="withdrawn")


def listed(client, query):
    """The slugs of the HTML list, in order: the title of each row links to its record."""
    page = client.get(f"/measures/?{query}").content.decode()
    return SLUG.findall("".join(re.findall(r'<h[23] class="row-title">.*?</h[23]>', page, re.DOTALL)))


def in_csv(client, query):
    text = b"".join(client.get(f"/measures.csv?{query}")).decode("utf-8-sig")
    return [row["slug"] for row in csv.DictReader(io.StringIO(text))]


def in_json(client, query):
    return [measure["slug"] for measure in json.loads(b"".join(client.get(f"/measures.json?{query}")))["measures"]]


def in_lines(client, query):
    return [json.loads(line)["slug"] for line in b"".join(client.get(f"/measures.jsonl?{query}")).splitlines()]


def in_api(client, query):
    answer = client.get(f"/api/v1/measures/?per_page=100&{query}").json()
    return [measure["slug"] for measure in answer["results"]]


def in_feed(client, query):
    feed = feedparser.parse(client.get(f"/measures.atom?{query}").content)
    return [SLUG.search(entry.link)[1] for entry in feed.entries]


def in_embed(client, query):
    return list(dict.fromkeys(SLUG.findall(client.get(f"/embed/measures/?{query}").content.decode())))


@pytest.mark.parametrize("query", QUERIES)
def test_one_question_has_one_answer_in_every_face(client, catalogue, query):
    expected = listed(client, query)
    for face in (in_csv, in_json, in_lines, in_api):
        assert face(client, query) == expected, face.__name__
    # A feed has what changed last first; a frame has room for some and says how many there are.
    assert set(in_feed(client, query)) == set(expected)
    framed = in_embed(client, query)
    assert framed == expected[: len(framed)]
    assert bool(framed) == bool(expected)
    counted = client.get(f"/api/v1/facets/?{query}").json()
    assert counted["count"] == len(expected)


@pytest.mark.parametrize("query", WRONG)
def test_a_bad_value_is_refused_in_every_face_and_shows_nothing(client, catalogue, query):
    for address in ("/measures/", "/measures.csv", "/measures.json", "/measures.bib", "/measures.atom"):
        response = client.get(f"{address}?{query}")
        assert response.status_code == 400, address
        assert not SLUG.search(response.content.decode().replace("/measures/by/", "")), address
    for address in ("/api/v1/measures/", "/api/v1/facets/", "/embed/measures/"):
        assert client.get(f"{address}?{query}").status_code == 400, address


@pytest.fixture(autouse=True)
def _no_release(settings, tmp_path):
    settings.RELEASES_ROOT = tmp_path


@made_once
def hidden():
    """One public measure, and all that the public may not see: texts, names and addresses with "secret" in them."""
    editor = UserFactory(email="secret@example.org", first_name="Secret", last_name="Editor")
    shown = make_measure(
        slug="shown",
        title="Shown",
        countries=[CountryFactory(iso3="KEN", name_en="Kenya")],
        organizations=[OrganizationFactory(slug="ke-ca")],
        tags=["schools"],
    )
    with workflow.change(shown, by=editor, action=Action.CORRECTED, reason="A secret reason", public_note="A note."):
        shown.outcome_en = "It ended."
    workflow.propose(
        shown,
        content_of(shown) | {"title_en": "A secret title"},
        by=editor,
        based_on=shown.changes.first().pk,
        public_note="A secret note",
    )
    Comment.objects.create(measure=shown, by=editor, text="A secret comment")
    moment = timezone.now() - timedelta(days=2)
    Subscription.objects.create(
        email="reader@example.org", language="en", frequency="daily", confirmed_at=moment, told_until=moment
    )
    for status in ("draft", "in-review", "withdrawn"):
        measure = make_measure(
            slug=f"secret-{status}",
            title=f"Secret {status}",
            summary="A secret summary",
            countries=["KEN"],
            organizations=[OrganizationFactory(slug=f"secret-body-{status}", name_en="Secret body")],
            tags=[f"secret-tag-{status}"],
            status=status,
        )
        SpectrumBandFactory(measure=measure, label="secret MHz", ranges=[("703", "733")])
        measure.sources.update(url=f"https://secret.example/{status}", title="Secret source")


SURFACES = [
    *("/", "/measures/", "/countries/", "/countries/ken/", "/topics/affordability/", "/types/zero-rating/", "/tags/"),
    *("/crises/covid-19/", "/organizations/", "/coverage/", "/data/", "/about/", "/measures/shown/"),
    *("/compare/?country=ken&country=gha", "/bands/?range=703-733", "/suggestions/?q=secret"),
    *(f"/measures.{ending}" for ending in ("csv", "json", "jsonl", "bib", "ris", "atom", "feed.json")),
    *("/measures/shown.json", "/api/v1/measures/", "/api/v1/measures/shown/", "/api/v1/facets/", "/api/v1/sources/"),
    *("/api/v1/organizations/", "/api/v1/tags/", "/api/v1/coverage/", "/api/v1/schema/"),
    *("/api/v1/measures/?changed_since=2020-01-01T00:00:00Z", "/embed/measures/", "/embed/countries/ken/"),
    *("/embed/map/", "/embed/measures/shown/", "/sitemap.xml", "/sitemaps/measures-1.xml"),
    *("/sitemaps/organizations-1.xml", "/sitemaps/sources-1.xml", "/sitemaps/tags-1.xml", "/robots.txt"),
    *("/opensearch.xml", "/suggestions.json?q=secret"),
]


@pytest.mark.parametrize("address", SURFACES)
def test_what_is_not_public_is_in_no_face(client, hidden, address):
    CountryFactory(iso3="GHA", name_en="Ghana")
    response = client.get(address)
    assert response.status_code == 200
    body = (b"".join(response) if response.streaming else response.content).decode().lower()
    # What was typed stands in the box again; that a record was withdrawn is told to whoever has it, by its slug alone.
    for told in ("q=secret", '"secret"', "“secret”", "secret-withdrawn"):
        body = body.replace(told, "")
    assert "secret" not in body


@pytest.mark.parametrize("status", ["draft", "in-review", "withdrawn"])
@pytest.mark.parametrize(
    "address",
    [
        *("/measures/{}/", "/measures/{}.json", "/measures/{}.png", "/api/v1/measures/{}/", "/embed/measures/{}/"),
        "/oembed/?url=http://127.0.0.1:8000/measures/{}/",
    ],
)
def test_what_is_not_public_has_no_address(client, hidden, address, status):
    assert client.get(address.format(f"secret-{status}")).status_code == 404


@pytest.mark.django_db(transaction=True)  # the worker of the queue closes its connections
def test_what_is_not_public_is_in_no_letter(hidden, mailoutbox):
    call_command("send_digests")
    (letter,) = mailoutbox
    assert "Shown" in letter.body
    assert "secret" not in (letter.body + letter.alternatives[0].content + letter.subject).lower()


def test_what_is_not_public_is_in_no_file_of_a_release(hidden, tmp_path):
    call_command("make_release", verbosity=0)
    (release,) = [folder for folder in tmp_path.iterdir() if folder.is_dir()]
    files = [file for file in release.rglob("*") if file.is_file()]
    assert any(b"Shown" in file.read_bytes() for file in files)
    for file in files:
        if file.suffix == ".sqlite":
            with sqlite3.connect(file) as database:
                content = "\n".join(database.iterdump()).encode()
        else:
            content = file.read_bytes()
        assert b"secret" not in content.lower(), file.name


@pytest.mark.parametrize("address", ["/measures.csv", "/measures.atom", "/measures/shown.json", "/api/v1/measures/"])
def test_scripts_of_any_site_may_read_the_data_and_no_page(client, hidden, address):
    assert client.get(address, headers={"Origin": "https://notebook.example"})["Access-Control-Allow-Origin"] == "*"
    assert not client.get("/measures/").has_header("Access-Control-Allow-Origin")


def test_every_kind_of_file_is_among_the_faces():
    from practices.exports import FORMATS

    tested = {address.partition("measures.")[2] for address in SURFACES}
    assert set(FORMATS) - tested == {"xlsx"}  # which has the sheets of the others, and tests of its own
    assert reverse("practices:download", args=["xlsx"]) == "/measures.xlsx"
