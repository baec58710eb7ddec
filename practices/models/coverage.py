from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from countries.models import Country
from practices.models.codebook import Topic
from practices.models.crisis import Crisis


class Coverage(models.Model):
    """An editor searched for measures of a country on a topic in a crisis and found none.

    That measures are recorded is told by the measures themselves, and no row means not searched yet.
    """

    country = models.ForeignKey(Country, models.CASCADE, verbose_name=_("country"), related_name="coverage")
    topic = models.ForeignKey(Topic, models.CASCADE, verbose_name=_("topic"), related_name="coverage")
    crisis = models.ForeignKey(Crisis, models.CASCADE, verbose_name=_("crisis"), related_name="coverage")
    searched_on = models.DateField(_("searched on"))
    searched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("searched by"), related_name="+"
    )
    note = models.CharField(_("where was searched"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("search that found nothing")
        verbose_name_plural = _("searches that found nothing")
        ordering = ["country", "topic", "crisis"]
        constraints = [models.UniqueConstraint(fields=["country", "topic", "crisis"], name="coverage_unique")]

    def __str__(self):
        return f"{self.country}, {self.topic}, {self.crisis}"

    def save(self, **kwargs):
        with transaction.atomic():  # with what others do on hearing of it
            super().save(**kwargs)
