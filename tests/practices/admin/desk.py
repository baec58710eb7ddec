"""Somebody at the desk, and what the form of a record sends."""

import re

from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from tests.factories import UserFactory

ROLES = ("contributor", "editor", "publisher", "administrator")


def signed_in(role=None, **fields):
    """A client of somebody with ``role``, or with every permission where there is none; ``client.user`` is who."""
    client = Client()
    client.user = UserFactory(is_superuser=role is None, **fields)
    if role:
        client.user.groups.add(Group.objects.get(name=role))
    client.force_login(client.user)
    return client


def page(name, *args):
    return reverse(f"admin:practices_{name}", args=args)


def text_of(response):
    """What a page says, without its markup and with single spaces."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def form_of(measure, **fields):
    """What the form of ``measure`` sends when nothing but ``fields`` is changed."""
    citations = measure.citations.all()
    newest = measure.changes.first()
    data = {
        "based_on": newest.pk if newest else 0,
        **{name: getattr(measure, name) or "" for name in ("title_en", "summary_en", "outcome_en", "slug", "scope")},
        "crisis": measure.crisis_id,
        "measure_type": measure.measure_type_id,
        "tags": ", ".join(measure.tags.names()),
        **{
            name: [record.pk for record in getattr(measure, name).all()]
            for name in ("countries", "areas", "organizations", "beneficiaries")
        },
        "citations-TOTAL_FORMS": len(citations),
        "citations-INITIAL_FORMS": len(citations),
        "bands-TOTAL_FORMS": 0,
        "bands-INITIAL_FORMS": 0,
    }
    for number, citation in enumerate(citations):
        data |= {
            f"citations-{number}-id": citation.pk,
            f"citations-{number}-measure": measure.pk,
            f"citations-{number}-source": citation.source_id,
            f"citations-{number}-locator": citation.locator,
            f"citations-{number}-position": citation.position,
        }
    return data | fields
