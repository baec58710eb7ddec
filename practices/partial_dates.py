"""Dates as precise as their source and no more: a year, a month or a day.

In Python a partial date is a ``PartialDate``. Its text is ISO 8601 (``2020``, ``2020-04``, ``2020-04-17``),
which also stands in files and the API. In the database it is one whole number, YYYYMMDD with zeros for what
is not known (20200000, 20200400, 20200417), so that sorting and comparing need no text rules: a year comes
before its months, and a month before its days.
"""

import calendar
import datetime
import re
from dataclasses import dataclass
from functools import lru_cache, total_ordering

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import formats
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext_lazy as _

EARLIEST_YEAR = 1800
LATEST_YEAR = 2200


@total_ordering
@dataclass(frozen=True, slots=True)
class PartialDate:
    """A year, a month of a year, or a day. ValueError for a date that no calendar has."""

    year: int
    month: int | None = None
    day: int | None = None

    ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)

    def __post_init__(self):
        if not EARLIEST_YEAR <= self.year <= LATEST_YEAR:
            raise ValueError(f"year {self.year} is not between {EARLIEST_YEAR} and {LATEST_YEAR}")
        if self.day is not None and self.month is None:
            raise ValueError("a day needs a month")
        datetime.date(self.year, 1 if self.month is None else self.month, 1 if self.day is None else self.day)

    @classmethod
    def parse(cls, text):
        """The partial date that an ISO text such as ``2020-04`` names; ValueError for any other text."""
        match = cls.ISO.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} is not of the form YYYY, YYYY-MM or YYYY-MM-DD")
        return cls(*(int(part) if part else None for part in match.groups()))

    @classmethod
    def from_number(cls, number):
        """The partial date that is stored as ``number`` (YYYYMMDD, zeros for what is not known)."""
        year, rest = divmod(number, 10000)
        month, day = divmod(rest, 100)
        return cls(year, month or None, day or None)

    @property
    def number(self):
        return self.year * 10000 + (self.month or 0) * 100 + (self.day or 0)

    @property
    def precision(self):
        return "day" if self.day else "month" if self.month else "year"

    @property
    def first_day(self):
        """The earliest day that this date can mean."""
        return datetime.date(self.year, self.month or 1, self.day or 1)

    @property
    def last_day(self):
        """The latest day that this date can mean."""
        month = self.month or 12
        return datetime.date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def isoformat(self):
        return "-".join([f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part)])

    def __str__(self):
        """The date in words of the reader's language: ``2020``, ``April 2020`` or ``17 April 2020``."""
        return _in_words(self, get_language())

    @property
    def short(self):
        """The date in few words, for rows of a list: ``2020``, ``Apr 2020`` or ``17 Apr 2020``."""
        return _in_few_words(self, get_language())

    def __lt__(self, other):
        return self.number < other.number if isinstance(other, PartialDate) else NotImplemented


# A page has dozens of dates, most of them the same few, and Django takes as long for one as a template for a row.


@lru_cache(maxsize=4096)
def _in_words(date, language):
    if date.day:
        return formats.date_format(date.first_day, "DATE_FORMAT")
    if date.month:
        return formats.date_format(date.first_day, "YEAR_MONTH_FORMAT")
    return str(date.year)


@lru_cache(maxsize=4096)
def _in_few_words(date, language):
    if date.day:
        return formats.date_format(date.first_day, pgettext("format of a short day", "j M Y"))
    if date.month:
        return formats.date_format(date.first_day, pgettext("format of a short month", "M Y"))
    return str(date.year)


def day_number(day):
    """A day (``datetime.date``) as the number that a partial date of that day is stored as."""
    return day.year * 10000 + day.month * 100 + day.day


def surely_by(field, day):
    """Condition: the last day that the partial date in ``field`` can mean is on or before ``day``."""
    condition = Q(**{f"{field}__lte": day_number(day)})
    if (day.month, day.day) != (12, 31):
        condition &= ~Q(**{field: day.year * 10000})
    if day.day != calendar.monthrange(day.year, day.month)[1]:
        condition &= ~Q(**{field: day.year * 10000 + day.month * 100})
    return condition


def possibly_by(field, day):
    """Condition: the first day that the partial date in ``field`` can mean is on or before ``day``."""
    return Q(**{f"{field}__lte": day_number(day)})


def surely_from(field, day):
    """Condition: the first day that the partial date in ``field`` can mean is on or after ``day``."""
    return Q(**{f"{field}__gt": day_number(day - datetime.timedelta(days=1))})


def not_before(end, start):
    """Condition for a constraint: the last day that ``end`` can mean is not before the first of ``start``.

    Holds too where one of the two is empty. Both are field names.
    """
    latest_end = models.Case(
        models.When(condition=_is_year(end), then=_number(end) + 9999),
        models.When(condition=_is_month(end), then=_number(end) + 99),
        default=_number(end),
        output_field=models.IntegerField(),
    )
    return (
        Q(**{f"{end}__isnull": True})
        | Q(**{f"{start}__isnull": True})
        | Q(models.lookups.GreaterThanOrEqual(latest_end, _number(start)))
    )


def _number(field):
    return models.functions.Cast(field, models.IntegerField())


def _is_year(field):
    return models.lookups.Exact(models.functions.Mod(_number(field), 10000), 0)


def _is_month(field):
    return models.lookups.Exact(models.functions.Mod(_number(field), 100), 0)


class PartialDateFormField(forms.Field):
    """A text input that takes an ISO partial date; cleans to a ``PartialDate`` or None."""

    default_error_messages = {
        "invalid": _("“%(value)s” is not a date. Write a year (2020), a month (2020-04) or a day (2020-04-17)."),
    }

    def prepare_value(self, value):
        return value.isoformat() if isinstance(value, PartialDate) else value

    def to_python(self, value):
        text = (value or "").strip()
        if not text:
            return None
        try:
            return PartialDate.parse(text)
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": text[:40]}) from None


class PartialDateField(models.Field):
    """A model field that holds a ``PartialDate``. Lookups take one, its ISO text, or its number."""

    description = _("Date with the precision of a year, a month or a day")
    default_error_messages = {
        "invalid": _(
            "“%(value)s” is not a date. Right would be a year (2020), a month (2020-04) or a day (2020-04-17)."
        ),
    }

    def get_internal_type(self):
        return "IntegerField"

    def from_db_value(self, value, expression, connection):
        return None if value is None else PartialDate.from_number(value)

    def to_python(self, value):
        if value is None or value == "" or isinstance(value, PartialDate):
            return value or None
        try:
            return PartialDate.from_number(value) if isinstance(value, int) else PartialDate.parse(str(value))
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid", params={"value": value}) from None

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        if value is None or isinstance(value, int):
            return value
        return self.to_python(value).number

    def value_to_string(self, obj):
        value = self.to_python(self.value_from_object(obj))
        return "" if value is None else value.isoformat()

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": PartialDateFormField, **kwargs})
