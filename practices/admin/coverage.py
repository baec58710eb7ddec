"""What was searched for and not found."""

from django.contrib import admin

from practices.models import Coverage
from reg4covid.desk import DeskAdmin


@admin.register(Coverage)
class CoverageAdmin(DeskAdmin):
    list_display = ("country", "topic", "crisis", "searched_on", "searched_by")
    list_filter = ("crisis", "topic")
    list_select_related = ("country", "topic", "crisis", "searched_by")
    autocomplete_fields = ("country", "topic", "crisis", "searched_by")
