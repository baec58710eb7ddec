"""The guide for editors, which the desk and the repository show alike."""

import re

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def guide(client):
    client.force_login(UserFactory(is_superuser=True))
    return client.get(reverse("admin:guide")).content.decode()


def test_the_front_page_leads_to_the_guide(client):
    client.force_login(UserFactory(is_superuser=True))
    assert f'<a href="{reverse("admin:guide")}">How to edit</a>' in client.get(reverse("admin:index")).content.decode()


def test_its_pictures_are_served_and_say_what_they_show(guide):
    pictures = re.findall(r'<img src="/static/(guide/[^"]+)" alt="([^"]+)"', guide)
    assert len(pictures) == guide.count('src="/static/guide/') > 20
    files = [finders.find(name) for name, _alt in pictures]
    assert None not in files
    assert {picture.name for picture in (settings.BASE_DIR / "docs/img/desk").iterdir()} == {
        name.partition("/")[2] for name, _alt in pictures
    }


def test_its_links_lead_to_its_headings(guide):
    links = re.findall(r'href="#([^"]+)"', guide.partition('class="desk-guide"')[2])
    assert links
    assert set(links) <= set(re.findall(r'<h2 id="([^"]+)"', guide))
