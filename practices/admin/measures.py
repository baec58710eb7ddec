"""Measures at the desk: records are curated here and published by ``practices.workflow``."""

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import StackedInline, TabularInline

from practices import workflow
from practices.admin.base import TranslatedAdmin
from practices.admin.front import QueueFilter
from practices.admin.history import HistoryPages
from practices.admin.proposals import ProposedEdits
from practices.admin.sources import BrokenFilter
from practices.admin.steps import StepPages
from practices.choices import Action, Status
from practices.models import CatalogueVersion, Citation, Measure, SpectrumBand, Tag

TAG_LENGTH = Tag._meta.get_field("name").max_length


class MeasureForm(forms.ModelForm):
    def clean_tags(self):
        for name in self.cleaned_data["tags"]:
            if len(name) > TAG_LENGTH:
                raise forms.ValidationError(
                    _("“%(name)s…” is too long for a tag. Right would be at most %(length)d characters.")
                    % {"name": name[:30], "length": TAG_LENGTH}
                )
        return self.cleaned_data["tags"]

    def clean(self):
        cleaned = super().clean()
        if self.instance.status == Status.PUBLISHED and not cleaned.get("countries") and not cleaned.get("areas"):
            self.add_error("countries", _("A published record names at least one country, or the area that it covers."))
        return cleaned


class CitationFormSet(forms.BaseInlineFormSet):
    def clean(self):
        super().clean()
        sources = {True: [], False: []}  # by whether they are deleted
        for form in self.forms:
            if source := form.cleaned_data.get("source"):
                sources[form.cleaned_data.get("DELETE", False)].append(source)
        kept = sources[False]
        if again := set(kept).intersection(sources[True]):
            raise forms.ValidationError(
                _("“%(source)s” is both deleted and added. Keep the one that is there, and change it.")
                % {"source": again.pop()}
            )
        if self.instance.status == Status.PUBLISHED and not kept:
            raise forms.ValidationError(
                _("This record is published and would lose its last source. Cite another first, or withdraw it.")
            )

    def save(self, commit=True):
        # The new ones first: a public record is never without a source.
        return super().save_new_objects(commit) + self.save_existing_objects(commit)


class CitationInline(TabularInline):
    model = Citation
    formset = CitationFormSet
    fields = ("source", "locator", "note", "position")
    autocomplete_fields = ("source",)
    extra = 1


class SpectrumBandInline(StackedInline):
    model = SpectrumBand
    extra = 0


class BrokenSourcesFilter(BrokenFilter):
    title = gettext_lazy("sources")
    label = gettext_lazy("With a broken link and no archived copy")

    def queryset(self, request, queryset):
        return queryset.with_broken_sources() if self.value() else queryset


@admin.register(Measure)
class MeasureAdmin(ProposedEdits, HistoryPages, StepPages, TranslatedAdmin):
    form = MeasureForm
    list_display = ("title", "status", "measure_type", "crisis", "announced_on", "updated_at")
    list_filter = (
        *(QueueFilter, "status", "measure_type__topic", "crisis", "scope", "legal_nature"),
        BrokenSourcesFilter,
    )
    list_select_related = ("measure_type", "crisis")
    search_fields = ("title_en", "title_fr", "title_es", "title_ru", "title_ar", "title_zh_hans", "slug")
    ordering = ("-updated_at",)
    prepopulated_fields = {"slug": ("title_en",)}
    autocomplete_fields = ("countries", "areas", "organizations", "crisis", "measure_type")
    readonly_fields = ("status", "published_at", "withdrawn_at", "withdrawal_reason", "verified_on", "verified_by")
    fieldsets = (
        (None, {"fields": ("title_en", "slug", "summary_en", "outcome_en")}),
        (
            gettext_lazy("What and where"),
            {
                "fields": (
                    *("measure_type", "crisis", "countries", "areas", "scope", "organizations"),
                    *("legal_nature", "beneficiaries", "tags"),
                )
            },
        ),
        (
            gettext_lazy("When"),
            {
                "description": gettext_lazy("As precise as the sources and no more: 2020, 2020-04 or 2020-04-17."),
                "fields": ("announced_on", "starts_on", "ends_on", "confirmed_in_force_on", "review_by"),
            },
        ),
        (gettext_lazy("Where the record stands"), {"fields": readonly_fields}),
        (
            gettext_lazy("Other languages"),
            {
                "classes": ("collapse",),
                "fields": [
                    f"{field}_{code.replace('-', '_')}"
                    for code, _name in settings.LANGUAGES
                    if code != "en"
                    for field in ("title", "summary", "outcome")
                ],
            },
        ),
    )
    inlines = (CitationInline, SpectrumBandInline)

    def get_queryset(self, request):
        """Contributors see their own records and what everybody can read."""
        measures = super().get_queryset(request)
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

    def save_model(self, request, obj, form, change):
        if change:
            workflow.lock(obj)
        else:
            CatalogueVersion.lock()  # before the record, as every change does
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
        action, note = Action.CREATED, ""
        if change:
            action = Action.CORRECTED if measure.status == Status.PUBLISHED else Action.EDITED
            note = form.cleaned_data.get("public_note", "")
        with workflow.change(measure, by=request.user, action=action, public_note=note):
            super().save_related(request, form, formsets, change)
