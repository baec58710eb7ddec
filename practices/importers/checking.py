"""Checking one record of a file: every fault is noted with its field, its value and what would be right."""

import difflib
import json
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from practices.models.slugs import validate_slug
from practices.partial_dates import PartialDate

validate_url = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True)
class Fault:
    """One thing that keeps a file from being loaded."""

    record: str
    field: str
    value: object
    expected: str

    def __str__(self):
        value = json.dumps(self.value, ensure_ascii=False, default=str)
        return f"{self.record}: {self.field}: {value if len(value) <= 80 else value[:77] + '…'}: {self.expected}"


class Refused(Exception):
    """A file was not loaded and nothing was written. ``faults`` says why, all of it."""

    def __init__(self, faults):
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


class Checker:
    """The fields of one record. Each method returns the value to store, or notes a fault and returns None."""

    def __init__(self, name, record, faults):
        self.name, self.record, self.faults = name, record, faults

    def fault(self, field, expected, value=None):
        self.faults.append(Fault(self.name, field, self.record.get(field) if value is None else value, expected))

    def only(self, *fields):
        """Refuse fields that nobody knows, so that a misspelt one is not silently dropped."""
        for field in sorted(self.record.keys() - set(fields)):
            close = difflib.get_close_matches(field, fields, n=1)
            self.fault(field, f"no such field{f'; perhaps {close[0]}' if close else ''}")

    def text(self, field, *, max_length=None, required=True):
        """A text; ``""`` for an absent or null one that is not required."""
        value = self.record.get(field)
        if value is None or value == "":
            if required:
                self.fault(field, "a text is needed")
            return ""
        if not isinstance(value, str):
            return self.fault(field, "a text in quotes is needed")
        if "\x00" in value:
            return self.fault(field, "a text without NUL bytes is needed")
        if max_length and len(value) > max_length:
            return self.fault(field, f"at most {max_length} characters; these are {len(value)}")
        return value

    def slug(self, field, **kwargs):
        value = self.text(field, **kwargs)
        if value:
            try:
                validate_slug(value)
            except ValidationError as error:
                return self.fault(field, error.messages[0])
        return value

    def code(self, field, pattern, expected, *, required=True):
        """A text of the form ``pattern`` (a regular expression), which ``expected`` says in words."""
        value = self.text(field, required=required)
        if value and not re.fullmatch(pattern, value, re.ASCII):
            return self.fault(field, expected)
        return value

    def url(self, field, *, max_length, required=True):
        value = self.text(field, max_length=max_length, required=required)
        if value:
            try:
                validate_url(value)
            except ValidationError:
                return self.fault(field, "a full web address that starts with https:// or http:// is needed")
        return value

    def flag(self, field):
        value = self.record.get(field)
        if not isinstance(value, bool):
            return self.fault(field, "true or false is needed")
        return value

    def choice(self, field, values, *, required=True, value=None):
        """One of ``values`` (texts); ``""`` for an absent one that is not required."""
        value = self.record.get(field) if value is None else value
        if value is None and not required:
            return ""
        if not isinstance(value, str) or value not in values:
            return self.fault(field, _one_of(value, values), value)
        return value

    def one(self, field, known, *, required=True):
        """The object that ``known`` (code to object) has for a code."""
        code = self.choice(field, known, required=required)
        return known[code] if code else None

    def many(self, field, known):
        """The objects that ``known`` has for a list of codes, each once, in the file's order."""
        codes = self.record.get(field)
        if codes is None:
            return []
        if not isinstance(codes, list):
            self.fault(field, "a list in square brackets is needed")
            return []
        valid = [code for code in codes if self.choice(field, known, value=code if code is not None else "null")]
        return [known[code] for code in dict.fromkeys(valid)]

    def partial_date(self, field, *, required=False):
        value = self.record.get(field)
        if value is None:
            return self.fault(field, "a date is needed") if required else None
        try:
            return PartialDate.parse(value)
        except (TypeError, ValueError):
            return self.fault(field, "a real date is needed, as a year (2020), a month (2020-04) or a day (2020-04-17)")

    def end(self, field, end, start_field, start):
        """Refuse an ``end`` whose last possible day is before the first of ``start``."""
        if start and end and end.last_day < start.first_day:
            self.fault(field, f"an end that is not before {start_field} ({start.isoformat()}) is needed")

    def megahertz(self, field):
        value = self.record.get(field)
        if value is None:
            return None
        try:
            number = Decimal(str(value)) if not isinstance(value, bool) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite() or not 0 < number < 10_000_000 or number != round(number, 3):
            return self.fault(field, "a number of MHz above 0, with three decimal places at most, is needed")
        return number


def _one_of(value, values):
    values = sorted(values)
    if 0 < len(values) <= 12:
        return f"one of {', '.join(values)} is needed"
    close = difflib.get_close_matches(str(value), values, n=3, cutoff=0.7)
    return f"no such code; perhaps {', '.join(close)}" if close else "no such code is loaded"


def records_of(data, what, key, faults):
    """The records of a file as (key, record) pairs; faults for what is not a list of objects with unique keys."""
    if not isinstance(data, list):
        faults.append(Fault(what, "(the file)", type(data).__name__, "a list of records in square brackets is needed"))
        return []
    pairs, seen = [], set()
    for number, record in enumerate(data, start=1):
        name = f"{what} {number}"
        if not isinstance(record, dict):
            faults.append(Fault(name, "(the record)", record, "an object in curly brackets is needed"))
        elif not isinstance(record.get(key), str) or not record[key]:
            faults.append(Fault(name, key, record.get(key), "a text that names the record is needed"))
        elif record[key] in seen:
            faults.append(Fault(name, key, record[key], "a second record has this; each may stand once"))
        else:
            seen.add(record[key])
            pairs.append((record[key], record))
    return pairs
