"""Sources at the desk."""

from django.contrib import admin

from practices.admin.base import KeptWhileUsed
from practices.models import Source
from reg4covid.desk import DeskAdmin


@admin.register(Source)
class SourceAdmin(KeptWhileUsed, DeskAdmin):
    used_by = "sources"
    list_display = ("title", "publisher", "kind", "language", "published_on")
    list_filter = ("kind", "language")
    search_fields = ("title", "publisher", "url")
