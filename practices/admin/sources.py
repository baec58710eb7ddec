"""Sources at the desk, and whether their addresses still lead to them."""

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display

from practices import custody
from practices.admin.base import KeptWhileUsed
from practices.admin.dates import WrittenDates
from practices.models import CatalogueVersion, Source
from practices.models.source import normalise_url
from reg4covid.desk import DeskAdmin

Result = Source.CheckResult
# Somebody waits for the answer: more is for ``manage.py check_sources``.
MOST_CHECKED = 50
LONGEST_CHECK = 20  # seconds
COLOURS = {
    Result.LIVE: "success",
    Result.MOVED: "info",
    Result.CHANGED: "info",
    Result.GONE: "danger",
    Result.UNREACHABLE: "warning",
    Result.REFUSED: "warning",
}


class BrokenFilter(admin.SimpleListFilter):
    title = gettext_lazy("link")
    parameter_name = "broken"
    label = gettext_lazy("Broken")

    def lookups(self, request, model_admin):
        return [("yes", self.label)]

    def queryset(self, request, queryset):
        return queryset.broken() if self.value() else queryset


@admin.register(Source)
class SourceAdmin(KeptWhileUsed, WrittenDates, DeskAdmin):
    used_by = "sources"
    list_display = ("title", "publisher", "kind", "link", "last_checked_at", "cited_by")
    list_filter = (BrokenFilter, "last_check_result", "kind", "language")
    search_fields = ("title", "publisher", "url")
    ordering = ("-published_on", "pk")  # a query that counts has lost the model's own
    actions = ("check_now", "take_new_address", "mark_read")
    change_form_outer_before_template = "admin/practices/source/_visits.html"

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(measure_count=Count("citations"))

    @display(description=gettext_lazy("Link"), ordering="last_check_result", label=COLOURS)
    def link(self, source):
        return source.last_check_result, source.get_last_check_result_display()

    @admin.display(description=gettext_lazy("Measures"), ordering="measure_count")
    def cited_by(self, source):
        return source.measure_count

    def has_check_permission(self, request):
        """What a visit finds is nobody's text: editors also check what only publishers may change."""
        return request.user.has_perm("practices.change_source")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        context = {"may_check": self.has_check_permission(request)} | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)

    def save_model(self, request, obj, form, change):
        CatalogueVersion.lock()  # before the record, as every change does
        if change and "url" in form.changed_data:
            obj.move(obj.url)
        super().save_model(request, obj, form, change)

    @admin.action(description=gettext_lazy("Check now whether the link works"), permissions=["check"])
    def check_now(self, request, queryset):
        sources = list(queryset[:MOST_CHECKED])
        visitor = custody.Visitor(patience=5, longest=10)

        def tell(source, visit):
            if len(sources) == 1:
                text = _("Visited: %(result)s. %(note)s")
                values = {"result": source.get_last_check_result_display(), "note": visit.note}
                self.message_user(request, text % values, messages.INFO)

        checked = custody.check(sources, visitor=visitor, seconds=LONGEST_CHECK, progress=tell)
        if len(sources) > 1 and checked.results:
            found = (
                f"{checked.results[result]} {label}" for result, label in Result.choices if checked.results[result]
            )
            self.message_user(request, _("Visited: %(found)s.") % {"found": ", ".join(found)}, messages.INFO)
        if left := queryset.count() - len(sources) + checked.left:
            text = ngettext(
                "%(count)d source was not visited: time was up, or its server asked to be left alone.",
                "%(count)d sources were not visited: time was up, or their servers asked to be left alone.",
                left,
            )
            self.message_user(request, text % {"count": left}, messages.WARNING)
        return self._back(request)

    @admin.action(
        description=gettext_lazy("Take the new address: readers are sent there from now on"), permissions=["check"]
    )
    def take_new_address(self, request, queryset):
        for source in queryset:
            values = {"source": source, "url": source.moved_to}
            problem = self._problem_of_moving(request, source)
            if problem:
                self.message_user(request, problem % values, messages.ERROR)
                continue
            with transaction.atomic():
                CatalogueVersion.lock()
                # The visit was to the new address: what it found holds for that.
                source.url, source.moved_to, source.last_check_result = source.moved_to, "", Result.LIVE
                source.save()
            self.message_user(request, _("“%(source)s” is now at %(url)s.") % values, messages.SUCCESS)
        return self._back(request)

    def _problem_of_moving(self, request, source):
        """Why ``source`` does not get its new address, with places for its title and that address; None if it does."""
        if not source.moved_to:
            return _("“%(source)s” has not moved, as far as visits have found.")
        if not self.has_change_permission(request, source):
            return _("“%(source)s” is cited by public records: only those who may publish change it.")
        other = Source.objects.filter(url=source.moved_to).first()
        if other is not None:
            return _(
                "“%(source)s” has moved to %(url)s, which is source {number}: let its measures cite that one. "
                "Nothing was changed."
            ).replace("{number}", str(other.pk))
        return None

    @admin.action(
        description=gettext_lazy("Read: in spite of the change it supports its measures"), permissions=["check"]
    )
    def mark_read(self, request, queryset):
        done = queryset.filter(last_check_result=Result.CHANGED).update(last_check_result=Result.LIVE)
        text = ngettext("%(count)d source is marked as read.", "%(count)d sources are marked as read.", done)
        self.message_user(request, text % {"count": done}, messages.SUCCESS if done else messages.WARNING)
        return self._back(request)

    def _back(self, request):
        """To the page of the source that the button was on; None, which is the list, for a choice made there."""
        pk = request.POST.get("from_page", "")
        return HttpResponseRedirect(reverse("admin:practices_source_change", args=[pk])) if pk.isdigit() else None

    def get_search_results(self, request, queryset, search_term):
        """An address finds its source and no other, however it is written."""
        if search_term.strip().lower().startswith(("http://", "https://")):
            return queryset.filter(url=normalise_url(search_term)), False
        return super().get_search_results(request, queryset, search_term)
