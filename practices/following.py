"""Following a list by e-mail: asking, confirming, stopping, and the letters.

An address is asked whether it wants them (double opt-in). Each letter is sent once at most: it is marked before it is
handed to the mail server, and one whose process ended in between is not tried again.
"""

import datetime
import email.policy
import logging
import smtplib

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Q
from django.http import QueryDict
from django.tasks import task
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from practices import catalogue
from practices.catalogue import clauses
from practices.choices import Action
from practices.display import chip_words
from practices.filters import MeasureFilter
from practices.models import Change, Digest, Measure, Subscription
from practices.models.subscription import PERIODS

logger = logging.getLogger(__name__)

CONFIRM_WITHIN = datetime.timedelta(days=7)
ASK_AGAIN_AFTER = datetime.timedelta(hours=1)  # nobody is flooded with questions by a third person
LONGEST_LINE = 998  # characters, of a header (RFC 5322)
ATTEMPTS = 5  # of a letter that the mail server did not take for a passing reason
MOST = 50  # measures in a letter
CHANGING = (Action.CORRECTED, Action.RESTORED)
# A letter goes out in the same hour every day, though each run begins a little later or earlier than the last.
SLACK = datetime.timedelta(hours=1)

_confirmation, _stopping = signing.Signer(salt="follow-confirm"), signing.Signer(salt="follow-stop")


class NotSent(Exception):
    """The mail server did not take a letter that somebody waits for."""


class Letter(EmailMultiAlternatives):
    """Its headers are never folded: the address of List-Unsubscribe would be encoded, and no program would find it."""

    def message(self, *, policy=email.policy.SMTP):
        return super().message(policy=policy.clone(max_line_length=LONGEST_LINE))


def ask(address, query, *, language, frequency):
    """Note that somebody wants to follow a list, and send the question whether the address agrees.

    Nothing tells the asker whether the address is known. An address that was asked lately is not asked again.
    Raises ``NotSent`` where the mail server does not take the question; nothing is kept then, and the next try counts.
    """
    now = timezone.now()
    with transaction.atomic():
        wanted, is_new = Subscription.objects.select_for_update().get_or_create(
            email=address.lower(), query=query, defaults={"language": language, "frequency": frequency}
        )
        if not is_new and (wanted.confirmed_at or wanted.created_at > now - ASK_AGAIN_AFTER):
            return
        asked_lately = Subscription.objects.filter(
            email=wanted.email, confirmed_at__isnull=True, created_at__gt=now - ASK_AGAIN_AFTER
        ).exclude(pk=wanted.pk)
        if asked_lately.count() >= 3:
            wanted.delete()
            return
        wanted.language, wanted.frequency, wanted.created_at = language, frequency, now
        wanted.save()
    try:
        _send(
            wanted,
            _("Confirm that you want to follow a list"),
            "confirm",
            {"address": _address("practices:follow_confirm", token_of(wanted)), "days": CONFIRM_WITHIN.days},
        )
    except (smtplib.SMTPException, OSError) as error:
        logger.warning("The question to subscription %s was not taken by the mail server: %s", wanted.pk, error)
        wanted.delete()
        raise NotSent from error


def token_of(subscription, *, stopping=False):
    """What stands in the link that confirms a subscription, or stops it: nobody can guess it."""
    return (_stopping if stopping else _confirmation).sign(str(subscription.pk))


def subscription_of(token, *, stopping=False):
    """The subscription of a link; None where the link is none, is too old, or the subscription has gone."""
    try:
        pk = (_stopping if stopping else _confirmation).unsign(token)
    except signing.BadSignature:
        return None
    found = Subscription.objects.filter(pk=pk)
    if not stopping:
        fresh = Q(confirmed_at__isnull=False) | Q(created_at__gt=timezone.now() - CONFIRM_WITHIN)
        found = found.filter(fresh)
    return found.first()


def confirm(subscription):
    """The address agrees. Letters tell of what changes from now on."""
    if subscription.confirmed_at is None:
        subscription.confirmed_at = subscription.told_until = timezone.now()
        subscription.save()


def list_of(subscription):
    """The ``MeasureFilter`` of the list that is followed, in the language of the present."""
    return MeasureFilter(QueryDict(subscription.query.removeprefix("?")), catalogue.current())


def name_of(filterset):
    """What a list is called: what it is narrowed to."""
    return chip_words(filterset.chips) or _("all measures")


def plan_digests(now=None):
    """Queue a letter for each subscription whose turn it is, and again what an earlier run left. Returns how many."""
    now = now or timezone.now()
    Subscription.objects.filter(confirmed_at__isnull=True, created_at__lt=now - CONFIRM_WITHIN).delete()
    left = list(Digest.objects.filter(state=Digest.State.QUEUED).values_list("pk", flat=True))
    due = Q(pk__in=())
    for frequency, period in PERIODS.items():
        due |= Q(frequency=frequency, told_until__lte=now - period + SLACK)
    planned = [_plan(pk, now) for pk in Subscription.objects.active().filter(due).values_list("pk", flat=True)]
    digests = [*left, *filter(None, planned)]
    for pk in digests:
        send_digest.enqueue(pk)
    return len(digests)


def _plan(pk, now):
    with transaction.atomic():
        subscription = Subscription.objects.select_for_update().get(pk=pk)
        since, subscription.told_until = subscription.told_until, now
        subscription.save()
        if since >= now:
            return None  # another run has planned it
        return Digest.objects.create(subscription=subscription, since=since, until=now).pk


@task
def send_digest(pk):
    """Send the letter ``pk`` unless somebody else does or has; nothing is sent where nothing changed."""
    if not Digest.objects.filter(pk=pk, state=Digest.State.QUEUED).update(state=Digest.State.SENDING):
        return
    digest = Digest.objects.select_related("subscription").get(pk=pk)
    digest.attempts += 1
    try:
        digest.state = Digest.State.SENT
        _send_digest(digest)
    except smtplib.SMTPRecipientsRefused as error:
        if all(500 <= code < 600 for code, _reason in error.recipients.values()):
            logger.warning("Letters to subscription %s are refused for good; it is suspended.", digest.subscription_id)
            suspend(digest.subscription.email)
            digest.state = Digest.State.FAILED
        else:
            digest.state = _later(digest)
    except (smtplib.SMTPException, OSError) as error:
        logger.warning("Letter %s was not taken by the mail server: %s", pk, error)
        digest.state = _later(digest)
    digest.save()


def _later(digest):
    return Digest.State.QUEUED if digest.attempts < ATTEMPTS else Digest.State.FAILED


def suspend(address):
    """Send no more letters to an address that refuses them. Returns how many subscriptions that stops."""
    return Subscription.objects.active().filter(email=address.lower()).update(suspended_at=timezone.now())


def _send_digest(digest):
    subscription = digest.subscription
    with translation.override(subscription.language):
        filterset = list_of(subscription)
        new, corrected = changes_of(filterset, digest.since, digest.until)
        if not (new or corrected):
            return
        _send(
            subscription,
            _("What changed: %(list)s") % {"list": name_of(filterset)},
            "digest",
            {
                "list_name": name_of(filterset),
                "list_address": f"{settings.SITE_URL}{reverse('practices:measure_list')}{subscription.query}",
                "new": new[:MOST],
                "corrected": corrected[:MOST],
                "more": max(0, len(new) - MOST) + max(0, len(corrected) - MOST),
            },
            stop=_address("practices:follow_stop", token_of(subscription, stopping=True)),
        )


def changes_of(filterset, since, until):
    """What changed in a list from ``since`` to ``until``: the measures that are new, and those that were corrected.

    Two lists of public measures, the latest first; a corrected one has its public notes in ``notes``.
    """
    if not filterset.is_valid():
        return [], []
    published = Measure.objects.for_listing().filter(published_at__gt=since, published_at__lte=until)
    new = _selected(filterset, {measure.pk: measure for measure in published})
    changes = Change.objects.filter(action__in=CHANGING, at__gt=since, at__lte=until, version__isnull=False)
    notes = {}
    for measure, note in changes.exclude(measure__in=new).values_list("measure_id", "public_note"):
        notes.setdefault(measure, []).append(note)
    new, notes = list(new.values()), _selected(filterset, notes)
    corrected = list(Measure.objects.for_listing().filter(pk__in=notes).order_by("-updated_at"))
    for measure in corrected:
        measure.notes = list(filter(None, notes[measure.pk]))
    return sorted(new, key=lambda measure: measure.published_at, reverse=True), corrected


def _selected(filterset, by_measure):
    """Return what a dict has of the measures, its keys, that a ``MeasureFilter`` selects."""
    query = clauses.all_of(filterset.index_query(), clauses.with_ids(by_measure))
    ids = set(filterset.catalogue.ids(query, stop=len(by_measure)))
    return {pk: value for pk, value in by_measure.items() if pk in ids}


def _address(name, token):
    return f"{settings.SITE_URL}{reverse(name, args=[token])}"


def _send(subscription, subject, template, context, stop=None):
    """Send a letter in the language of the subscription, as text and as HTML."""
    with translation.override(subscription.language):
        context = context | {
            "subscription": subscription,
            "list_name": context.get("list_name") or name_of(list_of(subscription)),
            "site_url": settings.SITE_URL,
            "operator_name": settings.OPERATOR_NAME,
            "stop": stop,
            "language": subscription.language,
        }
        headers = {"Auto-Submitted": "auto-generated"}
        if stop:  # RFC 8058
            headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        letter = Letter(
            " ".join(str(subject).split())[:200],
            render_to_string(f"practices/mail/{template}.txt", context),
            to=[subscription.email],
            headers=headers,
        )
        letter.attach_alternative(render_to_string(f"practices/mail/{template}.html", context), "text/html")
        letter.send()
