"""Form fields that read one parameter of a query string, and say what would be right where it is not."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from practices.models import Source
from practices.partial_dates import EARLIEST_YEAR, LATEST_YEAR


class RepeatedParameter(forms.SelectMultiple):
    """Reads a parameter that may be repeated. An empty value is as if absent."""

    def value_from_datadict(self, data, files, name):
        return [value for value in super().value_from_datadict(data, files, name) or [] if value != ""]


class ValuesField(forms.MultipleChoiceField):
    """Any of a closed set of values; an unknown one is named, with what would be right."""

    widget = RepeatedParameter

    def validate(self, value):
        known = dict(self.choices)
        unknown = [item for item in value if item not in known]
        if unknown:
            raise ValidationError(
                _("“%(value)s” is not one of the values: %(values)s."),
                code="invalid_choice",
                params={"value": shortened(unknown[0]), "values": ", ".join(map(str, known))},
            )


class CodesField(forms.Field):
    """Any of the codes of a table; cleans to its objects, in the order given."""

    widget = RepeatedParameter

    def __init__(self, *, records, code_field, to_code, example, **kwargs):
        super().__init__(**kwargs)
        self.records, self.code_field, self.to_code, self.example = records, code_field, to_code, example

    def code_of(self, record):
        """The code of a record as addresses write it."""
        return getattr(record, self.code_field).lower()

    def to_python(self, value):
        for item in value or []:
            ProhibitNullCharactersValidator()(item)
        given = {self.to_code(item): item for item in value or []}
        if not given:
            return []
        found = {
            getattr(obj, self.code_field): obj for obj in self.records().filter(**{f"{self.code_field}__in": given})
        }
        unknown = [item for code, item in given.items() if code not in found]
        if unknown:
            raise ValidationError(
                _("“%(value)s” is not a code of the catalogue. Right would be, for instance, “%(example)s”."),
                code="invalid_choice",
                params={"value": shortened(unknown[0]), "example": self.example},
            )
        return [found[code] for code in given]


class YearsField(forms.Field):
    """Any of several years; cleans to whole numbers."""

    widget = RepeatedParameter

    def to_python(self, value):
        years = []
        for item in value or []:
            if not re.fullmatch("[0-9]{4}", item) or not EARLIEST_YEAR <= int(item) <= LATEST_YEAR:
                raise ValidationError(
                    _("“%(value)s” is not a year. Right would be, for instance, “2020”."),
                    code="invalid",
                    params={"value": shortened(item)},
                )
            years.append(int(item))
        return list(dict.fromkeys(years))


class LanguagesField(forms.Field):
    """Any of the languages that the catalogue's sources are in; cleans to their codes."""

    widget = RepeatedParameter

    def to_python(self, value):
        codes = list(dict.fromkeys(value or []))
        if not codes:
            return []
        known = set(Source.objects.public().values_list("language", flat=True).distinct())
        unknown = [code for code in codes if code not in known]
        if unknown:
            raise ValidationError(
                _("“%(value)s” is not the language of any source. The sources are in: %(languages)s."),
                code="invalid_choice",
                params={"value": shortened(unknown[0]), "languages": ", ".join(sorted(known))},
            )
        return codes


def shortened(value):
    return value if len(value) <= 40 else f"{value[:39]}…"
