from django.contrib import admin
from modeltranslation.admin import TranslationAdmin

from countries.models import Country, Group
from reg4covid.desk import DeskAdmin


@admin.register(Country)
class CountryAdmin(DeskAdmin, TranslationAdmin):
    list_display = ("name", "iso3", "itu_region", "income_group", "itu_status")
    list_filter = ("itu_region", "income_group", "itu_status", "un_region")
    search_fields = ("name_en", "name_fr", "name_es", "name_ru", "name_ar", "name_zh_hans", "iso2", "iso3")
    autocomplete_fields = ("administered_by",)


@admin.register(Group)
class GroupAdmin(DeskAdmin, TranslationAdmin):
    list_display = ("name", "code", "kind")
    list_filter = ("kind",)
    search_fields = ("name_en", "code")
    autocomplete_fields = ("members",)
