"""Form fields that read one parameter of a query string, and say what would be right where it is not."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

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
        _refuse(
            [item for item in value if item not in known],
            _("“%(value)s” is not one of the values: %(values)s."),
            values=", ".join(map(str, known)),
        )


class CodesField(forms.Field):
    """Any of the codes of a column of the catalogue; cleans to the records, in the order given.

    ``catalogue`` is the ``Snapshot`` to look in: whoever makes a form sets it. ``only_public`` leaves out
    records that no public measure points at.
    """

    widget = RepeatedParameter
    catalogue = None

    def __init__(self, *, column, example, fold=str, only_public=None, **kwargs):
        super().__init__(**kwargs)
        self.column, self.example, self.fold, self.only_public = column, example, fold, only_public

    def to_python(self, value):
        if not value:
            return []
        index, records = self.catalogue.index(self.column), self.catalogue.values(self.column)
        found, unknown = {}, []
        for item in value:
            place = index.get(self.fold(item))
            if place is None or not (self.only_public is None or self.only_public(self.catalogue, place)):
                unknown.append(item)
            else:
                found[place] = records[place]
        _refuse(
            unknown,
            _("“%(value)s” is not a code of the catalogue. Right would be, for instance, “%(example)s”."),
            example=self.example,
        )
        return list(found.values())


class YearsField(forms.Field):
    """Any of several years; cleans to whole numbers."""

    widget = RepeatedParameter

    def to_python(self, value):
        items = list(dict.fromkeys(value or []))
        _refuse(
            [item for item in items if not _is_year(item)],
            _("“%(value)s” is not a year. Right would be, for instance, “2020”."),
        )
        return [int(item) for item in items]


def _is_year(text):
    return re.fullmatch("[0-9]{4}", text) and EARLIEST_YEAR <= int(text) <= LATEST_YEAR


class LanguagesField(forms.Field):
    """Any of the languages that the catalogue's sources are in; cleans to their codes."""

    widget = RepeatedParameter
    catalogue = None  # the Snapshot to look in

    def to_python(self, value):
        if not value:
            return []
        codes, known = list(dict.fromkeys(value)), self.known()
        _refuse(
            [code for code in codes if code not in known],
            _("“%(value)s” is not the language of any source. The sources are in: %(languages)s."),
            languages=", ".join(known),
        )
        return codes

    def known(self):
        """The codes that the parameter can have, in order."""
        codes, public = self.catalogue.codes("source_language"), self.catalogue.public("source_language")
        return sorted(code for code, is_public in zip(codes, public, strict=True) if is_public)


def _refuse(values, message, /, **params):
    """Raise a ``ValidationError`` that says ``message`` of each of ``values``; none if there are none."""
    if values:
        raise ValidationError(
            [
                ValidationError(message, code="invalid_choice", params={"value": shortened(value), **params})
                for value in values
            ]
        )


def shortened(value):
    return value if len(value) <= 40 else f"{value[:39]}…"
