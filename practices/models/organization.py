from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from countries.models import Country
from practices.choices import OrganizationKind
from practices.models.slugs import SlugField, SluggedModel
from practices.querysets import OrganizationQuerySet


class Organization(SluggedModel):
    """Somebody who acts in a crisis: a regulator, a ministry, an operator, an international body."""

    slug = SlugField(_("slug"), help_text=_("Stands in the organization's public address."))
    name = models.CharField(_("name"), max_length=200)
    acronym = models.CharField(_("acronym"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=30, choices=OrganizationKind)
    country = models.ForeignKey(
        Country,
        models.PROTECT,
        verbose_name=_("country"),
        null=True,
        blank=True,
        related_name="organizations",
        help_text=_("Empty for an international body."),
    )
    regulator_of = models.OneToOneField(
        Country,
        models.PROTECT,
        verbose_name=_("regulator of"),
        null=True,
        blank=True,
        related_name="regulator",
        help_text=_("The country whose telecommunications regulator this is; the country's page says so."),
    )
    url = models.URLField(_("website"), max_length=500, blank=True)
    url_seen = models.BooleanField(
        _("website seen in a source"), default=False, help_text=_("No: the address is from general knowledge.")
    )

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["name", "slug"]

    def __str__(self):
        return f"{self.name} ({self.acronym})" if self.acronym and self.acronym not in self.name else self.name

    def get_absolute_url(self):
        return reverse("practices:organization_detail", args=[self.slug])
