"""Form fields that read one parameter of a query string, and say what is accepted where it is not valid."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from practices.partial_dates import EARLIEST_YEAR, LATEST_YEAR, PartialDateFormField


class RepeatedParameter(forms.SelectMultiple):
    """Reads a parameter that may be repeated. An empty value is as if absent."""

    def value_from_datadict(self, data, files, name):
        return [value for value in super().value_from_datadict(data, files, name) or [] if value != ""]


class ValuesField(forms.MultipleChoiceField):
    """Any of a closed set of values; an unknown one is named, with what is accepted."""

    widget = RepeatedParameter

    def validate(self, value):
        known = dict(self.choices)
        _refuse(
            [item for item in value if item not in known],
            _("“%(value)s” is not one of the values: %(values)s."),
            values=", ".join(map(str, known)),
        )


class CodesField(forms.Field):
    """Any of the codes of a kind of records; cleans to the records, in the order given.

    ``catalogue`` is the ``Catalogue`` to look in: whoever makes a form sets it. ``is_allowed`` says of a catalogue and
    a record whether the public may know of it.
    """

    widget = RepeatedParameter
    catalogue = None

    def __init__(self, *, kind, example, fold=str, is_allowed=None, **kwargs):
        super().__init__(**kwargs)
        self.kind, self.example, self.fold, self.is_allowed = kind, example, fold, is_allowed

    def to_python(self, value):
        if not value:
            return []
        known, found, unknown = self.catalogue.records[self.kind].by_code, {}, []
        for item in value:
            record = known.get(self.fold(item))
            if record is None or not (self.is_allowed is None or self.is_allowed(self.catalogue, record)):
                unknown.append(item)
            else:
                found[record.pk] = record
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
    catalogue = None  # the Catalogue to look in

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
        """Return the codes that the parameter can have, in order."""
        return sorted(self.catalogue.counts("source_language"))


class DayField(PartialDateFormField):
    """A day, ``2020-04-17``; cleans to a ``datetime.date``."""

    default_error_messages = {"invalid": _("“%(value)s” is not a day. Use, for instance, “2020-04-17”.")}

    def to_python(self, value):
        date = super().to_python(value)
        if date is None:
            return None
        if date.precision != "day":
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": shortened(value)})
        return date.first_day


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
