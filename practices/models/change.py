from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from reversion.models import Revision

from practices.choices import Action


class Change(models.Model):
    """One save of a record: who did what to it, when and why.

    The versions of the measure, its citations, bands and tags as they were after the save belong to
    ``revision``. Rows are written by ``practices.workflow`` alone and never edited.
    """

    revision = models.OneToOneField(Revision, models.PROTECT, related_name="change", editable=False)
    measure = models.ForeignKey("practices.Measure", models.CASCADE, verbose_name=_("measure"), related_name="changes")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("by"),
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Empty for a load from files."),
    )
    at = models.DateTimeField(_("at"), db_index=True)
    action = models.CharField(_("action"), max_length=20, choices=Action)
    reason = models.TextField(_("reason"), blank=True, help_text=_("For the desk only."))
    public_note = models.CharField(
        _("public note"), max_length=300, blank=True, help_text=_("What was corrected, as readers see it.")
    )

    version = models.PositiveBigIntegerField(
        _("version of the catalogue"),
        null=True,
        editable=False,
        db_index=True,
        help_text=_("The one that it made; empty where readers see nothing of it."),
    )

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["measure", "at"], name="change_measure_at")]

    def __str__(self):
        return f"{self.get_action_display()}: {self.measure_id}"
