"""The editorial desk: what its pages have in common, what they may load, and who may enter."""

from django.contrib import admin
from django.contrib.admin.options import ActionLocation
from django.utils.csp import CSP
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from reg4covid.desk_forms import SeenForm

# Unfold's scripts evaluate what its templates say, and its pages carry styles: no public page may do either.
POLICY = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.UNSAFE_EVAL],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.SELF],  # a related record is added in a frame of the form
}


class DeskSite(UnfoldAdminSite):
    def admin_view(self, view, cacheable=False):
        return csp_override(POLICY)(super().admin_view(view, cacheable))


class DeskAdmin(ModelAdmin):
    """The pages of a model."""

    form = SeenForm

    def get_action_choices(self, request, default_choices=None, action_location=ActionLocation.CHANGE_LIST):
        # Unfold's own does not know yet that Django asks where the actions are offered.
        default_choices = [("", _("Select action"))] if default_choices is None else default_choices
        return admin.ModelAdmin.get_action_choices(self, request, default_choices, action_location)
