"""Every step of a record's life: the only code that writes a measure's status.

Each function is one transaction, leaves one ``Change`` with the versions of the whole record, and raises
``WorkflowError`` with nothing written where the step is not allowed.
"""

from contextlib import contextmanager

import reversion
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from reversion.errors import RevertError

from practices import search, versions
from practices.choices import Action, Status
from practices.content import create, store
from practices.models import CatalogueVersion, Change, Measure, Proposal
from practices.querysets import today

# Where a record stands. Only the functions below write these fields.
STANDING = ("status", "published_at", "withdrawn_at", "withdrawal_reason", "verified_on", "verified_by_id")


# These change what a record says: what was checked against the sources is no longer what it says.
UNVERIFYING = {Action.EDITED, Action.CORRECTED, Action.RESTORED}
WRITING = {Action.CREATED, *UNVERIFYING}


class WorkflowError(Exception):
    """A step that is not allowed. ``problems`` are sentences that say why, one for each thing to mend."""

    def __init__(self, problems):
        super().__init__(" ".join(problems))
        self.problems = problems


class StaleError(WorkflowError):
    """Somebody else changed the record meanwhile. ``newest`` is the last ``Change``."""

    def __init__(self, newest):
        super().__init__([_("The record has changed since you opened it, so nothing was saved.")])
        self.newest = newest


@contextmanager
def change(measure, *, by, action, reason="", public_note="", based_on=None):
    """Record what the block does to ``measure``, its citations, bands and tags as one change.

    ``by`` is the user, or None for a load from files. Nothing is kept if the block raises, or if it
    leaves a public record without what publication asks for. The row is locked, and where the record
    stands is taken from it: a copy that was read earlier undoes no step. A record that says something
    else than before is no longer verified. ``based_on`` is the id of the change that the writer has seen:
    ``StaleError`` where it is not the last one.
    """
    with transaction.atomic(), reversion.create_revision(manage_manually=True):
        CatalogueVersion.lock()
        _set(measure, standing := _standing(measure))
        if based_on is not None:
            _require_newest(measure, based_on)
        yield measure
        if measure.status == Status.PUBLISHED and (problems := missing_for_publication(measure)):
            raise WorkflowError(problems)
        if action in UNVERIFYING:
            measure.verified_on = measure.verified_by = None
        measure.updated_at = now = timezone.now()
        measure.save()
        reversion.add_to_revision(measure)
        if is_seen := _is_seen(standing, measure):
            search.keep([measure.pk])
        reversion.add_meta(
            Change,
            measure=measure,
            by=by,
            at=now,
            action=action,
            reason=reason,
            public_note=public_note,
            version=CatalogueVersion.advance() if is_seen else None,
        )
        if by is not None:
            reversion.set_user(by)


def create_drafts(contents, *, by, reason=""):
    """New drafts that say ``contents`` (``practices.content``), as many as a file may have. Returns them, in order.

    Each has its change and its versions, as from ``change``, written for all at once.
    """
    with transaction.atomic():
        CatalogueVersion.lock()
        now = timezone.now()
        measures = create(contents, author=by, updated_at=now)
        _keep_changes(measures, by=by, at=now, action=Action.CREATED, reason=reason)
    return measures


def edit_drafts(edits, *, by):
    """Have records that readers do not see say something else, many at once.

    ``edits`` are triples of a measure, the fields of its content that change, and the id of the change that the
    writer has seen. Each gets its change and its versions, as from ``change``.
    """
    with transaction.atomic():
        CatalogueVersion.lock()
        now, measures = timezone.now(), [measure for measure, _content, _based_on in edits]
        newest = dict(Change.objects.filter(measure__in=measures).order_by("at", "pk").values_list("measure", "pk"))
        for measure, content, based_on in edits:
            if newest.get(measure.pk) != based_on:
                raise StaleError(Change.objects.get(pk=newest[measure.pk]))
            if measure.status == Status.PUBLISHED:
                raise WorkflowError([_("A published record is corrected, or a revision of it proposed.")])
            measure.verified_on, measure.verified_by, measure.updated_at = None, None, now
            store(measure, content)
        _keep_changes(measures, by=by, at=now, action=Action.EDITED)


def missing_for_publication(measure):
    """What ``measure`` still lacks before it may be public: sentences, none when it is ready."""
    problems = []
    if not measure.title:
        problems.append(_("Title: write one line that says who did what."))
    if not measure.summary:
        problems.append(_("Summary: say what was done, as the sources have it."))
    if not measure.countries.exists() and not measure.areas.exists():
        problems.append(_("Countries: name at least one country, or the area that the measure covers."))
    if not measure.citations.exists():
        problems.append(_("Sources: cite at least one public source; nothing is published without."))
    return problems


def submit(measure, *, by, reason=""):
    """A draft goes to review."""
    _move(measure, {Status.DRAFT}, Status.IN_REVIEW, by=by, action=Action.SUBMITTED, reason=reason)


def return_to_author(measure, *, by, reason):
    """A record in review goes back to its author, who is told why."""
    if not reason.strip():
        raise WorkflowError([_("Reason: tell the author what to mend.")])
    _move(measure, {Status.IN_REVIEW}, Status.DRAFT, by=by, action=Action.RETURNED, reason=reason)


def publish(measure, *, by, reason="", public_note=""):
    """A record becomes public, for the first time or again after a withdrawal.

    With ``SECOND_PERSON`` somebody else than who wrote it has to, where one person alone did.
    """

    def stamp():
        if settings.SECOND_PERSON and by is not None and writers(measure) == {by.pk}:
            raise WorkflowError([_("You wrote this record alone, so somebody else has to publish it.")])
        measure.published_at = measure.published_at or timezone.now()
        measure.withdrawn_at, measure.withdrawal_reason = None, ""

    _move(
        measure,
        {Status.DRAFT, Status.IN_REVIEW, Status.WITHDRAWN},
        Status.PUBLISHED,
        by=by,
        action=Action.PUBLISHED,
        reason=reason,
        public_note=public_note,
        stamp=stamp,
    )


def withdraw(measure, *, by, reason):
    """A public record leaves public view. It is kept, with the reason."""
    if not reason.strip():
        raise WorkflowError([_("Reason: say why the record is withdrawn; it is kept with the record.")])

    def stamp():
        measure.withdrawn_at, measure.withdrawal_reason = timezone.now(), reason

    _move(measure, {Status.PUBLISHED}, Status.WITHDRAWN, by=by, action=Action.WITHDRAWN, reason=reason, stamp=stamp)


def verify(measure, *, by):
    """Somebody checked a public record against its sources today."""
    with change(measure, by=by, action=Action.VERIFIED):
        if measure.status != Status.PUBLISHED:
            raise WorkflowError([_("Only a published record can be marked as verified.")])
        measure.verified_on, measure.verified_by = today(), by


def restore(measure, version_of, *, by, reason=""):
    """Put ``measure`` back as it was after the change ``version_of``: text, citations, bands and tags.

    Its status stays as it is, since only the other steps of this module write that.
    """
    if version_of.measure_id != measure.pk:
        raise WorkflowError([_("This version belongs to another record.")])
    with transaction.atomic():
        CatalogueVersion.lock()
        standing = _standing(measure)
        try:
            version_of.revision.revert(delete=True)
        except RevertError:
            raise WorkflowError(
                [_("This version cannot be restored: its address, or a record that it names, has changed since.")]
            ) from None
        measure.refresh_from_db()
        with change(measure, by=by, action=Action.RESTORED, reason=reason):
            _set(measure, standing)


def writers(measure):
    """The ids of who has written ``measure`` since it was last published; {None} for a load from files."""
    changes = measure.changes.filter(action__in=WRITING)
    if published := measure.changes.filter(action=Action.PUBLISHED).first():
        changes = changes.filter(pk__gt=published.pk)
    return set(changes.order_by().values_list("by", flat=True))


def propose(measure, content, *, by, based_on, public_note):
    """Propose that a public record says ``content`` (``practices.content``) instead. Returns the ``Proposal``.

    Readers keep the old text. ``based_on`` is the id of the change that the writer has seen.
    """
    if not public_note.strip():
        raise WorkflowError([_("Public note: say in a sentence what is corrected; readers will see it.")])
    with transaction.atomic():
        CatalogueVersion.lock()
        _set(measure, _standing(measure))
        if measure.status != Status.PUBLISHED:
            raise WorkflowError([_("Only a published record has proposed revisions; others are edited as they are.")])
        newest = _require_newest(measure, based_on)
        if measure.proposals.filter(by=by, decision=Proposal.Decision.OPEN).exists():
            raise WorkflowError([_("You have proposed a revision of this record already; it is still open.")])
        return measure.proposals.create(
            based_on=newest, content=content, public_note=public_note, by=by, at=timezone.now()
        )


def accept(proposal, *, by):
    """The public record says from now on what was proposed.

    Refused where the record has changed since: what came later would be undone.
    """
    measure = proposal.measure
    with transaction.atomic():
        CatalogueVersion.lock()
        _decide(proposal, Proposal.Decision.ACCEPTED, by=by)
        if settings.SECOND_PERSON and proposal.by_id == by.pk:
            raise WorkflowError([_("You wrote this revision yourself, so somebody else has to accept it.")])
        try:
            with change(
                measure,
                by=by,
                action=Action.CORRECTED,
                reason=_("Proposed by %(name)s.") % {"name": proposal.by},
                public_note=proposal.public_note,
                based_on=proposal.based_on_id,
            ):
                if measure.status != Status.PUBLISHED:
                    raise WorkflowError([_("The record is no longer public.")])
                store(measure, proposal.content)
        except ValidationError as error:  # it would lose its last source
            raise WorkflowError(error.messages) from None
        except IntegrityError:
            raise WorkflowError([_("A record that the revision names has been deleted since.")]) from None


def decline(proposal, *, by, reason):
    """The record stays as it is; who proposed something else is told why."""
    if not reason.strip():
        raise WorkflowError([_("Reason: tell who proposed it why the record stays as it is.")])
    with transaction.atomic():
        _decide(proposal, Proposal.Decision.DECLINED, by=by, reason=reason)


def _keep_changes(measures, *, by, at, action, reason=""):
    Change.objects.bulk_create(
        Change(revision=revision, measure=measure, by=by, at=at, action=action, reason=reason)
        for revision, measure in zip(versions.keep(measures, by=by, at=at), measures, strict=True)
    )


def _require_newest(measure, based_on):
    """The last change of ``measure``, which ``based_on`` is the id of; else ``StaleError``."""
    newest = measure.changes.first()
    if newest is not None and newest.pk != based_on:
        raise StaleError(newest)
    return newest


def _decide(proposal, decision, *, by, reason=""):
    if Proposal.objects.select_for_update().get(pk=proposal.pk).decision != Proposal.Decision.OPEN:
        raise WorkflowError([_("This revision has been decided already.")])
    proposal.decision, proposal.decided_by, proposal.decided_at, proposal.reason = decision, by, timezone.now(), reason
    proposal.save()


def _standing(measure):
    """Where the record stands in the database, its row locked until the transaction ends."""
    return Measure.objects.select_for_update().values(*STANDING).get(pk=measure.pk)


def _is_seen(standing, measure):
    """Whether readers see something of a change: the record was public before it, or is after it."""
    return Status.PUBLISHED in (standing["status"], measure.status)


def _set(measure, fields):
    for name, value in fields.items():
        setattr(measure, name, value)


def _move(measure, from_statuses, to_status, *, by, action, reason="", public_note="", stamp=lambda: None):
    with change(measure, by=by, action=action, reason=reason, public_note=public_note):
        if measure.status not in from_statuses:
            raise WorkflowError(
                [
                    _("This record is “%(now)s”, so it cannot become “%(then)s”.")
                    % {"now": Status(measure.status).label, "then": to_status.label}
                ]
            )
        stamp()
        measure.status = to_status
