"""The editorial desk: what its pages have in common, what they may load, and who may enter."""

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.options import ActionLocation
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.csp import CSP
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csp import csp_override
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

from accounts import second_factor
from reg4covid.desk_forms import SeenForm
from reg4covid.guide import guide

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


# What the sidebar lists: a title, and models by their labels. Only those are shown that the user may see.
NAVIGATION = [
    (
        gettext_lazy("Catalogue"),
        ["practices.measure", "practices.proposal", "practices.source", "practices.organization", "practices.tag"],
    ),
    (
        gettext_lazy("Codebook"),
        ["practices.topic", "practices.measuretype", "practices.beneficiary", "practices.crisis"],
    ),
    (gettext_lazy("Countries"), ["countries.country", "countries.group", "practices.coverage"]),
    (gettext_lazy("Accounts"), ["accounts.user", "auth.group"]),
]
ICONS = {
    "practices.measure": "description",
    "practices.proposal": "rate_review",
    "practices.source": "link",
    "practices.organization": "apartment",
    "practices.tag": "sell",
    "practices.topic": "category",
    "practices.measuretype": "list_alt",
    "practices.beneficiary": "groups",
    "practices.crisis": "crisis_alert",
    "countries.country": "public",
    "countries.group": "hub",
    "practices.coverage": "grid_on",
    "accounts.user": "person",
    "auth.group": "badge",
}


def navigation(request):
    """The sidebar of the desk, as unfold takes it."""
    desk = [
        {"title": _("Front page"), "icon": "home", "link": reverse("admin:index")},
        {"title": _("How to edit"), "icon": "menu_book", "link": reverse("admin:guide")},
    ]
    groups = [(_("Desk"), desk)]
    for title, labels in NAVIGATION:
        models = [(label, admin.site.get_model_admin(apps.get_model(label))) for label in labels]
        groups.append(
            (
                title,
                [
                    {
                        "title": capfirst(model_admin.opts.verbose_name_plural),
                        "icon": ICONS[label],
                        "link": reverse(f"admin:{label.replace('.', '_')}_changelist"),
                    }
                    for label, model_admin in models
                    if model_admin.has_view_permission(request)
                ],
            )
        )
    return [{"title": title, "separator": True, "items": items} for title, items in groups if items]


class DeskSite(UnfoldAdminSite):
    def has_permission(self, request):
        return super().has_permission(request) and not second_factor.is_missing(request)

    def login(self, request, extra_context=None):
        """Where whoever is not let in goes on: to sign in, or to show or enrol the second factor of their role."""
        if not request.user.is_authenticated:
            page = reverse("account_login")
        elif not request.user.is_staff:
            raise PermissionDenied
        elif second_factor.is_missing(request):
            messages.info(request, _("Your role enters the desk with a second factor: show or set up one here."))
            page = second_factor.page_for(request.user)
        else:
            return redirect("admin:index")
        return redirect_to_login(request.GET.get("next", reverse("admin:index")), page)

    def get_urls(self):
        return [path("guide/", self.admin_view(self.guide_view), name="guide"), *super().get_urls()]

    def guide_view(self, request):
        context = {**self.each_context(request), "title": _("How to edit"), "guide": guide()}
        return TemplateResponse(request, "admin/guide.html", context)

    def password_change(self, request, extra_context=None):
        return redirect("account_change_password")

    def admin_view(self, view, cacheable=False):
        return csp_override(POLICY)(super().admin_view(view, cacheable))


class NothingChosen:
    """Mixin: a choice that has no default starts empty. Unfold's begins with the first, which nobody then looks at."""

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        blank = db_field.blank or not db_field.has_default()
        choices = db_field.get_choices(include_blank=blank, blank_choice=[("", _("Select value"))])
        return super().formfield_for_choice_field(db_field, request, **{"choices": choices, **kwargs})


class DeskAdmin(NothingChosen, ModelAdmin):
    """The pages of a model."""

    form = SeenForm

    def get_action_choices(self, request, default_choices=None, action_location=ActionLocation.CHANGE_LIST):
        # Unfold's own does not know yet that Django asks where the actions are offered.
        default_choices = [("", _("Select action"))] if default_choices is None else default_choices
        return admin.ModelAdmin.get_action_choices(self, request, default_choices, action_location)
