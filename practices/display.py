"""How numbers, names, lists of places and dates read on pages, in feeds and in e-mails. All of it is plain text."""

from datetime import datetime
from itertools import groupby
from operator import attrgetter
from urllib.parse import urlsplit

from django.utils import formats, timezone
from django.utils.translation import ngettext

from practices.languages import text_of

SNIPPET_LENGTH = 220  # characters


def number(value):
    """Return a whole number with its thousands set apart as the reader's language does."""
    return str(value) if 0 <= value < 1000 else formats.number_format(value, use_l10n=True, force_grouping=True)


def megahertz(value):
    """Return an edge in MHz with the decimals it needs and no more."""
    digits = f"{value.normalize():f}"
    decimals = len(digits.partition(".")[2])
    return formats.number_format(value, decimal_pos=decimals, use_l10n=True, force_grouping=True)


def date_text(value, form="DATE_FORMAT"):
    """Return a day, or the day of a moment, in a format of Django's; nothing for None."""
    if value is None:
        return ""
    return formats.date_format(timezone.localtime(value) if isinstance(value, datetime) else value, form)


def lower_first(text):
    """Return ``text`` with a small first letter, to go on within a sentence; acronyms stay."""
    text = str(text)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def first_words(text):
    """Return as many whole words of ``text`` as a snippet holds; as many characters where there are no spaces."""
    if len(text) <= SNIPPET_LENGTH:
        return text
    cut = text[: SNIPPET_LENGTH + 1]
    words = cut.rpartition(" ")[0] or cut[:-1]
    return f"{words.rstrip(' ,;:.–-')} …"


def places_in_words(names):
    """Return at most two names, or the first and how many more."""
    if len(names) <= 2:
        return ", ".join(names)
    return ngettext("%(first)s and %(more)s more", "%(first)s and %(more)s more", len(names) - 1) % {
        "first": names[0],
        "more": len(names) - 1,
    }


def places(*kinds):
    """Return where a measure applies, in a few words, from its areas and its countries."""
    return places_in_words([text_of(place, "name")[0] for places_of_kind in kinds for place in places_of_kind])


def chip_words(chips):
    """Return in words what is chosen: the labels of the chips."""
    return ", ".join(label for _name, _label, _value, label in chips)


def host(url):
    """Return the host of an address, as readers name a website."""
    return urlsplit(url).netloc.removeprefix("www.")


def runs(items, attribute):
    """Return pairs of a value of ``attribute`` and the items that follow each other and share it, in their order."""
    return [(value, list(run)) for value, run in groupby(items, key=attrgetter(attribute))]
