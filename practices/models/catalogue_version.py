from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CatalogueVersion(models.Model):
    """Which state of the public catalogue is in force: one row, counted up in the transaction of every change.

    Its lock makes changes queue, so whoever sees a number sees all that was counted up to it. ``Change.version``
    names the measure that a number changed. A number that no ``Change`` has changed records that measures point at,
    such as a country's name; one that changed more, such as what a source is, is in ``reloaded_at``.
    """

    ROW = 1

    number = models.PositiveBigIntegerField(_("number"), default=0)
    reloaded_at = models.PositiveBigIntegerField(_("number of the last change that has all read anew"), default=0)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("version of the catalogue")
        verbose_name_plural = _("versions of the catalogue")

    def __str__(self):
        return str(self.number)

    @classmethod
    def lock(cls):
        """Let this transaction be the only one that changes records until it ends.

        Taken before any record is locked, so that no two changes wait for each other.
        """
        list(cls.objects.select_for_update().filter(pk=cls.ROW))

    @classmethod
    def advance(cls, changes=1, *, reload=False):
        """Count a change of what is public, or several ``changes``, and return the number of the last.

        ``reload``: it changed more than one measure, which the journal names, or the records that measures point at.
        """
        values = {"number": F("number") + changes, "changed_at": timezone.now()}
        if reload:
            values["reloaded_at"] = values["number"]
        if not cls.objects.filter(pk=cls.ROW).update(**values):
            cls.objects.create(pk=cls.ROW, number=changes, reloaded_at=changes, changed_at=timezone.now())
        return cls.objects.values_list("number", flat=True).get(pk=cls.ROW)
