"""Sources at the desk."""

from django.contrib import admin

from practices.admin.base import KeptWhileUsed
from practices.admin.dates import WrittenDates
from practices.models import Source
from practices.models.source import normalise_url
from reg4covid.desk import DeskAdmin


@admin.register(Source)
class SourceAdmin(KeptWhileUsed, WrittenDates, DeskAdmin):
    used_by = "sources"
    list_display = ("title", "publisher", "kind", "language", "published_on")
    list_filter = ("kind", "language")
    search_fields = ("title", "publisher", "url")

    def get_search_results(self, request, queryset, search_term):
        """An address finds its source and no other, however it is written."""
        if search_term.strip().lower().startswith(("http://", "https://")):
            return queryset.filter(url=normalise_url(search_term)), False
        return super().get_search_results(request, queryset, search_term)
