"""What the pages of the desk have in common."""

from modeltranslation.admin import TranslationAdmin

from practices.models import Measure
from reg4covid.desk import DeskAdmin


class TranslatedAdmin(DeskAdmin, TranslationAdmin):
    """The pages of a model with translated fields, one field for each language."""


class KeptWhileUsed:
    """Mixin: what a measure names is not deleted under it, and who may not publish leaves alone what readers see."""

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        if not allowed or obj is None or request.user.has_perm("practices.publish_measure"):
            return allowed
        return not Measure.objects.published().filter(**{self.used_by: obj}).exists()

    def has_delete_permission(self, request, obj=None):
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or not Measure.objects.filter(**{self.used_by: obj}).exists())
