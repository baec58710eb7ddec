"""Measures at the desk: records are curated here and published by ``practices.workflow``."""

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import StackedInline, TabularInline
from unfold.forms import ActionForm

from practices import workflow
from practices.admin.base import TranslatedAdmin
from practices.admin.tables import TablesMixin
from practices.choices import Action, Status
from practices.models import CatalogueVersion, Change, Citation, Measure, SpectrumBand, Tag

TAG_LENGTH = Tag._meta.get_field("name").max_length


class ReasonForm(ActionForm):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("needed to return or withdraw")}),
    )


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
        kept = [form for form in self.forms if form.cleaned_data.get("source") and not form.cleaned_data.get("DELETE")]
        if self.instance.status == Status.PUBLISHED and not kept:
            raise forms.ValidationError(
                _("This record is published and would lose its last source. Cite another first, or withdraw it.")
            )


class CitationInline(TabularInline):
    model = Citation
    formset = CitationFormSet
    fields = ("source", "locator", "note", "position")
    autocomplete_fields = ("source",)
    extra = 1


class SpectrumBandInline(StackedInline):
    model = SpectrumBand
    extra = 0


class ChangeInline(TabularInline):
    """Who did what to the record, when and why. Written by the workflow alone."""

    model = Change
    fields = readonly_fields = ("at", "by", "action", "reason", "public_note")
    extra = 0
    can_delete = False
    verbose_name_plural = gettext_lazy("History")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("by")

    def has_add_permission(self, request, obj):
        return False


@admin.register(Measure)
class MeasureAdmin(TablesMixin, TranslatedAdmin):
    form = MeasureForm
    list_display = ("title", "status", "measure_type", "crisis", "announced_on", "updated_at")
    list_filter = ("status", "measure_type__topic", "crisis", "scope", "legal_nature")
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
    inlines = (CitationInline, SpectrumBandInline, ChangeInline)
    action_form = ReasonForm
    actions = ("submit", "return_to_author", "publish", "verify", "withdraw", "export_csv", "export_xlsx")

    def has_change_permission(self, request, obj=None):
        """Only those who may publish change what the public sees."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.status != Status.PUBLISHED or self.has_publish_permission(request))

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (obj is None or obj.published_at is None)

    def has_publish_permission(self, request):
        return request.user.has_perm("practices.publish_measure")

    def save_model(self, request, obj, form, change):
        CatalogueVersion.lock()  # before the record, as every change does
        obj.updated_at = timezone.now()
        obj.save()

    def save_related(self, request, form, formsets, change):
        measure = form.instance
        action = Action.CREATED
        if change:
            action = Action.CORRECTED if measure.status == Status.PUBLISHED else Action.EDITED
        with workflow.change(measure, by=request.user, action=action):
            super().save_related(request, form, formsets, change)

    @admin.action(description=gettext_lazy("Submit for review"), permissions=["change"])
    def submit(self, request, queryset):
        self._step(request, queryset, lambda measure: workflow.submit(measure, by=request.user))

    @admin.action(description=gettext_lazy("Return to the author, with a reason"), permissions=["publish"])
    def return_to_author(self, request, queryset):
        reason = request.POST.get("reason", "")
        self._step(
            request, queryset, lambda measure: workflow.return_to_author(measure, by=request.user, reason=reason)
        )

    @admin.action(description=gettext_lazy("Publish: everybody can read it"), permissions=["publish"])
    def publish(self, request, queryset):
        self._step(request, queryset, lambda measure: workflow.publish(measure, by=request.user))

    @admin.action(
        description=gettext_lazy("Verified today: you checked it against its sources"), permissions=["publish"]
    )
    def verify(self, request, queryset):
        self._step(request, queryset, lambda measure: workflow.verify(measure, by=request.user))

    @admin.action(description=gettext_lazy("Withdraw from public view, with a reason"), permissions=["publish"])
    def withdraw(self, request, queryset):
        reason = request.POST.get("reason", "")
        self._step(request, queryset, lambda measure: workflow.withdraw(measure, by=request.user, reason=reason))

    def _step(self, request, queryset, step):
        """Take one step of the workflow with each record; say which were refused, and why."""
        done = 0
        for measure in queryset:
            try:
                step(measure)
                done += 1
            except workflow.WorkflowError as error:
                text = _("“%(measure)s”: %(problems)s") % {"measure": measure, "problems": error}
                self.message_user(request, text, messages.ERROR)
        if done:
            text = ngettext("%(count)d record done.", "%(count)d records done.", done) % {"count": done}
            self.message_user(request, text, messages.SUCCESS)
