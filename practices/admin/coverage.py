"""What was searched for and not found: its list, and the matrix in which a search is noted with one click."""

from itertools import chain

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from countries.choices import ItuRegion
from countries.models import Country
from practices import catalogue
from practices.coverage import mark, matrix, unmark
from practices.models import CatalogueVersion, Coverage, Crisis, Topic
from reg4covid.desk import DeskAdmin


class MatrixForm(forms.Form):
    """Which part of the matrix is shown, and where was searched for what is marked next."""

    crisis = forms.ModelChoiceField(
        Crisis.objects.all(), label=_("Crisis"), to_field_name="slug", empty_label=None, widget=UnfoldAdminSelectWidget
    )
    region = forms.ChoiceField(label=_("Region"), choices=ItuRegion.choices, widget=UnfoldAdminSelectWidget)
    note = forms.CharField(
        label=_("Where was searched"),
        help_text=_("Kept with each place that you press from now on, for instance: official gazette, 2020 and 2021."),
        required=False,
        max_length=Coverage._meta.get_field("note").max_length,
        widget=UnfoldAdminTextInputWidget,
    )


class MarkForm(MatrixForm):
    """That a search found nothing, or that no search counts any more."""

    country = forms.ModelChoiceField(Country.objects.all(), to_field_name="iso3")
    topic = forms.ModelChoiceField(Topic.objects.all(), to_field_name="code")


@admin.register(Coverage)
class CoverageAdmin(DeskAdmin):
    list_display = ("country", "topic", "crisis", "searched_on", "searched_by")
    list_filter = ("crisis", "topic")
    list_select_related = ("country", "topic", "crisis", "searched_by")
    autocomplete_fields = ("country", "topic", "crisis")
    exclude = ("searched_by",)
    actions_list = ("matrix",)

    def save_model(self, request, obj, form, change):
        """Who saves says that they searched, as who marks a place in the matrix does."""
        CatalogueVersion.lock()  # before the record, as every change does
        obj.searched_by = request.user
        super().save_model(request, obj, form, change)

    @action(description=_("Matrix"), icon="grid_on", url_path="matrix", permissions=["view"])
    def matrix(self, request):
        """Every country of a region and every topic; what is sent marks one of them, or takes its mark away."""
        if request.method == "POST":
            return self._mark(request)
        shown = catalogue.current()
        ranked = shown.ranked("crisis")
        chosen = {"crisis": ranked[0][0].slug if ranked else "", "region": ItuRegion.AFR.value} | request.GET.dict()
        form = MatrixForm(chosen)
        context = {
            **self.admin_site.each_context(request),
            "title": _("What was searched"),
            "opts": self.opts,
            "form": form,
            "may_mark": self.has_add_permission(request),
            "may_unmark": self.has_delete_permission(request),
        }
        if form.is_valid():
            searches = Coverage.objects.select_related("searched_by")
            context["matrix"] = matrix(
                shown, form.cleaned_data["crisis"], region=form.cleaned_data["region"], searches=searches
            )
        return TemplateResponse(request, "admin/practices/coverage/matrix.html", context)

    def _mark(self, request):
        may = self.has_add_permission if "mark" in request.POST else self.has_delete_permission
        if not may(request):
            raise PermissionDenied
        country, _dot, topic = (request.POST.get("mark") or request.POST.get("unmark", "")).partition(".")
        form = MarkForm(request.POST.dict() | {"country": country, "topic": topic})
        query = {name: request.POST.get(name, "") for name in ("crisis", "region", "note")}
        if form.is_valid():
            place = {name: form.cleaned_data[name] for name in ("country", "topic", "crisis")}
            if "mark" in request.POST:
                mark(**place, by=request.user, note=form.cleaned_data["note"])
            else:
                unmark(**place)
        else:
            self.message_user(request, " ".join(chain.from_iterable(form.errors.values())), messages.ERROR)
        address = reverse("admin:practices_coverage_matrix", query=query, fragment=f"cell-{country}-{topic}")
        return HttpResponseRedirect(address)
