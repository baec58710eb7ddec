"""Countries, territories and groups of countries: reference data that the catalogue points at."""

from django.core.validators import RegexValidator
from django.db import models, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from countries.choices import GroupKind, IncomeGroup, ItuRegion, ItuStatus, RadioRegion


class ReferenceModel(models.Model):
    """A record that is saved in one transaction with what others do on hearing of it."""

    class Meta:
        abstract = True

    def save(self, **kwargs):
        with transaction.atomic():
            super().save(**kwargs)


class Country(ReferenceModel):
    """A country or territory of ISO 3166-1 (Kosovo with a user-assigned code), as the UN's M49 names it."""

    iso2 = models.CharField(
        _("ISO code, two letters"), max_length=2, unique=True, validators=[RegexValidator(r"^[A-Z]{2}$")]
    )
    iso3 = models.CharField(
        _("ISO code, three letters"),
        max_length=3,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{3}$")],
        help_text=_("Stands in the country's public address, in lower case."),
    )
    m49 = models.CharField(_("UN M49 code"), max_length=3, blank=True, validators=[RegexValidator(r"^\d{3}$")])
    name = models.CharField(_("name"), max_length=100)
    itu_status = models.CharField(_("ITU status"), max_length=20, choices=ItuStatus)
    itu_region = models.CharField(_("ITU region"), max_length=3, choices=ItuRegion)
    itu_region_basis = models.CharField(_("where the ITU region comes from"), max_length=40)
    radio_region = models.PositiveSmallIntegerField(_("ITU Radio Region"), choices=RadioRegion)
    administered_by = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("administered by"), null=True, blank=True, related_name="territories"
    )
    codes_user_assigned = models.BooleanField(_("codes are user-assigned, not ISO's"), default=False)
    un_region = models.CharField(_("UN region"), max_length=40)
    un_subregion = models.CharField(_("UN subregion"), max_length=60, blank=True)
    un_intermediate_region = models.CharField(_("UN intermediate region"), max_length=60, blank=True)
    income_group = models.CharField(_("income group"), max_length=20, choices=IncomeGroup, blank=True)
    capital_name = models.CharField(_("capital"), max_length=80, blank=True)
    longitude = models.FloatField(_("longitude of the capital"), help_text=_("Degrees, east positive."))
    latitude = models.FloatField(_("latitude of the capital"), help_text=_("Degrees, north positive."))
    point_kind = models.CharField(
        _("what the point is"), max_length=20, help_text=_("`capital`, or `representative` where there is none.")
    )

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(longitude__range=(-180, 180), latitude__range=(-90, 90)),
                name="country_point_on_earth",
            ),
            models.CheckConstraint(
                condition=models.Q(radio_region__in=RadioRegion.values), name="country_radio_region_known"
            ),
            models.CheckConstraint(
                condition=models.Q(itu_region__in=ItuRegion.values), name="country_itu_region_known"
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("countries:country_detail", args=[self.code])

    @property
    def code(self):
        """The code of public addresses and of the parameter ``country``: ISO 3166-1 alpha-3, lower case."""
        return self.iso3.lower()

    @property
    def datahub_url(self):
        """The ITU's own page of statistics on this country."""
        return f"https://datahub.itu.int/data/?e={self.iso3}"


class Group(ReferenceModel):
    """A named set of countries: a regional organization, a UN region, or a UN category such as the LDCs."""

    code = models.SlugField(_("code"), max_length=40, unique=True, help_text=_("Stands in the group's public address."))
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=20, choices=GroupKind)
    members = models.ManyToManyField(Country, verbose_name=_("members"), related_name="groups")

    class Meta:
        verbose_name = _("group of countries")
        verbose_name_plural = _("groups of countries")
        ordering = ["name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("countries:group_detail", args=[self.code])
