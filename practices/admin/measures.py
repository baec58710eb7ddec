"""Measures at the desk: records are curated here and published by ``practices.workflow``."""

import copy
from contextlib import suppress

from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.views.main import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.http import HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from taggit.forms import TagWidget
from taggit.managers import TaggableManager
from unfold.decorators import display
from unfold.widgets import INPUT_CLASSES

from practices import workflow
from practices.admin.base import TranslatedAdmin
from practices.admin.dates import WrittenDates, written_date
from practices.admin.front import QueueFilter
from practices.admin.history import HistoryPages
from practices.admin.measure_form import FIELDSETS, CitationInline, MeasureForm, SpectrumBandInline, draft
from practices.admin.preview import PreviewView
from practices.admin.proposals import ProposedEdits
from practices.admin.sources import BrokenFilter
from practices.admin.steps import StepPages
from practices.admin.tables import TablesMixin
from practices.choices import Action, Status
from practices.duplicates import likely_duplicates
from practices.models import CatalogueVersion, Measure


class BrokenSourcesFilter(BrokenFilter):
    title = gettext_lazy("sources")
    label = gettext_lazy("With a broken link and no archived copy")

    def queryset(self, request, queryset):
        return queryset.with_broken_sources() if self.value() else queryset


@admin.register(Measure)
class MeasureAdmin(ProposedEdits, HistoryPages, StepPages, TablesMixin, TranslatedAdmin):
    form = MeasureForm
    formfield_overrides = {
        **WrittenDates.formfield_overrides,
        TaggableManager: {"widget": TagWidget({"class": " ".join(INPUT_CLASSES)})},
    }
    list_display = ("title", "place", "measure_type", "standing", "announced_on", "updated_at", "author")
    list_filter = (
        *(QueueFilter, "status", "measure_type__topic", "crisis", "scope", "legal_nature"),
        BrokenSourcesFilter,
    )
    list_select_related = ("measure_type", "author")
    list_fullwidth = True
    search_fields = (
        *("title_en", "title_fr", "title_es", "title_ru", "title_ar", "title_zh_hans", "slug"),
        *("organizations__name_en", "organizations__acronym", "sources__url"),
    )
    search_help_text = gettext_lazy("Title, slug, organization or the address of a source")
    ordering = ("-updated_at",)
    prepopulated_fields = {"slug": ("title_en",)}
    autocomplete_fields = ("countries", "areas", "organizations", "beneficiaries", "crisis", "measure_type")
    readonly_fields = (
        *("status", "author", "created_at", "updated_at", "published_at"),
        *("withdrawn_at", "withdrawal_reason", "verified_on", "verified_by"),
    )
    fieldsets = (*FIELDSETS, (gettext_lazy("Standing"), {"classes": ("tab",), "fields": readonly_fields}))
    inlines = (CitationInline, SpectrumBandInline)
    actions = [*StepPages.actions, "export_csv", "export_xlsx"]
    warn_unsaved_form = True
    change_form_before_template = "admin/practices/measure/before_form.html"

    class Media:
        css = {"all": ["css/desk_form.css"]}
        js = ["admin/js/jquery.init.js", "js/desk_form.js"]

    def get_queryset(self, request):
        """Contributors see their own records and what everybody can read."""
        measures = super().get_queryset(request).prefetch_related("countries", "areas")
        if request.user.has_perm("practices.edit_any_measure"):
            return measures
        return measures.filter(Q(author=request.user) | Q(status=Status.PUBLISHED))

    def has_change_permission(self, request, obj=None):
        """Editors propose to change what the public sees; contributors change nothing but own drafts."""
        allowed = super().has_change_permission(request, obj)
        if not allowed or obj is None:
            return allowed
        return request.user.has_perm("practices.edit_any_measure") or self._is_own_draft(request, obj)

    def has_delete_permission(self, request, obj=None):
        """What was once public stays; contributors delete nothing but own drafts."""
        allowed = super().has_delete_permission(request, obj)
        if not allowed or obj is None:
            return allowed
        may_delete = request.user.has_perm("practices.edit_any_measure") or self._is_own_draft(request, obj)
        return may_delete and obj.published_at is None

    def _is_own_draft(self, request, measure):
        return measure.author_id == request.user.pk and measure.status == Status.DRAFT

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("duplicates/", view(self.duplicates_view), name="practices_measure_duplicates"),
            path("written-date/", view(written_date), name="practices_measure_written_date"),
            *super().get_urls(),
        ]

    @display(description=gettext_lazy("where"))
    def place(self, measure):
        return ", ".join(str(item) for item in (*measure.areas.all(), *measure.countries.all()))

    @display(
        description=gettext_lazy("status"),
        ordering="status",
        label={
            Status.DRAFT: "info",
            Status.IN_REVIEW: "warning",
            Status.PUBLISHED: "success",
            Status.WITHDRAWN: "danger",
        },
    )
    def standing(self, measure):
        return measure.status, measure.get_status_display()

    def view_on_site(self, measure):
        return measure.get_absolute_url() if measure.status == Status.PUBLISHED else None

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        following = self.following(request, object_id) if "_next" in request.POST else None
        with transaction.atomic():
            CatalogueVersion.lock()  # so that nobody changes the record between the check of the form and its save
            response = super().changeform_view(request, object_id, form_url, extra_context)
        if "_next" in request.POST and isinstance(response, HttpResponseRedirect):
            return self.go_on(request, following)
        return response

    def following(self, request, object_id):
        """The id of the record after this one: in the list that the editor came from, else of those in review.

        None at the end. The oldest in review come first; a record that is not in the list stands before it.
        """
        records = self.get_queryset(request).filter(status=Status.IN_REVIEW).order_by("updated_at", "pk")
        if filters := request.GET.get("_changelist_filters"):
            came_from = copy.copy(request)
            came_from.GET = QueryDict(filters)
            with suppress(IncorrectLookupParameters):
                records = self.get_changelist_instance(came_from).queryset
        ids = [str(pk) for pk in records.values_list("pk", flat=True)]
        place = ids.index(object_id) + 1 if object_id in ids else 0
        return ids[place] if place < len(ids) else None

    def go_on(self, request, following):
        if following is None:
            self.message_user(request, _("That was the last record of the list that you came from."), messages.INFO)
            address = reverse("admin:practices_measure_changelist")
        else:
            address = reverse("admin:practices_measure_change", args=[following])
        preserved = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return HttpResponseRedirect(add_preserved_filters(preserved, address))

    def proposes(self, request, obj):
        """A preview is saved as it is, since all of it is undone."""
        return "_preview" not in request.POST and super().proposes(request, obj)

    def save_model(self, request, obj, form, change):
        if change:
            workflow.lock(obj)
        else:
            obj.author = request.user
        if self.proposes(request, obj):
            return
        obj.updated_at = timezone.now()
        obj.save()

    def save_related(self, request, form, formsets, change):
        measure = form.instance
        if self.proposes(request, measure):
            self.propose(request, form, formsets)
            return
        action, based_on, note = Action.CREATED, None, ""
        if change:
            action = Action.CORRECTED if measure.status == Status.PUBLISHED else Action.EDITED
            based_on, note = form.cleaned_data["based_on"], form.cleaned_data.get("public_note", "")
        with workflow.change(measure, by=request.user, action=action, public_note=note, based_on=based_on):
            super().save_related(request, form, formsets, change)

    def response_add(self, request, obj, post_url_continue=None):
        if "_preview" in request.POST:
            return self.preview(request, obj)
        self.warn_of_duplicates(request, obj)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        if "_preview" in request.POST:
            return self.preview(request, obj)
        self.warn_of_duplicates(request, obj)
        return super().response_change(request, obj)

    def preview(self, request, measure):
        """The public page of what was just saved, all of which is undone."""
        page = PreviewView.as_view()(request, slug=measure.slug).render()
        transaction.set_rollback(True)
        return page

    def likely_duplicates(self, request, pk):
        """Those of ``practices.duplicates`` for the form that was sent, of what its writer may see."""
        seen = Q(pk__in=self.get_queryset(request).values("pk")) | Q(status=Status.PUBLISHED)
        return likely_duplicates(Measure.objects.filter(seen).exclude(pk=pk), **draft(request.POST))

    def warn_of_duplicates(self, request, measure):
        duplicates = self.likely_duplicates(request, measure.pk)
        if duplicates:
            text = render_to_string("admin/practices/measure/_duplicates.html", {"duplicates": duplicates})
            self.message_user(request, mark_safe(text), messages.WARNING)  # noqa: S308

    def duplicates_view(self, request):
        """What may be recorded already, for the form that is being written (POST; ``record``: the id of its own)."""
        if not self.has_add_permission(request) and not self.has_change_permission(request):
            raise PermissionDenied
        own = request.GET.get("record", "")
        duplicates = self.likely_duplicates(request, int(own) if own.isdecimal() else None)
        return render(request, "admin/practices/measure/_duplicates.html", {"duplicates": duplicates})
