"""Where statements come from, and which measure rests on which source."""

from urllib.parse import urlsplit, urlunsplit

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from practices.choices import SourceKind, Status
from practices.partial_dates import PartialDateField
from practices.querysets import SourceQuerySet


def normalise_url(url):
    """``url`` as the catalogue keeps it: scheme and host in small letters, no fragment, no default port.

    The path and the query stay as they are, since servers tell them apart. What is no address at all stays too;
    validation refuses it.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip()
    host = parts.netloc.lower()
    default_port = {"http": ":80", "https": ":443"}.get(parts.scheme.lower(), "")
    if default_port:
        host = host.removesuffix(default_port)
    return urlunsplit((parts.scheme.lower(), host, parts.path or "/", parts.query, ""))


class Source(models.Model):
    """A public page or document that supports what a record says."""

    class CheckResult(models.TextChoices):
        LIVE = "live", _("live")
        MOVED = "moved", _("moved")
        GONE = "gone", _("gone")
        CHANGED = "changed", _("changed")
        UNREACHABLE = "unreachable", _("not reached")
        REFUSED = "refused", _("closed to programs")  # which does not say that people cannot read it

    DAYS_UNTIL_BROKEN = 3

    url = models.URLField(_("address"), max_length=1000, unique=True)
    title = models.CharField(
        _("title"), max_length=500, help_text=_("As published. In [brackets] where the page's own title was not seen.")
    )
    publisher = models.CharField(_("publisher"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=SourceKind)
    language = models.CharField(_("language"), max_length=10, help_text=_("ISO 639 code, for instance en or fr."))
    published_on = PartialDateField(_("published on"), null=True, blank=True)
    archived_url = models.URLField(_("address of an archived copy"), max_length=1000, blank=True)
    last_checked_at = models.DateTimeField(_("address last visited"), null=True, blank=True, editable=False)
    last_check_result = models.CharField(
        _("what the visit found"), max_length=20, choices=CheckResult, blank=True, editable=False
    )
    last_check_note = models.CharField(
        _("in words"), max_length=200, blank=True, editable=False, help_text=_("The status, or why there was none.")
    )
    days_unreachable = models.PositiveSmallIntegerField(
        _("days on which it was not reached"),
        default=0,
        editable=False,
        help_text=_("Days with a visit, one after the other; 0 as soon as it answers."),
    )
    last_working_at = models.DateTimeField(_("address last seen working"), null=True, blank=True, editable=False)
    moved_to = models.URLField(_("address that it leads to"), max_length=1000, blank=True, editable=False)
    content_digest = models.CharField(
        _("digest of the content"), max_length=64, blank=True, editable=False, help_text=_("SHA-256 of the last visit.")
    )
    VISIT_FIELDS = (
        *("last_checked_at", "last_check_result", "last_check_note", "days_unreachable"),
        *("last_working_at", "moved_to", "content_digest"),
    )

    objects = SourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["-published_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(last_check_result="") | models.Q(last_checked_at__isnull=False),
                name="source_check_result_dated",
            ),
        ]

    def __str__(self):
        return self.title

    def save(self, **kwargs):
        self.url = normalise_url(self.url)
        with transaction.atomic():  # with what others do on hearing of it
            super().save(**kwargs)

    def get_absolute_url(self):
        return reverse("practices:source_detail", args=[self.pk])

    def clean(self):
        self.url = normalise_url(self.url)

    @property
    def is_broken(self):
        """Whether readers should no longer be sent there: as ``SourceQuerySet.broken`` has it."""
        return self.last_check_result == self.CheckResult.GONE or self.days_unreachable >= self.DAYS_UNTIL_BROKEN

    def move(self, url):
        """Give it another address. What visits found was found at the old one. Saving is the caller's."""
        self.url = normalise_url(url)
        for name in self.VISIT_FIELDS:
            setattr(self, name, self._meta.get_field(name).get_default())

    @property
    def title_is_ours(self):
        """Whether the title was written by the compilers because the page's own was not seen."""
        return self.title.startswith("[") and self.title.endswith("]")


class Citation(models.Model):
    """A measure rests on a source. The last citation of a published measure cannot be removed."""

    measure = models.ForeignKey("practices.Measure", models.CASCADE, related_name="citations")
    source = models.ForeignKey(Source, models.PROTECT, verbose_name=_("source"), related_name="citations")
    locator = models.CharField(_("where in the source"), max_length=100, blank=True, help_text=_("Page or section."))
    note = models.CharField(_("what it supports"), max_length=300, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "source"],
                name="citation_unique",
                violation_error_message=_("This measure cites this source already."),
            ),
        ]

    def __str__(self):
        return str(self.source)


def keep_last_citation(sender, instance, origin, **kwargs):
    """Refuse to delete the last citations of a published measure, whoever asks (a post_delete receiver).

    The deletion's own transaction is undone. Only ``workflow.restore`` is let through, which deletes
    without an origin and puts citations back.
    """
    measure = instance.measure
    if origin is not None and measure.status == Status.PUBLISHED and not measure.citations.exists():
        raise ValidationError(
            _(
                "“%(measure)s” is published and would lose its last source. Add another source first, "
                "or withdraw the measure."
            ),
            code="last_citation",
            params={"measure": measure},
        )


models.signals.post_delete.connect(keep_last_citation, sender=Citation, dispatch_uid="keep_last_citation")
