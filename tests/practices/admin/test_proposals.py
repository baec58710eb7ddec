"""An edit of a public record at the desk: proposed, compared, decided; never seen by readers before."""

import pytest
from django.test import Client
from django.urls import reverse

from practices import workflow
from practices.choices import Action
from practices.content import content_of
from practices.models import CatalogueVersion, Change, FormerSlug, Measure, Proposal, Tag
from tests.factories import SourceFactory, UserFactory, make_measure
from tests.practices.admin.desk import ROLES, form_of, page, signed_in, text_of

pytestmark = pytest.mark.django_db

NOTE = "The title was wrong."


def edit(client, measure, **fields):
    return client.post(page("measure_change", measure.pk), form_of(measure, public_note=NOTE) | fields)


def proposal_of(measure, by=None, **content):
    return workflow.propose(
        measure,
        content_of(measure) | content,
        by=by or UserFactory(),
        based_on=measure.changes.first().pk,
        public_note=NOTE,
    )


def decide(client, proposal, decision, reason=""):
    data = {"decision": decision, "reason": reason, "based_on": proposal.based_on_id}
    return client.post(page("proposal_change", proposal.pk), data, follow=True)


def title_of(measure):
    return Measure.objects.get(pk=measure.pk).title_en


def state():
    """All that readers and the journal could notice."""
    return (
        CatalogueVersion.objects.values_list("number", flat=True).get(),
        list(Change.objects.values_list("pk", flat=True)),
        list(FormerSlug.objects.all()),
        list(Measure.objects.values_list("title_en", "slug", "updated_at", "verified_on")),
    )


@pytest.mark.parametrize("role", ["editor", "publisher"])
def test_an_edit_of_a_public_record_is_proposed_and_touches_nothing_else(role):
    client, measure = signed_in(role), make_measure(title="Old title", slug="old-slug")
    before = state()
    response = edit(client, measure, title_en="New title", slug="new-slug")
    proposal = Proposal.objects.get()
    assert response.headers["Location"] == page("proposal_change", proposal.pk)
    assert (proposal.by, proposal.public_note, proposal.content["title_en"]) == (client.user, NOTE, "New title")
    assert state() == before


@pytest.mark.parametrize("role", ["contributor", "administrator"])
def test_others_cannot_edit_a_public_record(role):
    measure = make_measure(title="Old title")
    assert edit(signed_in(role), measure, title_en="New title").status_code == 403
    assert (Proposal.objects.count(), title_of(measure)) == (0, "Old title")


def test_sources_and_new_tags_are_part_of_what_is_proposed():
    client, measure = signed_in(), make_measure(tags=["schools"])
    citation, source = measure.citations.get(), SourceFactory()
    replaced = {
        "tags": "schools, brand-new",
        "citations-0-DELETE": "on",
        "citations-TOTAL_FORMS": 2,
        "citations-1-source": source.pk,
        "citations-1-locator": "p. 3",
        "citations-1-position": 0,
    }
    response = edit(client, measure, **replaced)
    assert response.status_code == 302, response.context["errors"]
    assert (list(measure.citations.all()), list(measure.tags.names())) == ([citation], ["schools"])
    workflow.accept(Proposal.objects.get(), by=UserFactory())
    assert measure.citations.get().source == source
    assert set(measure.tags.names()) == {"schools", "brand-new"}
    assert Tag.objects.filter(name="brand-new").count() == 1


def test_a_source_that_is_deleted_and_added_again_is_refused_in_words():
    measure = make_measure()
    again = {
        "citations-0-DELETE": "on",
        "citations-TOTAL_FORMS": 2,
        "citations-1-source": measure.citations.get().source_id,
        "citations-1-position": 0,
    }
    assert "is both deleted and added" in text_of(edit(signed_in(), measure, **again))


def test_the_public_note_is_asked_and_what_was_typed_stays():
    client, measure = signed_in("editor"), make_measure()
    response = edit(client, measure, title_en="New title", public_note=" ")
    assert "This field is required" in text_of(response)
    assert 'value="New title"' in response.content.decode()
    assert not Proposal.objects.exists()


def test_a_second_proposal_is_refused_and_what_was_typed_stays():
    client, measure = signed_in("editor"), make_measure()
    edit(client, measure, title_en="First")
    response = edit(client, measure, title_en="Second")
    assert "You have proposed a revision of this record already" in text_of(response)
    assert 'value="Second"' in response.content.decode()
    assert Proposal.objects.get().content["title_en"] == "First"


def test_saving_without_a_change_proposes_nothing():
    client, measure = signed_in("editor"), make_measure()
    assert "Nothing was changed" in text_of(edit(client, measure))
    assert not Proposal.objects.exists()


def test_a_draft_asks_for_no_public_note():
    client, measure = signed_in("editor"), make_measure(status="draft")
    assert 'name="public_note"' not in client.get(page("measure_change", measure.pk)).content.decode()
    edit(client, measure, title_en="New title")
    assert title_of(measure) == "New title"
    assert measure.changes.first().action == Action.EDITED


def test_where_the_rule_is_off_a_publishers_edit_is_public_at_once(settings):
    settings.SECOND_PERSON = False
    client, measure = signed_in("publisher"), make_measure()
    edit(client, measure, title_en="New title")
    newest = measure.changes.first()
    assert (title_of(measure), Proposal.objects.count()) == ("New title", 0)
    assert (newest.action, newest.by, newest.public_note) == (Action.CORRECTED, client.user, NOTE)


def test_where_the_rule_is_off_an_editors_edit_is_still_proposed(settings):
    settings.SECOND_PERSON = False
    measure = make_measure(title="Old title")
    edit(signed_in("editor"), measure, title_en="New title")
    assert (title_of(measure), Proposal.objects.count()) == ("Old title", 1)


def test_a_proposal_is_shown_beside_the_public_text_and_goes_live_when_accepted():
    measure = make_measure(title="Kenya lends spectrum")
    proposal = proposal_of(measure, title_en="Kenya lent <spectrum>")
    client = signed_in("publisher")
    body = client.get(page("proposal_change", proposal.pk)).content.decode()
    assert "Kenya <del>lends</del> spectrum" in body
    assert "Kenya <ins>lent</ins> <ins>&lt;</ins>spectrum<ins>&gt;</ins>" in body
    assert "What would change" in body
    decided = text_of(decide(client, proposal, "accept"))
    assert "What was proposed" in decided
    assert "What would change" not in decided
    proposal.refresh_from_db()
    assert (title_of(measure), proposal.decision, proposal.decided_by) == (
        "Kenya lent <spectrum>",
        "accepted",
        client.user,
    )
    assert f"Corrected: {NOTE}" in text_of(Client().get(measure.get_absolute_url()))


MAY = {
    "contributor": (403, set()),
    "editor": (200, set()),
    "publisher": (200, {"accept", "decline"}),
    "administrator": (403, set()),
}


@pytest.mark.parametrize("decision", ["accept", "decline", "rebase", "take_back"])
@pytest.mark.parametrize("role", ROLES)
def test_who_may_decide(role, decision):
    proposal, client = proposal_of(make_measure(), title_en="New title"), signed_in(role)
    page_status, may = MAY[role]
    assert client.get(page("proposal_change", proposal.pk)).status_code == page_status
    assert client.get(page("proposal_changelist")).status_code == page_status
    response = decide(client, proposal, decision, reason="The gazette says otherwise.")
    proposal.refresh_from_db()
    assert (response.status_code == 200, proposal.decision != "open") == (decision in may, decision in may)


def test_a_publisher_does_not_accept_their_own_but_takes_it_back():
    client = signed_in("publisher")
    proposal = proposal_of(make_measure(), by=client.user, title_en="New title")
    assert decide(client, proposal, "accept").status_code == 403
    decide(client, proposal, "take_back")
    proposal.refresh_from_db()
    assert (proposal.decision, proposal.decided_by) == ("taken-back", client.user)


def test_declining_needs_a_reason_which_is_shown():
    client, proposal = signed_in("publisher"), proposal_of(make_measure(), title_en="New title")
    assert "tell who proposed it why" in text_of(decide(client, proposal, "decline"))
    assert "The gazette says otherwise." in text_of(decide(client, proposal, "decline", "The gazette says otherwise."))
    proposal.refresh_from_db()
    assert proposal.decision == "declined"


def test_a_proposal_of_an_older_text_shows_what_changed_and_is_based_anew():
    measure = make_measure(title="Old title", outcome="")
    proposal = proposal_of(measure, title_en="New title")
    with workflow.change(measure, by=UserFactory(), action=Action.CORRECTED):
        measure.outcome_en = "It ended well."
    client = signed_in("publisher")
    response = client.get(page("proposal_change", proposal.pk))
    assert "The record has changed since this was proposed" in text_of(response)
    assert "<ins>It ended well.</ins>" in response.content.decode()
    assert [decision.name for decision in response.context["decisions"]] == ["rebase", "decline"]
    assert decide(client, proposal, "accept").status_code == 403
    decide(client, proposal, "rebase")
    proposal.refresh_from_db()
    decide(client, proposal, "accept")
    kept = Measure.objects.get(pk=measure.pk)
    assert (kept.title_en, kept.outcome_en) == ("New title", "It ended well.")
    assert [comment.by for comment in measure.comments.all()] == [client.user]


def test_who_looked_at_another_text_of_a_proposal_does_not_accept_it():
    measure = make_measure(title="Old title")
    proposal = proposal_of(measure, title_en="New title")
    with workflow.change(measure, by=UserFactory(), action=Action.CORRECTED):
        measure.outcome_en = "It ended well."
    workflow.rebase(Proposal.objects.get(), by=proposal.by)
    assert "Look at it again" in text_of(decide(signed_in("publisher"), proposal, "accept"))
    with pytest.raises(workflow.WorkflowError, match="Look at it again"):
        workflow.accept(proposal, by=UserFactory())
    assert title_of(measure) == "Old title"


def test_what_waits_is_listed_first_and_the_oldest_on_top(django_assert_max_num_queries):
    declined, first, second = (proposal_of(make_measure(), title_en=f"New {n}") for n in range(3))
    workflow.decline(declined, by=UserFactory(), reason="No.")
    client = signed_in("editor")
    with django_assert_max_num_queries(12):
        rows = client.get(page("proposal_changelist")).context["cl"].result_list
    assert list(rows) == [first, second, declined]


def test_a_proposals_text_is_on_no_public_page():
    measure = make_measure(slug="public-entry", title="Old title")
    edit(signed_in(), measure, title_en="Quixotic title", tags="quixotic", public_note="Quixotic note")
    assert Proposal.objects.get().content["title_en"] == "Quixotic title"
    for address in ("/", "/measures/", "/measures/public-entry/", "/tags/", "/countries/ken/", "/tags/quixotic/"):
        assert "uixotic" not in text_of(Client().get(address)).replace("“quixotic”", ""), address
    assert "Old title" not in text_of(Client().get("/measures/", {"q": "quixotic"}))


def test_the_record_leads_to_what_is_proposed():
    measure = make_measure()
    proposal = proposal_of(measure, title_en="New title")
    assert (
        page("proposal_change", proposal.pk)
        in signed_in("editor").get(page("measure_change", measure.pk)).content.decode()
    )


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_visitor_sees_no_proposal(method):
    proposal = proposal_of(make_measure(), title_en="New title")
    assert reverse("admin:login") in getattr(Client(), method)(page("proposal_change", proposal.pk)).headers["Location"]
