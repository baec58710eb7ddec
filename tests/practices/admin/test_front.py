"""The desk's front page."""

import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import CountryFactory, UserFactory, make_measure

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
