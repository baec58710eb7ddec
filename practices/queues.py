"""What waits at the desk: for each queue the measures in it, in the order in which they should be worked on.

The front page of the desk, the filter of its list and "save and next" all read this.
"""

import datetime
from collections.abc import Callable
from typing import NamedTuple

from django.db.models import F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from practices.choices import Action, Status
from practices.content import LANGUAGES
from practices.models import Change, Measure
from practices.partial_dates import possibly_by, surely_by
from practices.querysets import today

SUNSET_DAYS = 30
MOVING = (Action.SUBMITTED, Action.RETURNED, Action.PUBLISHED, Action.WITHDRAWN)


class Queue(NamedTuple):
    """``measures`` takes a user and returns a queryset; ``permission`` is what it takes to work on others' records."""

    name: str
    title: str
    help: str
    measures: Callable
    permission: str = ""


def _drafts(user):
    """Drafts that ``user`` wrote, but for those that came back."""
    return Measure.objects.filter(status=Status.DRAFT, author=user).exclude(_came_back()).order_by("-updated_at")


def _returned(user):
    return Measure.objects.filter(_came_back(), status=Status.DRAFT, author=user).order_by("updated_at")


def _came_back():
    """Condition: the last step of the record was back to its author."""
    last = Change.objects.filter(measure=OuterRef("pk"), action__in=MOVING).order_by("-pk").values("action")[:1]
    came_back = Measure.objects.annotate(last_step=Subquery(last)).filter(last_step=Action.RETURNED)
    return Q(pk__in=came_back.order_by().values("pk"))


def _waiting(user):
    submitted = Change.objects.filter(measure=OuterRef("pk"), action=Action.SUBMITTED).order_by("-pk").values("at")[:1]
    return (
        Measure.objects.filter(status=Status.IN_REVIEW)
        .annotate(submitted_at=Subquery(submitted))
        .order_by(F("submitted_at").asc(nulls_first=True), "pk")
    )


def _proposed(user):
    return Measure.objects.filter(proposals__decision="open").distinct().order_by("updated_at")


def _broken(user):
    return Measure.objects.published().with_broken_sources().order_by("updated_at")


def _review_due(user):
    return Measure.objects.published().filter(review_by__lte=today()).order_by("review_by")


def _sunset(user):
    """Public measures that end within ``SUNSET_DAYS``, or have ended without an outcome that somebody verified."""
    ended = surely_by("ends_on", today() - datetime.timedelta(days=1))
    no_outcome = ~Q(pk__in=Measure.objects.filter(_has_outcome(), verified_on__isnull=False).order_by().values("pk"))
    ending = possibly_by("ends_on", today() + datetime.timedelta(days=SUNSET_DAYS)) & ~ended
    return Measure.objects.published().filter(ending | (ended & no_outcome)).order_by("-ends_on")


def _has_outcome():
    return Q(*((f"outcome_{language}__gt", "") for language in LANGUAGES), _connector=Q.OR)


EDIT = "practices.edit_any_measure"
QUEUES = {
    queue.name: queue
    for queue in (
        Queue("my-drafts", _("My drafts"), _("What you have begun and not submitted."), _drafts),
        Queue("returned", _("Came back to me"), _("A reviewer asks you to mend something."), _returned),
        Queue("review", _("Waiting for review"), _("Submitted drafts, those that wait longest first."), _waiting, EDIT),
        Queue(
            "proposed", _("Proposed revisions"), _("Readers see the old text until these are decided."), _proposed, EDIT
        ),
        Queue(
            "broken",
            _("Broken sources"),
            _("Public records with a source whose address no longer works."),
            _broken,
            EDIT,
        ),
        Queue(
            "review-due", _("Review due"), _("Public records past the day on which to look again."), _review_due, EDIT
        ),
        Queue(
            "sunset",
            _("Sunset watch"),
            _("Public measures that end within 30 days, or have ended without a checked outcome."),
            _sunset,
            EDIT,
        ),
    )
}


def queues_for(user):
    """The queues that ``user`` can work on."""
    return [queue for queue in QUEUES.values() if not queue.permission or user.has_perm(queue.permission)]
