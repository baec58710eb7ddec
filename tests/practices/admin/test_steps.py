"""The steps of a record at the desk: who is offered which, what each asks first, and what it does."""

import pytest
from django.test import Client

from practices import workflow
from practices.choices import Action
from practices.models import Change, Measure
from tests.factories import SourceFactory, UserFactory, make_measure
from tests.practices.admin.desk import ROLES, page, signed_in, text_of

pytestmark = pytest.mark.django_db

STARTS = {
    "submit": "draft",
    "return_to_author": "in-review",
    "publish": "in-review",
    "verify": "published",
    "withdraw": "published",
}
ENDS = {
    "submit": "in-review",
    "return_to_author": "draft",
    "publish": "published",
    "verify": "published",
    "withdraw": "withdrawn",
}
MAY = {
    "contributor": set(),
    "editor": {"submit", "return_to_author"},
    "publisher": set(STARTS),
    "administrator": set(),
}


def take(client, step, measure, **data):
    return client.post(page("measure_step", measure.pk, step), {"reason": "Because.", **data})


def take_with(client, step, *measures, **data):
    chosen = {"action": step, "_selected_action": [measure.pk for measure in measures]}
    return client.post(page("measure_changelist"), chosen | data, follow=True)


def status_of(measure):
    return Measure.objects.get(pk=measure.pk).status


@pytest.mark.parametrize("step", STARTS)
@pytest.mark.parametrize("role", ROLES)
def test_each_role_takes_its_steps_and_no_others(role, step):
    client, measure = signed_in(role), make_measure(status=STARTS[step])
    response = take(client, step, measure)
    if step in MAY[role]:
        assert response.status_code == 302
        assert status_of(measure) == ENDS[step]
        newest = measure.changes.first()
        assert (newest.by, newest.reason) == (client.user, "" if step == "verify" else "Because.")
    else:
        hidden = measure.status != "published"  # of what others wrote these roles see only what readers do
        assert response.status_code == (404 if hidden and role in ("contributor", "administrator") else 403)
        assert status_of(measure) == STARTS[step]


@pytest.mark.parametrize("step", STARTS)
@pytest.mark.parametrize("role", ROLES)
def test_the_list_takes_no_step_that_the_page_refuses(role, step):
    client, measure = signed_in(role), make_measure(status=STARTS[step])
    take_with(client, step, measure, confirmed="yes", reason="Because.")
    assert status_of(measure) == (ENDS[step] if step in MAY[role] else STARTS[step])


def test_a_contributor_submits_what_they_wrote_and_nothing_else():
    client = signed_in("contributor")
    own, other = make_measure(status="draft", author=client.user), make_measure(status="draft")
    assert [take(client, "submit", measure).status_code for measure in (own, other)] == [302, 404]
    assert (status_of(own), status_of(other)) == ("in-review", "draft")


@pytest.mark.parametrize("step", STARTS)
def test_a_visitor_is_asked_to_sign_in(step):
    measure = make_measure(status=STARTS[step])
    assert "/login/" in take(Client(), step, measure).headers["Location"]
    assert status_of(measure) == STARTS[step]


@pytest.mark.parametrize("step", STARTS)
def test_opening_the_page_of_a_step_takes_none(step):
    measure = make_measure(status=STARTS[step])
    assert signed_in().get(page("measure_step", measure.pk, step)).status_code == 200
    assert status_of(measure) == STARTS[step]


def test_a_step_from_another_site_is_refused():
    client, measure = Client(enforce_csrf_checks=True), make_measure(status="draft")
    client.force_login(UserFactory(is_superuser=True))
    assert take(client, "publish", measure).status_code == 403
    assert status_of(measure) == "draft"


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("draft", {"submit", "publish"}),
        ("in-review", {"return_to_author", "publish"}),
        ("published", {"verify", "withdraw"}),
        ("withdrawn", {"publish"}),
    ],
)
def test_a_record_offers_the_steps_that_start_where_it_stands(status, offered):
    measure = make_measure(status=status)
    response = signed_in("publisher").get(page("measure_change", measure.pk))
    assert {step.name for step in response.context["steps"]} == offered
    body = response.content.decode()
    assert all(page("measure_step", measure.pk, step) in body for step in offered)


def test_who_gets_a_record_back_reads_on_its_page_what_to_mend_and_the_reviewer_the_authors_word():
    author, reviewer = signed_in("contributor"), signed_in("editor")
    measure = make_measure(status="draft", author=author.user)
    take(author, "submit", measure, reason="The decree is not online.")
    assert "The decree is not online." in text_of(reviewer.get(page("measure_change", measure.pk)))
    returned = take(reviewer, "return_to_author", measure, reason="Cite the gazette.")
    assert returned.status_code == 302
    text = text_of(author.get(page("measure_change", measure.pk)))
    assert "Returned to its author" in text
    assert "Cite the gazette." in text
    assert "The decree is not online." not in text


@pytest.mark.parametrize(
    ("step", "done"),
    [
        ("submit", "Submitted for review"),
        ("return_to_author", "Returned to the author"),
        ("publish", "Published"),
        ("verify", "Marked as verified"),
        ("withdraw", "Withdrawn"),
    ],
)
def test_a_step_that_was_taken_is_said_to_be_done(step, done):
    measure = make_measure(status=STARTS[step])
    assert f"{done}: “{measure}”." in text_of(
        signed_in("publisher", email="p@example.org").post(
            page("measure_step", measure.pk, step), {"reason": "Because."}, follow=True
        )
    )


def test_an_editor_is_not_offered_to_publish():
    response = signed_in("editor").get(page("measure_change", make_measure(status="in-review").pk))
    assert [step.name for step in response.context["steps"]] == ["return_to_author"]


def test_what_publishing_lacks_is_listed_with_links_and_cannot_be_forced():
    client, measure = signed_in("publisher"), make_measure(status="draft", summary="", countries=[], sources=0)
    response = client.get(page("measure_step", measure.pk, "publish"))
    assert list(response.context["obstacles"]) == ["summary", "countries", "citations"]
    record = page("measure_change", measure.pk)
    body = response.content.decode()
    assert all(f'href="{record}#{anchor}"' in body for anchor in ("id_summary_en", "id_countries", "citations-group"))
    assert 'type="submit"' not in body.partition('class="record-form"')[2].partition("</form>")[0]
    refused = text_of(take(client, "publish", measure))
    assert "Summary: say what was done" in refused
    assert "nothing is published without" in refused
    assert (status_of(measure), Change.objects.exists()) == ("draft", False)


def test_who_wrote_a_record_alone_is_told_that_somebody_else_publishes_it():
    client, measure = signed_in("publisher"), make_measure(status="draft")
    with workflow.change(measure, by=client.user, action=Action.CREATED):
        pass
    assert "somebody else has to publish it" in text_of(client.get(page("measure_step", measure.pk, "publish")))
    take(client, "publish", measure)
    assert status_of(measure) == "draft"


def test_a_reviewer_sees_what_the_machine_sees_and_what_only_they_can():
    source = SourceFactory(
        kind="news", title="Gone page", last_check_result="gone", last_checked_at="2026-01-01T00:00Z"
    )
    measure = make_measure(status="in-review", sources=[source], announced_on="2020-04", title="Kenya lends spectrum")
    twin = make_measure(status="draft", sources=[source], title="Spectrum lent in Kenya")
    make_measure(status="draft", title="Something else")
    response = signed_in("publisher").get(page("measure_step", measure.pk, "publish"))
    text = text_of(response)
    assert "No source is official" in text
    assert "“Gone page” no longer works" in text
    assert "Starts: not stated" in text
    assert "Announced: April 2020" in text
    assert "Does every statement of the summary stand in a source" in text
    assert [duplicate.measure for duplicate in response.context["duplicates"]] == [twin]
    assert "Spectrum lent in Kenya (Draft). It rests on the same source." in text


@pytest.mark.parametrize("step", ["return_to_author", "withdraw"])
def test_a_reason_is_asked_where_somebody_needs_to_know(step):
    measure = make_measure(status=STARTS[step])
    response = take(signed_in("publisher"), step, measure, reason=" ")
    assert "This field is required" in text_of(response)
    assert status_of(measure) == STARTS[step]


def test_nobody_publishes_a_text_that_changed_under_their_eyes():
    client, measure = signed_in("publisher"), make_measure(status="in-review", title="Old title")
    shown = client.get(page("measure_step", measure.pk, "publish")).context["form"]["based_on"].value()
    with workflow.change(measure, by=UserFactory(), action=Action.EDITED):
        measure.title_en = "New title"
    response = take(client, "publish", measure, based_on=shown)
    assert "The record has changed since you opened it" in text_of(response)
    assert "<del>Old</del> title" in response.content.decode()
    assert "<ins>New</ins> title" in response.content.decode()
    assert status_of(measure) == "in-review"
    take(client, "publish", measure, based_on=response.context["form"]["based_on"].value())
    assert status_of(measure) == "published"


def test_many_records_are_listed_with_what_is_refused_before_anything_happens():
    client = signed_in("publisher")
    whole, bare = make_measure(status="in-review", title="Whole"), make_measure(status="draft", title="Bare", sources=0)
    public = make_measure(title="Public")
    response = take_with(client, "publish", whole, bare, public)
    text = text_of(response)
    assert "Publish: 1 record" in text
    assert "Bare (Draft) Refused: Sources" in text
    assert "Public (Published) Refused: It is “Published”" in text
    assert [status_of(measure) for measure in (whole, bare, public)] == ["in-review", "draft", "published"]
    text = text_of(take_with(client, "publish", whole, bare, confirmed="yes"))
    assert "Published: 1 record." in text
    assert "“Bare”: Sources" in text
    assert [status_of(measure) for measure in (whole, bare)] == ["published", "draft"]


def test_many_records_are_withdrawn_for_one_reason():
    client, measures = signed_in("publisher"), [make_measure(), make_measure()]
    assert "This field is required" in text_of(take_with(client, "withdraw", *measures, confirmed="yes"))
    take_with(client, "withdraw", *measures, confirmed="yes", reason="Recorded twice.")
    assert {measure.withdrawal_reason for measure in Measure.objects.all()} == {"Recorded twice."}


def test_asking_about_many_records_takes_no_more_queries_than_about_one(django_assert_max_num_queries):
    client, measures = signed_in("publisher"), [make_measure(status="in-review") for _n in range(6)]
    take_with(client, "publish", measures[0])
    with django_assert_max_num_queries(20):
        take_with(client, "publish", *measures)


def test_too_many_records_at_once_are_refused_politely(monkeypatch):
    monkeypatch.setattr("practices.admin.steps.AT_ONCE", 1)
    measures = [make_measure(status="in-review"), make_measure(status="in-review")]
    text = text_of(take_with(signed_in("publisher"), "publish", *measures, confirmed="yes"))
    assert "At most 1 records at once" in text
    assert {status_of(measure) for measure in measures} == {"in-review"}


@pytest.mark.parametrize("address", ["/admin/practices/measure/99999/step/publish/", "step/nonsense"])
def test_what_is_not_there_is_not_found(address):
    if not address.startswith("/"):
        address = page("measure_step", make_measure().pk, "nonsense")
    assert signed_in().get(address).status_code == 404
