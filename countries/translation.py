"""Which fields of countries have a value in each of the six languages."""

from modeltranslation.translator import TranslationOptions, register

from countries.models import Country, Group


@register(Country)
class CountryTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("en",)


@register(Group)
class GroupTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("en",)
