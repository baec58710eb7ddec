"""The history of a record at the desk, its comments, and the way back to a version."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from practices import workflow
from practices.choices import Action
from practices.content import content_of, store
from practices.models import Comment, Measure, Proposal
from tests.factories import SourceFactory, SpectrumBandFactory, UserFactory, make_measure
from tests.practices.admin.desk import ROLES, page, signed_in, text_of

pytestmark = pytest.mark.django_db


def correct(measure, by=None, action=Action.CORRECTED, public_note="", **content):
    with workflow.change(measure, by=by or UserFactory(), action=action, public_note=public_note):
        store(measure, content)
    return measure.changes.first()


def restore(client, version, **data):
    return client.post(page("measure_restore", version.measure_id, version.pk), {"public_note": "As it was.", **data})


def test_the_history_tells_who_did_what_when_and_why_in_order():
    author, publisher = UserFactory(email="author@example.org"), UserFactory(email="publisher@example.org")
    measure = make_measure(status="draft", title="Old title")
    workflow.submit(measure, by=author, reason="Ready now.")
    measure.comments.create(by=publisher, text="Looks good.")
    workflow.publish(measure, by=publisher)
    for title, reason in (("Wrong", "The gazette says otherwise."), ("New title", "")):
        proposal = workflow.propose(
            measure,
            content_of(measure) | {"title_en": title},
            by=author,
            based_on=measure.changes.first().pk,
            public_note=f"About {title}.",
        )
        if reason:
            workflow.decline(proposal, by=publisher, reason=reason)
        else:
            workflow.accept(proposal, by=publisher)
    response = signed_in("editor").get(page("measure_history", measure.pk))
    assert [kind for _when, kind, _event in response.context["events"]] == [
        *("change", "proposal", "decision", "proposal", "change", "comment", "change")
    ]
    text = text_of(response)
    assert all(
        words in text
        for words in (
            *("author@example.org", "publisher@example.org", "Ready now.", "Looks good.", "About New title."),
            "The gazette says otherwise.",
        )
    )
    body = response.content.decode()
    assert "<del>Old</del> title" in body
    assert "<ins>New</ins> title" in body


def test_sources_grants_and_tags_are_compared_too():
    measure = make_measure(tags=["schools"], sources=[SourceFactory(title="Gazette")])
    band = SpectrumBandFactory(measure=measure, label="700 MHz", ranges=[("703", "733")])
    correct(measure)
    band.delete()
    note = {"source_id": measure.citations.get().source_id, "locator": "p. 3", "note": ""}
    correct(measure, tags=[], citations=[note])
    newest = signed_in().get(page("measure_history", measure.pk)).context["events"][0][2]
    assert [(found.label, found.before, found.after) for found in newest.altered] == [
        ("Tags", "<del>schools</del>", ""),
        ("Sources", "Gazette", "Gazette<ins> (p. 3)</ins>"),
        ("Spectrum", "<del>Granted; 700 MHz; 703–733 MHz</del>", ""),
    ]


def test_a_long_history_has_pages_and_takes_as_many_queries_as_a_short_one():
    measure = make_measure()
    client = signed_in()

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get(page("measure_history", measure.pk))
        return len(captured)

    correct(
        measure, title_en="Title 0", tags=[], citations=[{"source_id": SourceFactory().pk, "locator": "", "note": ""}]
    )
    measure.comments.create(by=client.user, text="Looks good.")
    short = queries()
    for number in range(1, 30):
        correct(measure, title_en=f"Title {number}")
    assert queries() <= short
    first, second = (client.get(page("measure_history", measure.pk), {"page": number}) for number in (1, 2))
    assert "<ins>29</ins>" in first.content.decode()
    assert "<ins>4</ins>" not in first.content.decode()
    oldest_on_first = first.context["events"][-1][2]
    assert "<del>4</del>" in "".join(found.before for found in oldest_on_first.altered)
    assert "Published" in text_of(second)


@pytest.mark.parametrize("role", ROLES)
def test_everybody_who_reads_a_record_reads_its_history(role):
    assert signed_in(role).get(page("measure_history", make_measure().pk)).status_code == 200


def test_a_visitor_is_asked_to_sign_in():
    measure = make_measure()
    version = measure.changes.get()
    for address in (page("measure_history", measure.pk), page("measure_restore", measure.pk, version.pk)):
        assert "/login/" in Client().get(address).headers["Location"]
    assert "/login/" in Client().post(page("measure_comment", measure.pk), {"text": "Hello"}).headers["Location"]
    assert not Comment.objects.exists()


def test_a_version_that_readers_have_had_is_restored_with_a_public_note():
    client, measure = signed_in("publisher"), make_measure(title="Old title", slug="public-entry")
    version = measure.changes.get()
    correct(measure, title_en="Wrong title")
    body = client.get(page("measure_restore", measure.pk, version.pk)).content.decode()
    assert "<del>Wrong</del> title" in body
    assert "<ins>Old</ins> title" in body
    assert "This field is required" in text_of(restore(client, version, public_note=""))
    restore(client, version, reason="Vandalism.")
    newest = measure.changes.first()
    assert Measure.objects.get(pk=measure.pk).title_en == "Old title"
    assert (newest.action, newest.by, newest.reason, newest.public_note) == (
        Action.RESTORED,
        client.user,
        "Vandalism.",
        "As it was.",
    )
    text = text_of(Client().get("/measures/public-entry/"))
    assert "Put back to an earlier text: As it was." in text
    assert "Vandalism" not in text


def test_a_version_that_readers_never_had_is_proposed():
    client, measure = signed_in("publisher"), make_measure(status="draft", title="Draft title")
    version = correct(measure, action=Action.EDITED)
    correct(measure, by=UserFactory(), action=Action.EDITED, title_en="Public title")
    workflow.publish(measure, by=UserFactory())
    assert "Propose this version" in text_of(client.get(page("measure_restore", measure.pk, version.pk)))
    restore(client, version, based_on=measure.changes.first().pk)
    assert Measure.objects.get(pk=measure.pk).title_en == "Public title"
    proposal = Proposal.objects.get()
    assert (proposal.by, proposal.content["title_en"], proposal.public_note) == (
        client.user,
        "Draft title",
        "As it was.",
    )


def test_an_editor_proposes_to_restore_a_public_record():
    client, measure = signed_in("editor"), make_measure(title="Old title")
    version = measure.changes.get()
    correct(measure, title_en="New title")
    restore(client, version, based_on=measure.changes.first().pk)
    assert (Measure.objects.get(pk=measure.pk).title_en, Proposal.objects.count()) == ("New title", 1)


def test_a_draft_is_restored_without_a_public_note():
    client, measure = signed_in("editor"), make_measure(status="draft", title="Old title")
    version = correct(measure, action=Action.EDITED)
    correct(measure, action=Action.EDITED, title_en="New title")
    assert "public_note" not in client.get(page("measure_restore", measure.pk, version.pk)).context["form"].fields
    restore(client, version)
    assert Measure.objects.get(pk=measure.pk).title_en == "Old title"


@pytest.mark.parametrize("role", ["contributor", "administrator"])
def test_others_restore_nothing_public(role):
    measure = make_measure(title="Old title")
    version = measure.changes.get()
    correct(measure, title_en="New title")
    client = signed_in(role)
    assert client.get(page("measure_restore", measure.pk, version.pk)).status_code == 403
    assert restore(client, version).status_code == 403
    assert "Restore this version" not in text_of(client.get(page("measure_history", measure.pk)))
    assert Measure.objects.get(pk=measure.pk).title_en == "New title"


def test_nothing_is_restored_over_what_changed_meanwhile():
    client, measure = signed_in("publisher"), make_measure(title="Old title")
    version = measure.changes.get()
    shown = correct(measure, title_en="Wrong title")
    correct(measure, outcome_en="It ended.")
    assert "has changed since you opened it" in text_of(restore(client, version, based_on=shown.pk))
    assert Measure.objects.get(pk=measure.pk).title_en == "Wrong title"


def test_a_version_of_another_record_is_not_found():
    measure, other = make_measure(), make_measure()
    assert signed_in().get(page("measure_restore", measure.pk, other.changes.get().pk)).status_code == 404


def test_a_comment_is_kept_with_who_and_when_and_readers_never_see_it():
    client = signed_in("contributor")
    measure = make_measure(slug="public-entry", author=client.user)
    client.post(page("measure_comment", measure.pk), {"text": "Is the date right?"})
    comment = measure.comments.get()
    assert (comment.by, comment.text) == (client.user, "Is the date right?")
    text = text_of(signed_in("publisher").get(page("measure_change", measure.pk)))
    assert "Is the date right?" in text
    assert client.user.email in text
    assert "Is the date right?" not in text_of(Client().get("/measures/public-entry/"))


def test_who_does_not_work_on_a_record_is_not_asked_for_comments():
    measure = make_measure()
    for role, may in (("contributor", False), ("editor", True), ("administrator", False)):
        client = signed_in(role)
        asked = page("measure_comment", measure.pk) in client.get(page("measure_change", measure.pk)).content.decode()
        status = client.post(page("measure_comment", measure.pk), {"text": f"From {role}"}).status_code
        assert (asked, status) == (may, 302 if may else 403), role
    assert [comment.text for comment in measure.comments.all()] == ["From editor"]


def test_who_does_not_review_is_led_to_no_proposal():
    measure = make_measure()
    content = content_of(measure) | {"title_en": "New title"}
    proposal = workflow.propose(
        measure, content, by=UserFactory(), based_on=measure.changes.first().pk, public_note="The title was wrong."
    )
    for role, may in (("contributor", False), ("editor", True), ("administrator", False)):
        client = signed_in(role)
        for name in ("measure_change", "measure_history"):
            body = client.get(page(name, measure.pk)).content.decode()
            assert (page("proposal_change", proposal.pk) in body) == may, (role, name)


def test_a_comment_has_words_and_is_only_posted():
    client, measure = signed_in("editor"), make_measure()
    client.post(page("measure_comment", measure.pk), {"text": " "})
    assert client.get(page("measure_comment", measure.pk)).status_code == 405
    assert not Comment.objects.exists()


def test_readers_are_told_what_happened_to_a_record_and_when():
    measure = make_measure(slug="public-entry", status="draft")
    correct(measure, action=Action.EDITED, public_note="Not public yet.")
    workflow.publish(measure, by=UserFactory())
    correct(measure, title_en="New title", public_note="The title was wrong.")
    workflow.verify(measure, by=UserFactory())
    workflow.withdraw(measure, by=UserFactory(), reason="Secret doubts.")
    correct(measure, action=Action.EDITED, summary_en="Something else.", public_note="Unseen.")
    workflow.publish(measure, by=(last := UserFactory()))
    text = text_of(Client().get("/measures/public-entry/")).partition("History of this record")[2].partition("Cite")[0]
    told = [
        "Published again.",
        "Withdrawn from public view.",
        "Checked against its sources.",
        "Corrected: The title was wrong.",
        "Published.",
    ]
    places = [text.find(words) for words in told]
    assert places == sorted(places)
    assert min(places) >= 0
    assert not any(words in text for words in ("Secret", "Unseen", "Not public yet", last.email))
