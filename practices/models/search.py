from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchWord(models.Model):
    """A word that a published measure has had in its title or text: what misspelt words are corrected to.

    Words are added with every measure that is published, and stay when the last that has one changes, until
    ``rebuild_search``: whoever uses one looks whether a record still has it.
    """

    word = models.CharField(_("word"), max_length=60, primary_key=True)

    class Meta:
        verbose_name = _("word of the search")
        verbose_name_plural = _("words of the search")

    def __str__(self):
        return self.word
