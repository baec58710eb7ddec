"""The closed sets of values that describe countries. Imports nothing of ours."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ItuRegion(TextChoices):
    """The regions of the ITU's Development sector."""

    AFR = "afr", _("Africa")
    AMS = "ams", _("Americas")
    ARB = "arb", _("Arab States")
    ASP = "asp", _("Asia and the Pacific")
    CIS = "cis", _("Commonwealth of Independent States")
    EUR = "eur", _("Europe")


class RadioRegion(IntegerChoices):
    """The three Regions of the Radio Regulations, Article 5, by which bands are allocated."""

    ONE = 1, _("Region 1")
    TWO = 2, _("Region 2")
    THREE = 3, _("Region 3")


class ItuStatus(TextChoices):
    MEMBER = "member", _("ITU Member State")
    RESOLUTION_99 = "resolution-99", _("State of Palestine (Resolution 99)")
    TERRITORY = "territory", _("territory")


class IncomeGroup(TextChoices):
    """The World Bank's groups of economies, fiscal year 2027."""

    LOW = "low", pgettext_lazy("income group", "Low income")
    LOWER_MIDDLE = "lower-middle", pgettext_lazy("income group", "Lower middle income")
    UPPER_MIDDLE = "upper-middle", pgettext_lazy("income group", "Upper middle income")
    HIGH = "high", pgettext_lazy("income group", "High income")


class GroupKind(TextChoices):
    ORGANIZATION = "organization", _("regional organization")
    UN_REGION = "un-region", _("UN region")
    UN_CATEGORY = "un-category", _("UN category of countries")
    WORLD = "world", _("the whole world")
