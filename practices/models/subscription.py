"""Who is told by e-mail when a list changes."""

import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Frequency(models.TextChoices):
    DAILY = "daily", _("Every day on which something changed")
    WEEKLY = "weekly", _("Once a week, if something changed")


PERIODS = {Frequency.DAILY: datetime.timedelta(days=1), Frequency.WEEKLY: datetime.timedelta(days=7)}


class SubscriptionQuerySet(models.QuerySet):
    def active(self):
        """Those that are confirmed, and whose address takes letters."""
        return self.filter(confirmed_at__isnull=False, suspended_at__isnull=True)


class Subscription(models.Model):
    """Somebody wants to be told when a list changes. It counts once its address is confirmed.

    ``query`` is the list's query string, as ``MeasureFilter.address`` writes it. Whoever stops is deleted.
    """

    email = models.EmailField(_("e-mail address"))
    query = models.CharField(_("list"), max_length=1000, blank=True)
    language = models.CharField(_("language"), max_length=10)
    frequency = models.CharField(_("how often"), max_length=10, choices=Frequency)
    created_at = models.DateTimeField(_("asked for"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed"), null=True, blank=True)
    told_until = models.DateTimeField(_("told of changes until"), null=True, blank=True)
    suspended_at = models.DateTimeField(_("address refused letters"), null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [models.UniqueConstraint("email", "query", name="subscription_unique")]

    def __str__(self):
        return f"{self.email}: {self.query or '?'}"


class Digest(models.Model):
    """A letter about what changed in a list from ``since`` to ``until``. Sent once at most.

    One that was being sent when its process ended stays so: nobody knows whether it went out.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Being sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Given up")

    subscription = models.ForeignKey(Subscription, models.CASCADE, related_name="digests")
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)

    class Meta:
        verbose_name = _("digest")
        verbose_name_plural = _("digests")
        constraints = [models.UniqueConstraint(fields=["subscription", "since"], name="digest_once")]

    def __str__(self):
        return f"{self.subscription}, {self.until:%Y-%m-%d}"
