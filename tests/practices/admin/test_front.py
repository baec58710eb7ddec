"""The desk's front page."""

import re
from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from practices import workflow
from practices.content import content_of
from tests.factories import CountryFactory, SourceFactory, UserFactory, make_measure

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in(client, settings):
    settings.REQUIRE_SECOND_FACTOR = False

    def sign_in(role):
        user = UserFactory()
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return user

    return sign_in


def front_page(client):
    return client.get(reverse("admin:index")).content.decode()


def test_a_queue_shows_its_records_and_leads_to_all_of_them(client, sign_in):
    sign_in("editor")
    for number in range(7):
        make_measure(status="in-review", title=f"Waiting record {number}")
    page = front_page(client)
    assert len(re.findall("Waiting record", page)) == 5
    address = f"{reverse('admin:practices_measure_changelist')}?queue=review"
    assert address in page
    assert len(re.findall(r"Waiting record \d", client.get(address).content.decode())) >= 7


def test_a_contributor_sees_neither_gaps_nor_what_waits_for_others(client, sign_in):
    sign_in("contributor")
    make_measure(status="in-review", title="Waiting record")
    page = front_page(client)
    assert "Waiting record" not in page
    assert 'id="gaps"' not in page
    assert "My drafts" in page


def test_gaps_are_countries_and_types_of_which_nothing_is_recorded(client, sign_in):
    sign_in("editor")
    make_measure(countries=[CountryFactory(iso3="KEN", name_en="Kenya")])
    CountryFactory(iso3="UGA", name_en="Uganda")
    CountryFactory(iso3="FRA", name_en="France", itu_region="eur")
    page = front_page(client).partition('id="gaps"')[2]
    assert "Uganda" in page
    assert "Kenya" not in page
    assert "Europe" in page.partition("Name of zero-rating")[2]


def test_queues_that_are_full_cost_the_front_page_few_queries_more(client, sign_in, django_assert_max_num_queries):
    user = sign_in("editor")
    front_page(client)
    with CaptureQueriesContext(connection) as captured:
        front_page(client)
    few = len(captured)
    make_measure(status="draft", author=user)
    workflow.return_to_author(make_measure(status="in-review", author=user), by=UserFactory(), reason="Mend it.")
    make_measure(status="in-review")
    gone = SourceFactory(last_check_result="gone", last_checked_at="2026-01-01T00:00Z")
    measure = make_measure(ends_on="2020", review_by=date(2021, 1, 1), sources=[gone])
    content = content_of(measure) | {"title_en": "New title"}
    workflow.propose(
        measure, content, by=UserFactory(), based_on=measure.changes.first().pk, public_note="The title was wrong."
    )
    front_page(client)
    with django_assert_max_num_queries(few + 12):
        assert "Nothing waits here" not in front_page(client)


def test_the_front_page_takes_as_many_queries_for_many_records_as_for_one(client, sign_in):
    user = sign_in("editor")

    def queries():
        with CaptureQueriesContext(connection) as captured:
            front_page(client)
        return len(captured)

    def add():
        make_measure(status="in-review")
        make_measure(status="draft", author=user)
        make_measure(ends_on="2020")

    add()
    queries()  # reads the catalogue
    with_one = queries()
    for _number in range(6):
        add()
    queries()
    assert queries() == with_one
