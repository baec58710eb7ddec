from django.db import models
from django.utils.translation import gettext_lazy as _


class LoadedRecord(models.Model):
    """What a file said of a record when it was last loaded, so that a second load changes nothing.

    A record whose entry in the file is the same as last time is left alone, whatever was done to it at
    the desk since. ``record_id`` is the record that the entry became, so that one whose slug, name or
    address was changed at the desk is found again.
    """

    kind = models.CharField(_("kind of record"), max_length=40)
    key = models.CharField(_("key in the file"), max_length=1000)
    record_id = models.PositiveBigIntegerField(_("record"), null=True)
    digest = models.CharField(_("digest of the entry"), max_length=64)
    loaded_at = models.DateTimeField(_("loaded"))

    class Meta:
        verbose_name = _("loaded record")
        verbose_name_plural = _("loaded records")
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="loaded_record_unique")]

    def __str__(self):
        return f"{self.kind} {self.key}"
