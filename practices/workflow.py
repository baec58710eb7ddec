"""Every step of a record's life: the only code that writes a measure's status.

Each function is one transaction, leaves one ``Change`` with the versions of the whole record, and raises
``WorkflowError`` with nothing written where the step is not allowed.
"""

from contextlib import contextmanager
from itertools import takewhile

import reversion
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from reversion.errors import RevertError

from practices import versions
from practices.choices import Action, Status
from practices.content import content_at, content_of, create, store
from practices.models import CatalogueVersion, Change, Measure, Proposal
from practices.querysets import today

# Where a record stands. Only the functions below write these fields.
STANDING = ("status", "published_at", "withdrawn_at", "withdrawal_reason", "verified_on", "verified_by_id")

# Where each step starts.
STARTS = {
    "submit": {Status.DRAFT},
    "return_to_author": {Status.IN_REVIEW},
    "publish": {Status.DRAFT, Status.IN_REVIEW, Status.WITHDRAWN},
    "verify": {Status.PUBLISHED},
    "withdraw": {Status.PUBLISHED},
}

# These change what a record says: what was checked against the sources is no longer what it says.
UNVERIFYING = {Action.EDITED, Action.CORRECTED, Action.RESTORED}
WRITING = {Action.CREATED, *UNVERIFYING}


class WorkflowError(Exception):
    """A step that is not allowed. ``problems`` are sentences that say why, one for each thing to mend."""

    def __init__(self, problems):
        self.problems = list(problems)
        super().__init__(" ".join(self.problems))


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
        standing = lock(measure)
        if based_on is not None:
            _require_newest(measure, based_on)
        yield measure
        if measure.status == Status.PUBLISHED and (missing := missing_for_publication(measure)):
            raise WorkflowError(missing.values())
        if action in UNVERIFYING:
            measure.verified_on = measure.verified_by = None
        measure.updated_at = now = timezone.now()
        measure.save()
        reversion.add_to_revision(measure)
        is_seen = _is_seen(standing, measure)
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


def lock(measure):
    """Let this transaction be the only one that changes ``measure`` until it ends.

    Where the record stands is taken from the database, and returned as a dict of ``STANDING``.
    """
    CatalogueVersion.lock()
    standing = _standing(measure)
    _set(measure, standing)
    return standing


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


def create_published(contents, *, reason=""):
    """New measures that say ``contents``, public at once: those of a file. Returns them, in order.

    Each has its change, its versions and its number of the catalogue, as from ``publish``, written for all at once.
    """
    with transaction.atomic():
        CatalogueVersion.lock()
        now = timezone.now()
        measures = create(contents, status=Status.PUBLISHED, published_at=now, updated_at=now)
        last = CatalogueVersion.advance(len(measures))
        numbers = range(last - len(measures) + 1, last + 1)
        _keep_changes(measures, by=None, at=now, action=Action.PUBLISHED, reason=reason, numbers=numbers)
        for measure in measures:  # with what its versions were made from, so that the database is not asked again
            if missing := missing_for_publication(measure):
                raise WorkflowError(missing.values())
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
    """What ``measure`` still lacks before it may be public: a sentence by the field that it is about.

    A type and a scope are not asked for: no record can be saved without.
    """
    missing = {}
    if not measure.title:
        missing["title"] = _("Title: write one line that says who did what.")
    if not measure.summary:
        missing["summary"] = _("Summary: say what was done, as the sources have it.")
    if not measure.countries.exists() and not measure.areas.exists():
        missing["countries"] = _("Countries: name at least one country, or the area that the measure covers.")
    if not measure.citations.exists():
        missing["citations"] = _("Sources: cite at least one public source; nothing is published without.")
    return missing


def obstacles(measure, *, by):
    """Why ``by`` cannot publish ``measure`` as it is: what it lacks, and "author" where somebody else has to.

    With ``SECOND_PERSON`` who wrote a record alone does not publish it.
    """
    found = missing_for_publication(measure)
    if settings.SECOND_PERSON and by is not None and writers(measure) == {by.pk}:
        found["author"] = _("You wrote this record alone, so somebody else has to publish it.")
    return found


def submit(measure, *, by, reason="", based_on=None):
    """A draft goes to review."""
    _move(measure, "submit", Status.IN_REVIEW, by=by, action=Action.SUBMITTED, reason=reason, based_on=based_on)


def return_to_author(measure, *, by, reason, based_on=None):
    """A record in review goes back to its author, who is told why."""
    if not reason.strip():
        raise WorkflowError([_("Reason: tell the author what to mend.")])
    _move(measure, "return_to_author", Status.DRAFT, by=by, action=Action.RETURNED, reason=reason, based_on=based_on)


def publish(measure, *, by, reason="", public_note="", based_on=None):
    """A record becomes public, for the first time or again after a withdrawal, unless there are ``obstacles``."""

    def stamp():
        if found := obstacles(measure, by=by):
            raise WorkflowError(found.values())
        measure.published_at = measure.published_at or timezone.now()
        measure.withdrawn_at, measure.withdrawal_reason = None, ""

    _move(
        measure,
        "publish",
        Status.PUBLISHED,
        by=by,
        action=Action.PUBLISHED,
        reason=reason,
        public_note=public_note,
        based_on=based_on,
        stamp=stamp,
    )


def withdraw(measure, *, by, reason, based_on=None):
    """A public record leaves public view. It is kept, with the reason."""
    if not reason.strip():
        raise WorkflowError([_("Reason: say why the record is withdrawn; it is kept with the record.")])

    def stamp():
        measure.withdrawn_at, measure.withdrawal_reason = timezone.now(), reason

    _move(
        measure,
        "withdraw",
        Status.WITHDRAWN,
        by=by,
        action=Action.WITHDRAWN,
        reason=reason,
        based_on=based_on,
        stamp=stamp,
    )


def verify(measure, *, by, based_on=None):
    """Somebody checked a public record against its sources today."""
    with change(measure, by=by, action=Action.VERIFIED, based_on=based_on):
        if measure.status not in STARTS["verify"]:
            raise WorkflowError([_("Only a published record can be marked as verified.")])
        measure.verified_on, measure.verified_by = today(), by


def restore(measure, version_of, *, by, reason="", public_note="", based_on=None):
    """Put ``measure`` back as it was after the change ``version_of``: text, citations, bands and tags.

    Its status stays as it is, since only the other steps of this module write that. What readers have never seen
    is proposed instead where ``SECOND_PERSON`` asks for somebody else.
    """
    if version_of.measure_id != measure.pk:
        raise WorkflowError([_("This version belongs to another record.")])
    with transaction.atomic():
        standing = lock(measure)
        if measure.status == Status.PUBLISHED and not may_return_alone(version_of):
            raise WorkflowError([_("Readers have never seen this version, so propose it; somebody else accepts it.")])
        try:
            version_of.revision.revert(delete=True)
        except RevertError:
            raise WorkflowError(
                [_("This version cannot be restored: its address, or a record that it names, has changed since.")]
            ) from None
        measure.refresh_from_db()
        with change(measure, by=by, action=Action.RESTORED, reason=reason, public_note=public_note, based_on=based_on):
            _set(measure, standing)


def may_return_alone(version_of):
    """Whether one person may put a public record back to ``version_of``: readers have had it before."""
    return version_of.version is not None or not settings.SECOND_PERSON


def writers(measure):
    """The ids of who has written ``measure`` since it was last published; {None} for a load from files."""
    since = takewhile(lambda change: change.action != Action.PUBLISHED, measure.changes.all())
    return {change.by_id for change in since if change.action in WRITING}


def propose(measure, content, *, by, based_on, public_note):
    """Propose that a public record says ``content`` (``practices.content``) instead. Returns the ``Proposal``.

    Readers keep the old text. ``based_on`` is the id of the change that the writer has seen. Of ``measure`` no
    more counts than which record it is: a copy on which somebody has written is welcome.
    """
    if not public_note.strip():
        raise WorkflowError([_("Public note: say in a sentence what is corrected; readers will see it.")])
    with transaction.atomic():
        lock(measure)
        if measure.status != Status.PUBLISHED:
            raise WorkflowError([_("Only a published record has proposed revisions; others are edited as they are.")])
        newest = _require_newest(measure, based_on)
        if measure.proposals.filter(by=by, decision=Proposal.Decision.OPEN).exists():
            raise WorkflowError([_("You have proposed a revision of this record already; it is still open.")])
        public = content_of(Measure.objects.get(pk=measure.pk))
        if public | content == public:
            raise WorkflowError([_("Nothing was changed, so there is nothing to propose.")])
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


def take_back(proposal, *, by):
    """Who proposed a revision no longer does."""
    if proposal.by_id != by.pk:
        raise WorkflowError([_("Only who proposed a revision takes it back.")])
    with transaction.atomic():
        _decide(proposal, Proposal.Decision.TAKEN_BACK, by=by)


def rebase(proposal, *, by):
    """Have a revision of a text that is no longer the last say what it changed, and else what the record says now.

    Where the record has changed in the same field, the revision's words stay: who decides on it sees them beside
    the public ones. A comment on the record keeps who did this.
    """
    with transaction.atomic():
        CatalogueVersion.lock()
        _require_open(proposal)
        measure = Measure.objects.get(pk=proposal.measure_id)
        base = content_at(proposal.based_on)
        changed = {name: value for name, value in proposal.content.items() if base.get(name) != value}
        proposal.content, proposal.based_on = content_of(measure) | changed, measure.changes.first()
        proposal.save()
        measure.comments.create(
            by=by, text=_("Based the revision that %(name)s proposed on the present text.") % {"name": proposal.by}
        )


def _keep_changes(measures, *, by, at, action, reason="", numbers=None):
    """A change and the versions of each of ``measures``. ``numbers`` are the catalogue's, where readers see them."""
    revisions, numbers = versions.keep(measures, by=by, at=at), numbers or [None] * len(measures)
    Change.objects.bulk_create(
        Change(revision=revision, measure=measure, by=by, at=at, action=action, reason=reason, version=number)
        for revision, measure, number in zip(revisions, measures, numbers, strict=True)
    )


def _require_newest(measure, based_on):
    """The last change of ``measure``, which ``based_on`` is the id of; else ``StaleError``."""
    newest = measure.changes.first()
    if newest is not None and newest.pk != based_on:
        raise StaleError(newest)
    return newest


def _require_open(proposal):
    """Refuse what was decided or based anew since ``proposal`` was read; lock it until the transaction ends."""
    stored = Proposal.objects.select_for_update().get(pk=proposal.pk)
    if stored.decision != Proposal.Decision.OPEN:
        raise WorkflowError([_("This revision has been decided already.")])
    if stored.based_on_id != proposal.based_on_id:
        raise WorkflowError([_("This revision has been based on a later text meanwhile. Look at it again.")])


def _decide(proposal, decision, *, by, reason=""):
    _require_open(proposal)
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


def _move(measure, step, to_status, *, by, action, reason="", public_note="", based_on=None, stamp=lambda: None):
    with change(measure, by=by, action=action, reason=reason, public_note=public_note, based_on=based_on):
        if measure.status not in STARTS[step]:
            raise WorkflowError(
                [
                    _("This record is “%(now)s”, so it cannot become “%(then)s”.")
                    % {"now": Status(measure.status).label, "then": to_status.label}
                ]
            )
        stamp()
        measure.status = to_status
