"""Measures: what somebody did in a crisis to keep networks up and people connected."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from countries.models import Country, Group
from practices.choices import LegalNature, Scope, SpectrumRole, Status
from practices.models.codebook import Beneficiary, MeasureType
from practices.models.crisis import Crisis
from practices.models.organization import Organization
from practices.models.slugs import SlugField, SluggedModel
from practices.models.source import Source
from practices.models.tags import TaggedMeasure
from practices.partial_dates import PartialDateField, not_before
from practices.querysets import MeasureQuerySet


class Measure(SluggedModel):
    """One actor, or several together, doing one kind of thing in a crisis.

    Dates are as precise as the sources and empty where they do not say. Whether the measure applies
    today (``practices.state``) and how well it is sourced are derived, never stored.
    """

    slug = SlugField(
        _("slug"), help_text=_("Stands in the record's public address; renaming it keeps the old address working.")
    )
    title = models.CharField(_("title"), max_length=200, help_text=_("Who did what, in one line and in plain words."))
    summary = models.TextField(
        _("summary"), help_text=_("What was done, by whom, for whom and on what terms. Only what the sources say.")
    )
    outcome = models.TextField(_("outcome"), blank=True, help_text=_("What came of it. Empty where no source says."))

    countries = models.ManyToManyField(Country, verbose_name=_("countries"), blank=True, related_name="measures")
    areas = models.ManyToManyField(
        Group,
        verbose_name=_("areas"),
        blank=True,
        related_name="measures",
        help_text=_("For what a whole region did. It shows on the page of each member, marked as regional."),
    )
    scope = models.CharField(_("scope"), max_length=20, choices=Scope)
    crisis = models.ForeignKey(Crisis, models.PROTECT, verbose_name=_("crisis"), related_name="measures")
    measure_type = models.ForeignKey(
        MeasureType, models.PROTECT, verbose_name=_("measure type"), related_name="measures"
    )
    organizations = models.ManyToManyField(
        Organization, verbose_name=_("organizations"), blank=True, related_name="measures"
    )
    legal_nature = models.CharField(_("legal nature"), max_length=20, choices=LegalNature, blank=True)
    beneficiaries = models.ManyToManyField(
        Beneficiary, verbose_name=_("beneficiaries"), blank=True, related_name="measures"
    )

    announced_on = PartialDateField(_("announced"), null=True, blank=True)
    starts_on = PartialDateField(_("starts"), null=True, blank=True)
    ends_on = PartialDateField(_("ends"), null=True, blank=True, help_text=_("The last day on which it applies."))
    review_by = models.DateField(
        _("review by"), null=True, blank=True, help_text=_("The desk lists the record from this day on.")
    )
    confirmed_in_force_on = models.DateField(
        _("confirmed in force on"),
        null=True,
        blank=True,
        help_text=_("The day on which you saw that it applies. Readers see it as in force until the review date."),
    )

    tags = TaggableManager(through=TaggedMeasure, blank=True)
    sources = models.ManyToManyField(Source, through="practices.Citation", related_name="measures")

    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.DRAFT, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    withdrawal_reason = models.TextField(_("reason for the withdrawal"), blank=True, editable=False)
    verified_on = models.DateField(_("verified on"), null=True, blank=True, editable=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("verified by"),
        null=True,
        blank=True,
        related_name="+",
        editable=False,
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("author"),
        null=True,
        blank=True,
        related_name="+",
        editable=False,
        help_text=_("Who wrote it first; empty for a load from files."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("last changed"), editable=False)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        ordering = [F("announced_on").desc(nulls_last=True), "-pk"]
        permissions = [
            ("edit_any_measure", "Can edit what others wrote, and return it to them"),
            ("publish_measure", "Can publish, verify and withdraw measures"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=not_before("ends_on", "starts_on"),
                name="measure_end_not_before_start",
                violation_error_message=_("The measure ends before it starts."),
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="measure_status_known"),
            models.CheckConstraint(condition=Q(scope__in=Scope.values), name="measure_scope_known"),
            models.CheckConstraint(
                condition=~Q(status=Status.PUBLISHED) | Q(published_at__isnull=False),
                name="measure_published_has_published_at",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.WITHDRAWN) | (Q(withdrawn_at__isnull=False) & ~Q(withdrawal_reason="")),
                name="measure_withdrawn_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | Q(verified_on__isnull=False), name="measure_verified_is_dated"
            ),
            models.CheckConstraint(
                # A check that comes out as NULL holds, so a review date that is not there has to be asked for.
                condition=Q(confirmed_in_force_on__isnull=True)
                | Q(review_by__isnull=False, review_by__gte=F("confirmed_in_force_on")),
                name="measure_confirmation_has_review_date",
                violation_error_message=_(
                    "Review by: a confirmation needs the day, not before it, on which it is checked again."
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["status", "announced_on"], name="measure_status_announced"),
            models.Index(fields=["status", "updated_at"], name="measure_status_updated"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("practices:measure_detail", args=[self.slug])


def keep_published_measures(sender, instance, **kwargs):
    """Refuse to delete a measure that was ever public (a pre_delete receiver). Withdrawing keeps the record."""
    if instance.published_at:
        raise ValidationError(
            _("“%(measure)s” has been published, and nothing published is ever deleted. Withdraw it instead."),
            code="published",
            params={"measure": instance},
        )


models.signals.pre_delete.connect(keep_published_measures, sender=Measure, dispatch_uid="keep_published_measures")


def keep_what_is_used(sender, instance, **kwargs):
    """Refuse to delete what a measure names (a pre_delete receiver); a foreign key would refuse by itself."""
    relation = {Beneficiary: "beneficiaries", Country: "countries", Group: "areas", Organization: "organizations"}[
        sender
    ]
    measures = set(Measure.objects.filter(**{relation: instance}))
    if measures:
        raise models.ProtectedError(f"“{instance}” is used by {len(measures)} measures.", measures)


for model in (Beneficiary, Country, Group, Organization):
    models.signals.pre_delete.connect(keep_what_is_used, sender=model, dispatch_uid=f"keep_used_{model.__name__}")


class SpectrumBand(models.Model):
    """Frequencies that a measure grants, extends, shares or is about."""

    measure = models.ForeignKey(Measure, models.CASCADE, related_name="bands")
    role = models.CharField(_("role"), max_length=20, choices=SpectrumRole)
    label = models.CharField(_("band"), max_length=60, help_text=_("As the source has it, for instance 700 MHz."))
    bandwidth = models.CharField(_("bandwidth"), max_length=100, blank=True, help_text=_("As the source has it."))
    holder = models.CharField(_("holder"), max_length=200, blank=True)
    terms = models.TextField(_("terms"), blank=True)
    starts_on = PartialDateField(_("starts"), null=True, blank=True)
    ends_on = PartialDateField(_("ends"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("spectrum band")
        verbose_name_plural = _("spectrum bands")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=SpectrumRole.values), name="band_role_known"),
            models.CheckConstraint(
                condition=not_before("ends_on", "starts_on"),
                name="band_end_not_before_start",
                violation_error_message=_("The grant ends before it starts."),
            ),
        ]

    def __str__(self):
        return self.label


class SpectrumRange(models.Model):
    """Edges of a band in MHz. Nominal ones are not the source's: they come from ``data/bands.json``."""

    band = models.ForeignKey(SpectrumBand, models.CASCADE, related_name="ranges")
    lower_mhz = models.DecimalField(_("lower edge, MHz"), max_digits=10, decimal_places=3)
    upper_mhz = models.DecimalField(_("upper edge, MHz"), max_digits=10, decimal_places=3)
    nominal = models.BooleanField(_("nominal"), default=False)
    basis = models.CharField(_("where the edges come from"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("frequency range")
        verbose_name_plural = _("frequency ranges")
        ordering = ["lower_mhz"]
        constraints = [
            models.CheckConstraint(
                condition=Q(lower_mhz__gt=0, upper_mhz__gt=F("lower_mhz")),
                name="range_upper_above_lower",
                violation_error_message=_("The upper edge must be above the lower one, and both above 0 MHz."),
            ),
            models.CheckConstraint(
                condition=Q(nominal=False) | ~Q(basis=""),
                name="range_nominal_has_basis",
                violation_error_message=_("A nominal range must say where its edges come from."),
            ),
        ]

    def __str__(self):
        return f"{self.lower_mhz.normalize():f}–{self.upper_mhz.normalize():f} MHz"
