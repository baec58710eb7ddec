import uuid

from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class CatalogueVersion(models.Model):
    """The version of the public catalogue: one row, counted up in the transaction of every change.

    Its lock makes changes queue, so whoever sees a number sees all that was counted up to it. What a number changed is
    in the journal: ``Change.version`` names a measure, a ``JournalEntry`` a record that measures point at. A number
    that is in neither changed pages and no measure. ``catalogue`` tells this database from every other one.
    """

    ROW = 1

    catalogue = models.UUIDField(_("catalogue"), default=uuid.uuid4)
    number = models.PositiveBigIntegerField(_("number"), default=0)
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
    def advance(cls, changes=1, *, records=()):
        """Count a change of what is public, or several ``changes``, and return the number of the last.

        ``records`` are pairs of a kind and an id, as a ``JournalEntry`` has them.
        """
        now = timezone.now()
        if not cls.objects.filter(pk=cls.ROW).update(number=F("number") + changes, changed_at=now):
            cls.objects.create(pk=cls.ROW, number=changes, changed_at=now)
        number = cls.objects.values_list("number", flat=True).get(pk=cls.ROW)
        JournalEntry.objects.bulk_create(JournalEntry(version=number, kind=kind, record_id=pk) for kind, pk in records)
        return number


class JournalEntry(models.Model):
    """A record that a version of the catalogue changed, such as a renamed country.

    It is one that measures point at, or a measure that changed with such a record: by the region of its country.
    """

    MEASURE = "measure"

    version = models.PositiveBigIntegerField(_("version of the catalogue"), db_index=True)
    kind = models.CharField(_("kind of record"), max_length=40)
    record_id = models.PositiveBigIntegerField(_("record"))

    class Meta:
        verbose_name = _("entry of the journal")
        verbose_name_plural = _("entries of the journal")

    def __str__(self):
        return f"{self.kind} {self.record_id}"
