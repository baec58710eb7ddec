"""Which fields of the catalogue have a value in each of the six languages."""

from modeltranslation.translator import TranslationOptions, register

from practices.models import Beneficiary, Crisis, Measure, MeasureType, Organization, Tag, Topic


class CodeTranslation(TranslationOptions):
    fields = ("name", "definition")


register(Topic)(CodeTranslation)
register(MeasureType)(CodeTranslation)
register(Beneficiary)(CodeTranslation)


@register(Crisis)
class CrisisTranslation(TranslationOptions):
    fields = ("name", "description")


@register(Organization)
class OrganizationTranslation(TranslationOptions):
    fields = ("name",)


@register(Tag)
class TagTranslation(TranslationOptions):
    fields = ("label",)


@register(Measure)
class MeasureTranslation(TranslationOptions):
    fields = ("title", "summary", "outcome")
