"""The codebook and what else measures name: topics, types, crises, organizations, tags."""

from django.contrib import admin
from django_tasks_db.models import DBTaskResult
from taggit.models import Tag as TaggitTag

from practices.admin.base import KeptWhileUsed, TranslatedAdmin
from practices.admin.dates import WrittenDates
from practices.models import Beneficiary, Crisis, MeasureType, Organization, Tag, Topic

admin.site.unregister(TaggitTag)  # tags are our own
admin.site.unregister(DBTaskResult)  # a queue of the machine's, in which nobody edits


class CodeAdmin(TranslatedAdmin):
    list_display = ("name", "code", "position")
    search_fields = ("name_en", "code")


@admin.register(Topic)
class TopicAdmin(CodeAdmin):
    pass


@admin.register(MeasureType)
class MeasureTypeAdmin(CodeAdmin):
    list_display = ("name", "topic", "code", "position")
    list_filter = ("topic",)
    list_select_related = ("topic",)


@admin.register(Beneficiary)
class BeneficiaryAdmin(KeptWhileUsed, CodeAdmin):
    used_by = "beneficiaries"


@admin.register(Crisis)
class CrisisAdmin(WrittenDates, TranslatedAdmin):
    list_display = ("name", "kind", "started_on", "ended_on")
    list_filter = ("kind",)
    search_fields = ("name_en", "slug")


@admin.register(Organization)
class OrganizationAdmin(KeptWhileUsed, TranslatedAdmin):
    used_by = "organizations"
    list_display = ("name", "acronym", "kind", "country")
    list_filter = ("kind", "country__itu_region")
    list_select_related = ("country",)
    search_fields = ("name_en", "acronym", "slug")
    autocomplete_fields = ("country", "regulator_of")


@admin.register(Tag)
class TagAdmin(KeptWhileUsed, TranslatedAdmin):
    used_by = "tags"
    list_display = ("name", "label", "slug")
    search_fields = ("name", "label_en")
