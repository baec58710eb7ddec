"""The parameters of the API: those of the list, which ``MeasureFilter`` reads, and those of its own."""

import datetime
import difflib
import re

from django import forms
from django.core.exceptions import ValidationError

from practices.api.paging import MOST_PER_PAGE, Cursor
from practices.choices import CoverageStatus
from practices.facets import FACETS
from practices.filters import MeasureFilter, OrganizationFilter
from practices.parameters import CodesField, LanguagesField, ValuesField, shortened
from practices.serializers import MeasureSerializer

PER_PAGE = 20
# Parameters whose codes are so few that all are named, where they are published and where one is not valid.
NAMED = {"country", "group", "topic", "type", "crisis", "beneficiary"}


def _described(filterset):
    """Return what each parameter of a class of filter sets selects, and an example, by the parameter's name."""
    return {
        name: (str(parameter.extra["help_text"]), parameter.example)
        for name, parameter in filterset.base_filters.items()
    }


LIST, ORGANIZATIONS = _described(MeasureFilter), _described(OrganizationFilter)


class MomentField(forms.Field):
    """A moment with its offset from UTC, as ISO 8601 has it; cleans to a ``datetime.datetime`` in UTC."""

    def to_python(self, value):
        if not value:
            return None
        # In a query string a plus sign that is not escaped means a space.
        text = re.sub(r" (?=\d\d:?\d\d$)", "+", value.strip())
        try:
            moment = datetime.datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise ValueError("no offset")
            return moment.astimezone(datetime.UTC)
        except (ValueError, OverflowError):
            raise ValidationError(
                "“%(value)s” is not a moment. Right would be one with its offset from UTC, for instance, "
                "“2026-11-01T00:00:00Z”.",
                params={"value": shortened(value)},
            ) from None


class NamesField(ValuesField):
    """Names of a closed set, separated by commas."""

    def to_python(self, value):
        return [name.strip() for item in value or [] for name in item.split(",") if name.strip()]


class CursorField(forms.Field):
    """A cursor of an answer; cleans to a ``Cursor``."""

    def to_python(self, value):
        try:
            return Cursor.parse(value) if value else None
        except ValueError:
            raise ValidationError(
                "“%(value)s” is not a cursor. Right would be what `next` or `previous` of an answer has.",
                params={"value": shortened(value)},
            ) from None


def _own(field_class, example, help_text, **kwargs):
    """A parameter of the API's own, with the ``example`` that its documentation gives."""
    if field_class is CodesField:
        kwargs["example"] = example
    field = field_class(required=False, help_text=help_text, **kwargs)
    field.example = example
    return field


class NoParameters(forms.Form):
    pass


class PageForm(forms.Form):
    page = _own(
        forms.IntegerField, 2, "The number of a page, from 1 on. Whoever wants all follows `next`.", min_value=1
    )
    per_page = _own(
        forms.IntegerField,
        100,
        f"How many results a page has; {PER_PAGE} by default.",
        min_value=1,
        max_value=MOST_PER_PAGE,
    )
    cursor = _own(
        CursorField,
        None,
        "A place in the list, taken from `next` or `previous` of an answer, in the stead of `page`. What is published "
        "or withdrawn meanwhile makes nothing come twice and nothing be passed over.",
    )

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("page") and cleaned.get("cursor"):
            self.add_error("cursor", "Give “page” or “cursor”, not both.")
        cleaned["per_page"] = cleaned.get("per_page") or PER_PAGE
        return cleaned


class MeasureForm(forms.Form):
    fields = _own(
        NamesField,
        ["slug", "title", "countries"],
        "The fields that the answer has of each measure, separated by commas; all by default.",
        choices=[(name, name) for name in MeasureSerializer().fields],
    )


class MeasureListForm(PageForm, MeasureForm):
    changed_since = _own(
        MomentField,
        "2026-11-01T00:00:00Z",
        "A moment with its offset from UTC: selects what was published, corrected or verified then or later, and adds "
        "`withdrawn` to the answer.",
    )


class FacetForm(forms.Form):
    facet = _own(
        ValuesField,
        "topic",
        "The parameters whose values are counted; all by default.",
        choices=[(name, name) for name in FACETS],
    )


class CoverageForm(PageForm):
    """``catalogue`` is the ``Catalogue`` whose codes are accepted."""

    country = _own(CodesField, "ken", "Only these countries, by ISO 3166-1 alpha-3.", kind="country", fold=str.lower)
    topic = _own(CodesField, "spectrum", "Only these topics.", kind="topic")
    crisis = _own(CodesField, "covid-19", "Only these crises.", kind="crisis")
    status = _own(
        ValuesField,
        "searched",
        "Only what is recorded, was searched with nothing found, or has not been searched yet.",
        choices=CoverageStatus.choices,
    )

    def __init__(self, query, catalogue):
        super().__init__(query)
        for name in ("country", "topic", "crisis"):
            self.fields[name].catalogue = catalogue


def values_of(name, field):
    """The values that a parameter can have, where they are a closed set or codes that are few; None elsewhere."""
    if choices := getattr(field, "choices", None):
        return [value for value, _label in choices if value]
    if isinstance(field, LanguagesField):
        return field.known()
    if isinstance(field, CodesField) and name in NAMED:
        return sorted(field.catalogue.records[field.kind].by_code)
    return None


def faults_of(query, fields, forms):
    """Everything that is wrong with a query string: dicts with the fields of ``FaultSerializer``.

    ``fields`` are those that it may have, by name; ``forms`` have read them.
    """
    faults = [_unknown(name, query[name], fields) for name in query if name not in fields]
    for form in forms:
        for name, errors in form.errors.as_data().items():
            faults += [_fault(name, query, fields[name], error) for error in errors]
    return faults


def _unknown(name, value, fields):
    near = difflib.get_close_matches(name.lower(), fields, n=1, cutoff=0.5)
    if near:
        reason = f"“{shortened(name)}” is not a parameter. Right would be, perhaps, “{near[0]}”."
    elif fields:
        reason = f"“{shortened(name)}” is not a parameter. Right would be: {', '.join(fields)}."
    else:
        reason = f"“{shortened(name)}” is not a parameter. There are none here."
    return {"parameter": name, "value": value, "reason": reason, "nearest": near[0] if near else None}


def _fault(name, query, field, error):
    found = {"parameter": name, "value": str((error.params or {}).get("value", query.get(name, "")))}
    found["reason"] = " ".join(error.messages)
    allowed = values_of(name, field)
    return found | ({"allowed": allowed} if allowed else {})
