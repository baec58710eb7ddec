import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class StagedImport(models.Model):
    """A file of measures between its preview and its import, and what the preview saw.

    In the database, where every worker finds it, nobody but its uploader gets at it, and the import that it
    became takes it away in its own transaction.
    """

    key = models.UUIDField(_("key"), primary_key=True, default=uuid.uuid4, editable=False)
    by = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name=_("by"), related_name="+", editable=False
    )
    at = models.DateTimeField(_("at"), db_index=True)
    name = models.CharField(_("name of the file"), max_length=200)
    data = models.BinaryField(_("file"))
    seen = models.JSONField(
        _("what the preview saw"), default=dict, help_text=_("The last change of each record that the file names.")
    )

    class Meta:
        verbose_name = _("staged import")
        verbose_name_plural = _("staged imports")

    def __str__(self):
        return self.name
