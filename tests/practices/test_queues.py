"""What waits at the desk: exactly the records that do, in the order in which to work on them."""

import datetime

import pytest
from django.contrib.auth.models import Group

from practices import workflow
from practices.content import content_of
from practices.models import Source
from practices.querysets import today
from practices.queues import QUEUES, queues_for
from tests.factories import SourceFactory, UserFactory, make_measure

pytestmark = pytest.mark.django_db


def waiting(name, user=None):
    return list(QUEUES[name].measures(user or UserFactory()))


def submitted(**fields):
    return make_measure(status="in-review", **fields)


def test_my_drafts_are_mine_and_not_those_that_came_back():
    me, other = UserFactory(), UserFactory()
    mine, returned = make_measure(status="draft", author=me), submitted(author=me)
    make_measure(status="draft", author=other)
    workflow.return_to_author(returned, by=other, reason="Mend the dates.")
    assert waiting("my-drafts", me) == [mine]
    assert waiting("returned", me) == [returned]
    assert waiting("returned", other) == []


def test_what_came_back_and_was_submitted_again_waits_for_review_only():
    me = UserFactory()
    measure = submitted(author=me)
    workflow.return_to_author(measure, by=UserFactory(), reason="Mend the dates.")
    workflow.submit(measure, by=me)
    assert waiting("returned", me) == []
    assert waiting("review") == [measure]


def test_the_longest_waiting_are_reviewed_first(time_machine):
    time_machine.move_to("2026-03-01")
    first = submitted()
    time_machine.move_to("2026-03-02")
    second = submitted()
    time_machine.move_to("2026-03-03")
    workflow.return_to_author(first, by=UserFactory(), reason="Mend the dates.")
    workflow.submit(first, by=UserFactory())
    assert waiting("review") == [second, first]


def test_a_record_waits_once_however_many_revisions_are_proposed():
    measure = make_measure()
    make_measure()
    for number in range(2):
        workflow.propose(
            measure,
            content_of(measure) | {"title_en": f"New {number}"},
            by=UserFactory(),
            based_on=measure.changes.first().pk,
            public_note="The title.",
        )
    assert waiting("proposed") == [measure]


def test_broken_sources_flag_public_records_only():
    source = SourceFactory()
    public, _draft = make_measure(sources=[source]), make_measure(sources=[source], status="draft")
    make_measure()
    assert waiting("broken") == []
    Source.objects.filter(pk=source.pk).update(last_check_result="gone", last_checked_at=public.updated_at)
    assert waiting("broken") == [public]


def test_review_is_due_from_its_day_on():
    due = make_measure(review_by=today())
    make_measure(review_by=today() + datetime.timedelta(days=1))
    make_measure()
    assert waiting("review-due") == [due]


def test_sunset_watch_has_what_ends_soon_and_what_ended_without_a_checked_outcome(time_machine):
    time_machine.move_to("2026-04-10")
    soon = make_measure(ends_on="2026-05")
    make_measure(ends_on="2026-06")
    ended = make_measure(ends_on="2020-04-30")
    unchecked = make_measure(ends_on="2020", outcome="It ended.")
    checked = make_measure(ends_on="2019", outcome="It ended.")
    workflow.verify(checked, by=UserFactory())
    assert waiting("sunset") == [soon, ended, unchecked]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("contributor", ["my-drafts", "returned"]),
        ("editor", list(QUEUES)),
        ("publisher", list(QUEUES)),
        ("administrator", ["my-drafts", "returned"]),
    ],
)
def test_everybody_is_shown_the_queues_that_they_can_work_on(role, expected):
    user = UserFactory()
    user.groups.add(Group.objects.get(name=role))
    assert [queue.name for queue in queues_for(user)] == expected
