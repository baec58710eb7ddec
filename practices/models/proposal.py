from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Proposal(models.Model):
    """What a public record would say instead. Readers keep the old text until somebody entitled accepts it.

    Rows are written by ``practices.workflow`` alone; one that is decided stays, with who decided and why.
    """

    class Decision(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        TAKEN_BACK = "taken-back", _("Taken back")

    measure = models.ForeignKey(
        "practices.Measure", models.CASCADE, verbose_name=_("measure"), related_name="proposals"
    )
    based_on = models.ForeignKey(
        "practices.Change",
        models.PROTECT,
        verbose_name=_("based on"),
        related_name="+",
        help_text=_("The change that the text was edited from."),
    )
    content = models.JSONField(_("content"), help_text=_("As practices.content has it."))
    public_note = models.CharField(
        _("public note"), max_length=300, help_text=_("What is corrected, as readers will see it.")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("by"), related_name="+")
    at = models.DateTimeField(_("at"))
    decision = models.CharField(_("decision"), max_length=10, choices=Decision, default=Decision.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("decided by"), null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True, help_text=_("Why it was declined, for who proposed it."))

    class Meta:
        verbose_name = _("proposed revision")
        verbose_name_plural = _("proposed revisions")
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["measure", "by"],
                condition=Q(decision="open"),
                name="proposal_one_open_each",
                violation_error_message=_("You have proposed a revision of this record already; it is still open."),
            ),
            models.CheckConstraint(
                condition=Q(decision="open") | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="proposal_decision_is_signed",
            ),
            models.CheckConstraint(
                condition=~Q(decision="declined") | ~Q(reason=""), name="proposal_declined_has_reason"
            ),
        ]

    def __str__(self):
        return f"{self.measure}: {self.public_note}"
