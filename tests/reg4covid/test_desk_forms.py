"""What every form of the desk does where two write at once."""

import pytest
from django.urls import reverse

from practices.models import Organization
from tests.factories import CountryFactory, OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization(client):
    client.force_login(UserFactory(is_superuser=True))
    return OrganizationFactory(name_en="Old name", country=CountryFactory(iso3="KEN"))


def opened(client, organization):
    """What the form of ``organization`` sends when nothing is changed in it."""
    form = client.get(address_of(organization)).context["adminform"].form
    return {name: form[name].value() or "" for name in form.fields}


def address_of(organization):
    return reverse("admin:practices_organization_change", args=[organization.pk])


def test_a_form_that_was_opened_before_another_save_does_not_overwrite_it(client, organization):
    mine = opened(client, organization) | {"acronym": "MINE"}
    client.post(address_of(organization), opened(client, organization) | {"name_en": "Their name"})
    response = client.post(address_of(organization), mine)
    page = response.content.decode()
    assert "Nothing was saved: somebody else has changed this since you opened it" in page
    assert "differs from what is stored in: Name [en], Acronym" in page
    assert 'value="MINE"' in page
    assert Organization.objects.get().name == "Their name"
    again = mine | {"name_en": "Their name", "seen": response.context["adminform"].form["seen"].value()}
    assert client.post(address_of(organization), again).status_code == 302
    organization.refresh_from_db()
    assert (organization.name, organization.acronym) == ("Their name", "MINE")


def test_one_save_after_another_is_not_in_its_own_way(client, organization):
    for name in ("First", "Second"):
        sent = opened(client, organization) | {"name_en": name}
        assert client.post(address_of(organization), sent).status_code == 302
    assert Organization.objects.get().name == "Second"
