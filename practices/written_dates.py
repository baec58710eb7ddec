"""Dates as people and sources write them, read into partial dates: ``April 2020``, ``17.4.2020``, ``17 avril 2020``.

The desk takes these. Addresses, files and the API have ISO 8601 alone.
"""

import re
import unicodedata
from functools import cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import dates, translation
from django.utils.translation import gettext as _

from practices.partial_dates import EARLIEST_YEAR, LATEST_YEAR, PartialDate, PartialDateFormField

YEAR_FIRST = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
YEAR_LAST = re.compile(r"(?:(\d{1,2})[-/.])?(\d{1,2})[-/.](\d{4})")
CHINESE_UNIT = re.compile(r"(?<=\d)\s*[年月日]\s*")
WORD = re.compile(r"[^\W\d_]+|\d+")
# What stands between a day, a month and a year, or after a number.
FILLERS = {"st", "nd", "rd", "th", "the", "of", "er", "de", "del", "г", "года"}


def read(text):
    """The partial date that ``text`` writes; ValueError, with a sentence for its writer, where it is none or two."""
    plain = CHINESE_UNIT.sub("-", _folded(text)).strip(" -")
    if match := YEAR_FIRST.fullmatch(plain):
        year, month, day = match.groups()
    elif match := YEAR_LAST.fullmatch(plain):
        first, second, year = match.groups()
        day, month = _day_and_month(text, first, second, year)
    else:
        year, month, day = _of_words(text, plain)
    try:
        return PartialDate(*(int(part) if part else None for part in (year, month, day)))
    except ValueError:
        raise ValueError(
            _("“%(value)s” is a date that no calendar has between %(first)d and %(last)d.")
            % {"value": text, "first": EARLIEST_YEAR, "last": LATEST_YEAR}
        ) from None


def _day_and_month(text, first, second, year):
    """Which of two numbers before a year is the day: the one that can be no month."""
    if first is None or int(first) == int(second) or int(first) > 12 or not int(first) * int(second):
        return first, second
    if int(second) > 12:
        return second, first
    readings = [PartialDate(int(year), int(month), int(day)) for day, month in ((first, second), (second, first))]
    raise ValueError(
        _("“%(value)s” is %(first)s in some countries and %(second)s in others. Write %(iso_first)s or %(iso_second)s.")
        % {
            "value": text,
            "first": readings[0],
            "second": readings[1],
            "iso_first": readings[0].isoformat(),
            "iso_second": readings[1].isoformat(),
        }
    )


def _of_words(text, plain):
    """Year, month and day of a date with its month in words; the month and the day may be None."""
    words = [word for word in WORD.findall(plain) if word not in FILLERS]
    years = [word for word in words if word.isdecimal() and len(word) == 4]
    days = [word for word in words if word.isdecimal() and len(word) <= 2]
    months = [_months()[word] for word in words if word in _months()]
    if len(years) == len(months) == 1 and len(days) <= 1 and len(words) == 2 + len(days):
        return years[0], months[0], days[0] if days else None
    raise ValueError(
        _(
            "“%(value)s” is not a date. Write a year (2020), a month (2020-04) or a day (2020-04-17), "
            "or the month in words (17 April 2020)."
        )
        % {"value": text}
    )


@cache
def _months():
    """The number of a month by its names, whole and short, in the portal's languages, folded."""
    months = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            for names in (dates.MONTHS, dates.MONTHS_ALT, dates.MONTHS_AP, dates.MONTHS_3):
                for number, name in names.items():
                    months.setdefault(_folded(str(name)).strip("."), number)
    return months


def _folded(text):
    """``text`` in small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


class WrittenDateFormField(PartialDateFormField):
    """A text input that takes a date as it is written; cleans to a ``PartialDate`` or None."""

    def to_python(self, value):
        text = (value or "").strip()[:60]
        if not text:
            return None
        try:
            return read(text)
        except ValueError as error:
            raise ValidationError(str(error), code="invalid") from None
