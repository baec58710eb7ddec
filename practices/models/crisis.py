from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from practices.choices import CrisisKind
from practices.models.slugs import SlugField, SluggedModel
from practices.partial_dates import PartialDateField, not_before


class Crisis(SluggedModel):
    """What networks had to withstand: an epidemic, a storm, a war, an outage."""

    slug = SlugField(_("slug"), help_text=_("Stands in the crisis's public address."))
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=20, choices=CrisisKind)
    started_on = PartialDateField(_("started"))
    ended_on = PartialDateField(_("ended"), null=True, blank=True)
    description = models.TextField(_("description"), blank=True)

    class Meta:
        verbose_name = _("crisis")
        verbose_name_plural = _("crises")
        ordering = ["-started_on", "slug"]
        constraints = [
            models.CheckConstraint(
                condition=not_before("ended_on", "started_on"),
                name="crisis_end_not_before_start",
                violation_error_message=_("The end is before the start."),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("practices:crisis_detail", args=[self.slug])
