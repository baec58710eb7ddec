"""Checking one record of a file: every fault is noted with its field, its value and what would be right."""

import difflib
import json
import re
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from practices.models.slugs import validate_slug
from practices.partial_dates import PartialDate

validate_url = URLValidator(schemes=["http", "https"])


# What can neither be stored nor shown: control characters, and halves of characters that stand alone.
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Fault:
    """One thing that keeps a file from being loaded. As a text it is one line, whatever the file holds."""

    record: str
    field: str
    value: object
    expected: str

    def __str__(self):
        value = _escaped(json.dumps(self.value, ensure_ascii=False, default=str))
        value = value if len(value) <= 80 else value[:77] + "…"
        return f"{_escaped(self.record)}: {_escaped(self.field)}: {value}: {_escaped(self.expected)}"


def _escaped(text):
    return UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


class Refused(Exception):
    """A file was not loaded and nothing was written. ``faults`` says why, all of it."""

    def __init__(self, faults):
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


def wrong_with(text, *, max_length=None, long=False):
    """What is needed in place of ``text``, in words; None where it is a text that can be stored.

    Only a ``long`` text may have new lines and tabs.
    """
    if not isinstance(text, str):
        return "a text in quotes is needed"
    if not text.strip():
        return "a text that is not empty is needed"
    if UNPRINTABLE.search(re.sub(r"[\n\t]", "", text) if long else text):
        allowed = " other than new lines and tabs" if long else ""
        return f"a text without control characters{allowed}, and without lone surrogates, is needed"
    if max_length and len(text) > max_length:
        return f"at most {max_length} characters; these are {len(text)}"
    return None


class Checker:
    """The fields of one record as the file has them.

    ``name`` is what faults call the record; ``record`` is its object. Each method returns the value to
    store, or notes a fault in ``faults`` and returns None (a list without the faulty entries where it
    returns lists). Null and absent are the same; a value of another kind never stands for them.
    """

    def __init__(self, name, record, faults):
        self.name, self.record, self.faults = name, record, faults

    def fault(self, field, expected, *value):
        """Note a fault of ``field``, or of the one ``value`` in it that is given."""
        self.faults.append(Fault(self.name, field, *(value or [self.record.get(field)]), expected))

    def only(self, *fields):
        """Refuse fields that nobody knows, so that a misspelt one is not silently dropped."""
        for field in sorted(self.record.keys() - set(fields)):
            close = difflib.get_close_matches(field, fields, n=1)
            self.fault(field, f"no such field{f'; perhaps {close[0]}' if close else ''}")

    def text(self, field, *, max_length=None, required=True, long=False):
        """A text; ``""`` for an absent, null or empty one that is not required."""
        value = self.record.get(field)
        if value is None or value == "":
            if required:
                self.fault(field, "a text is needed")
            return ""
        wrong = wrong_with(value, max_length=max_length, long=long)
        return self.fault(field, wrong) if wrong else value

    def items(self, field, *, needed=""):
        """The entries of a list. ``needed`` says what an empty one lacks, where it may not be empty."""
        value = self.record.get(field)
        if value is None:
            value = []
        if not isinstance(value, list):
            self.fault(field, "a list in square brackets is needed")
            return []
        if needed and not value:
            self.fault(field, needed)
        return value

    def objects(self, field):
        """A checker for each object of a list."""
        entries = objects_of(self.items(field), f"{self.name}: {field}", self.faults)
        return [Checker(name, entry, self.faults) for name, entry in entries]

    def texts(self, field, *, max_length):
        """The texts of a list, each once, in the file's order; none with spaces around it."""
        texts = []
        for text in self.items(field):
            wrong = wrong_with(text, max_length=max_length)
            if not wrong and text != text.strip():
                wrong = "a text without spaces around it is needed"
            if wrong:
                self.fault(field, wrong, text)
            else:
                texts.append(text)
        return list(dict.fromkeys(texts))

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

    def flag(self, field, *, required=True):
        value = self.record.get(field)
        if not isinstance(value, bool) and (required or value is not None):
            return self.fault(field, "true or false is needed")
        return value

    def choice(self, field, values, *, required=True):
        """One of ``values`` (texts); ``""`` for an absent one that is not required."""
        value = self.record.get(field)
        if value is None and not required:
            return ""
        return value if self._is_one_of(field, value, values) else None

    def one(self, field, known, *, required=True):
        """The object that ``known`` (code to object) has for a code; None for an absent one."""
        code = self.choice(field, known, required=required)
        return known[code] if code else None

    def many(self, field, known):
        """The objects that ``known`` has for a list of codes, each once, in the file's order."""
        codes = [code for code in self.items(field) if self._is_one_of(field, code, known)]
        return [known[code] for code in dict.fromkeys(codes)]

    def _is_one_of(self, field, value, values):
        if isinstance(value, str) and value in values:
            return True
        self.fault(field, _one_of(value, values), value)
        return False

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
        number = Decimal(str(value)) if type(value) in (int, float) else Decimal("NaN")
        if not number.is_finite() or not 0 < number < 10_000_000 or number != round(number, 3):
            return self.fault(field, "a number of MHz above 0, with three decimal places at most, is needed")
        return number


def _one_of(value, values):
    """What is needed in place of ``value``, in words: all of ``values`` if they are few, otherwise those near it."""
    few = f"one of {', '.join(sorted(values))}" if 0 < len(values) <= 12 else ""
    if not isinstance(value, str):
        return f"a text in quotes is needed{few and f', {few}'}"
    if few:
        return f"{few} is needed"
    folded = {known.casefold(): known for known in sorted(values)}
    close = [folded[near] for near in difflib.get_close_matches(value.casefold(), folded, n=3, cutoff=0.7)]
    return f"no such code; perhaps {', '.join(close)}" if close else "no such code is loaded"


def objects_of(entries, what, faults):
    """The objects of a list as (name, object) pairs, ``name`` being ``what`` with the place; faults for the others."""
    for number, entry in enumerate(entries, start=1):
        if isinstance(entry, dict):
            yield f"{what} {number}", entry
        else:
            faults.append(Fault(f"{what} {number}", "(the record)", entry, "an object in curly brackets is needed"))


def records_of(data, what, key, faults, stored=str):
    """The records of a file as (key, record) pairs; faults for what is not a list of objects with unique keys.

    ``stored`` turns a key into the one that is stored, which tells two records apart.
    """
    if not isinstance(data, list):
        faults.append(Fault(what, "(the file)", type(data).__name__, "a list of records in square brackets is needed"))
        return []
    pairs, seen = [], set()
    for name, record in objects_of(data, what, faults):
        value = record.get(key)
        if not isinstance(value, str) or not value:
            faults.append(Fault(name, key, value, "a text that names the record is needed"))
        elif stored(value) in seen:
            faults.append(Fault(name, key, value, "a second record has this; each may stand once"))
        else:
            seen.add(stored(value))
            pairs.append((value, record))
    return pairs
