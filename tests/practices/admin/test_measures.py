"""The desk: what editors can do to records, and what they cannot."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from practices.choices import Action, Status
from practices.models import Measure
from tests.factories import (
    BeneficiaryFactory,
    CountryFactory,
    CrisisFactory,
    MeasureTypeFactory,
    OrganizationFactory,
    SourceFactory,
    TagFactory,
    UserFactory,
    make_measure,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher(client):
    """The client signed in as somebody who may do everything."""
    user = UserFactory(is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def contributor(client):
    """The client signed in as somebody who may write but not publish."""
    user = UserFactory()
    user.user_permissions.set(Permission.objects.filter(codename__in=["add_measure", "change_measure", "view_measure"]))
    client.force_login(user)
    return user


def take(client, action, *measures, **data):
    return client.post(
        reverse("admin:practices_measure_changelist"),
        {"action": action, "_selected_action": [measure.pk for measure in measures], "confirmed": "yes", **data},
        follow=True,
    )


def form_of(**fields):
    """What the form of a measure sends, with one citation."""
    return {
        "title_en": "Kenya lends spectrum",
        "summary_en": "The authority lent spectrum.",
        "slug": "kenya-lends-spectrum",
        "scope": "national",
        "crisis": CrisisFactory(slug="covid-19").pk,
        "measure_type": MeasureTypeFactory(code="zero-rating").pk,
        "countries": [CountryFactory(iso3="KEN").pk],
        "announced_on": "2020-04",
        "tags": "lte, schools",
        "citations-TOTAL_FORMS": 1,
        "citations-INITIAL_FORMS": 0,
        "citations-0-source": SourceFactory().pk,
        "citations-0-position": 0,
        "bands-TOTAL_FORMS": 0,
        "bands-INITIAL_FORMS": 0,
        **fields,
    }


def test_a_new_record_is_a_draft_with_its_sources_tags_and_history(client, publisher):
    response = client.post(reverse("admin:practices_measure_add"), form_of())
    assert response.status_code == 302, response.context["errors"]
    measure = Measure.objects.get()
    assert (measure.status, str(measure.announced_on), measure.citations.count()) == (Status.DRAFT, "April 2020", 1)
    assert {tag.name for tag in measure.tags.all()} == {"lte", "schools"}
    assert [(change.action, change.by) for change in measure.changes.all()] == [(Action.CREATED, publisher)]


def test_a_date_that_is_none_is_refused_with_what_would_be_right(client, publisher):
    response = client.post(reverse("admin:practices_measure_add"), form_of(announced_on="April"))
    assert response.status_code == 200
    assert "Write a year (2020), a month (2020-04) or a day (2020-04-17)" in response.content.decode()
    assert not Measure.objects.exists()


def test_an_end_before_the_start_is_refused_at_the_form(client, publisher):
    response = client.post(reverse("admin:practices_measure_add"), form_of(starts_on="2020-05", ends_on="2020-04-30"))
    assert "The measure ends before it starts." in response.content.decode()
    assert not Measure.objects.exists()


def test_a_publisher_publishes_and_withdraws_with_a_reason(client, publisher):
    measure = make_measure(status="draft")
    take(client, "publish", measure)
    assert client.get(measure.get_absolute_url()).status_code == 200
    assert "This field is required" in take(client, "withdraw", measure).content.decode()
    assert client.get(measure.get_absolute_url()).status_code == 200
    take(client, "withdraw", measure, reason="Recorded twice.")
    assert client.get(measure.get_absolute_url()).status_code == 404


def test_a_record_without_a_source_is_not_published_and_the_others_are(client, publisher):
    bare, whole = make_measure(status="draft", sources=0), make_measure(status="draft")
    response = take(client, "publish", bare, whole)
    assert "nothing is published without" in response.content.decode()
    assert set(Measure.objects.published()) == {whole}


def test_a_contributor_is_not_offered_publishing_and_cannot_force_it(client, contributor):
    measure = make_measure(status="draft")
    listing = client.get(reverse("admin:practices_measure_changelist")).content.decode()
    assert 'value="submit"' in listing
    assert 'value="publish"' not in listing
    take(client, "publish", measure)
    measure.refresh_from_db()
    assert measure.status == Status.DRAFT


def test_a_contributor_cannot_change_what_the_public_reads(client, contributor):
    measure = make_measure(title="Public text")
    address = reverse("admin:practices_measure_change", args=[measure.pk])
    response = client.post(address, form_of(title_en="Changed"))
    measure.refresh_from_db()
    assert (response.status_code, measure.title) == (403, "Public text")


def test_the_last_source_of_a_published_record_stays_and_the_editor_is_told(client, publisher):
    measure = make_measure()
    citation = measure.citations.get()
    fields = form_of(
        **{
            "citations-INITIAL_FORMS": 1,
            "citations-0-id": citation.pk,
            "citations-0-measure": measure.pk,
            "citations-0-source": citation.source_id,
            "citations-0-DELETE": "on",
        }
    )
    response = client.post(reverse("admin:practices_measure_change", args=[measure.pk]), fields)
    assert response.status_code == 200
    assert "would lose its last source" in response.content.decode()
    assert measure.citations.count() == 1


def test_what_was_published_cannot_be_deleted_at_the_desk(client, publisher):
    measure = make_measure(status="withdrawn")
    assert client.post(reverse("admin:practices_measure_delete", args=[measure.pk]), {"post": "yes"}).status_code == 403
    take(client, "delete_selected", measure, post="yes")
    assert Measure.objects.filter(pk=measure.pk).exists()


@pytest.mark.parametrize(
    "model",
    ["topic", "measuretype", "beneficiary", "crisis", "organization", "source", "tag", "coverage", "measure"],
)
def test_every_list_of_the_desk_opens_and_searches(client, publisher, model):
    make_measure(tags=["schools"])
    assert client.get(reverse(f"admin:practices_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:practices_{model}_add")).status_code == 200


def test_visitors_are_asked_to_sign_in(client):
    response = client.get(reverse("admin:practices_measure_changelist"))
    assert response.status_code == 302
    assert "/admin/login/" in response.headers["Location"]


def test_beneficiaries_that_a_record_names_cannot_be_deleted_at_the_desk(client, publisher):
    used = BeneficiaryFactory()
    make_measure(beneficiaries=[used])
    address = reverse("admin:practices_beneficiary_delete", args=[used.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    client.post(
        reverse("admin:practices_beneficiary_changelist"),
        {"action": "delete_selected", "_selected_action": [used.pk], "post": "yes"},
    )
    used.refresh_from_db()


@pytest.mark.parametrize(("relation", "model"), [("organizations", "organization"), ("tags", "tag")])
def test_what_a_record_names_cannot_be_deleted_at_the_desk(client, publisher, relation, model):
    named = OrganizationFactory() if model == "organization" else TagFactory()
    make_measure(**{relation: [named]})
    assert client.post(reverse(f"admin:practices_{model}_delete", args=[named.pk]), {"post": "yes"}).status_code == 403
    named.refresh_from_db()


def test_a_contributor_does_not_change_a_source_that_readers_see(client, contributor):
    contributor.user_permissions.add(*Permission.objects.filter(codename__in=["change_source", "view_source"]))
    cited, free = SourceFactory(), SourceFactory()
    make_measure(sources=[cited])
    fields = {
        "url": "https://elsewhere.example/",
        "title": "Other",
        "publisher": "P",
        "kind": "official",
        "language": "en",
    }
    responses = [
        client.post(reverse("admin:practices_source_change", args=[source.pk]), fields).status_code
        for source in (cited, free)
    ]
    assert responses == [403, 302]


def test_a_published_record_does_not_lose_its_countries(client, publisher):
    measure = make_measure()
    citation = measure.citations.get()
    fields = form_of(
        **{
            "countries": [],
            "citations-INITIAL_FORMS": 1,
            "citations-0-id": citation.pk,
            "citations-0-measure": measure.pk,
            "citations-0-source": citation.source_id,
        }
    )
    response = client.post(reverse("admin:practices_measure_change", args=[measure.pk]), fields)
    assert "A published record names at least one country" in response.content.decode()
    assert measure.countries.count() == 1


def test_a_tag_that_is_too_long_is_refused_at_the_form(client, publisher):
    response = client.post(reverse("admin:practices_measure_add"), form_of(tags="x" * 101))
    assert "too long for a tag" in response.content.decode()
    assert not Measure.objects.exists()


def test_a_list_with_nothing_in_it_says_whether_there_is_nothing_or_nothing_matches(client, publisher):
    address = reverse("admin:practices_measure_changelist")
    body = client.get(address).content.decode()
    assert "Nothing is here yet" in body
    assert reverse("admin:practices_measure_add") in body
    assert "Search without words and filters" not in body
    make_measure(title="Kenya lends spectrum")
    body = client.get(address, {"q": "postage"}).content.decode()
    assert "Nothing matches" in body
    assert "Search without words and filters" in body
