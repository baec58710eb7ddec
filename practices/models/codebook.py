"""The codebook: topics, the types of measure within them, and whom measures are for. Data, not code."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from practices.models.slugs import SlugField, SluggedModel


class Code(SluggedModel):
    """An entry of the codebook. A code that a measure uses cannot be deleted."""

    SLUG = "code"

    code = SlugField(_("code"), max_length=50, help_text=_("Stands in public addresses and files; keep it stable."))
    name = models.CharField(_("name"), max_length=80)
    definition = models.TextField(_("definition"), help_text=_("One sentence that tells an editor what belongs here."))
    position = models.PositiveSmallIntegerField(_("position"), default=0, help_text=_("Lower numbers come first."))

    class Meta:
        abstract = True
        ordering = ["position", "code"]

    def __str__(self):
        return self.name


class Topic(Code):
    """A field of action, such as spectrum or affordability: the upper level of the codebook."""

    class Meta(Code.Meta):
        verbose_name = _("topic")
        verbose_name_plural = _("topics")

    def get_absolute_url(self):
        return reverse("practices:topic_detail", args=[self.code])


class MeasureType(Code):
    """One kind of thing that an actor can do: the lower level of the codebook."""

    topic = models.ForeignKey(Topic, models.PROTECT, verbose_name=_("topic"), related_name="measure_types")

    class Meta(Code.Meta):
        verbose_name = _("measure type")
        verbose_name_plural = _("measure types")
        ordering = ["topic__position", "position", "code"]

    def get_absolute_url(self):
        return reverse("practices:type_detail", args=[self.code])


class Beneficiary(Code):
    """A group of people or bodies that a measure is meant to help."""

    class Meta(Code.Meta):
        verbose_name = _("beneficiaries")
        verbose_name_plural = _("beneficiaries")

    def get_absolute_url(self):
        return reverse("practices:measure_list", query={"beneficiary": self.code})
