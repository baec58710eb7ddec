"""Texts that a record may have in several languages, and the names of languages."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.db.models import CharField, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language, get_language_info, to_locale

RIGHT_TO_LEFT = {"ar", "fa", "he", "ur"}


@cache
def offered_languages():
    """The languages that the portal's own words are in, English first: those with a compiled catalogue."""
    folders = [Path(folder) for folder in settings.LOCALE_PATHS]
    codes = [code for code, _name in settings.LANGUAGES if code != "en"]
    return ["en", *(code for code in codes if any(_words(folder, code).exists() for folder in folders))]


def _words(folder, code):
    return folder / to_locale(code) / "LC_MESSAGES" / "django.mo"


def preferred_languages():
    """The portal's languages, the reader's first, then English, then the others."""
    return _preferred_by(get_language())


@cache
def _preferred_by(reader):
    codes = [code for code, _name in settings.LANGUAGES]
    return sorted(codes, key=[reader, "en", *codes].index)


def text_of(record, field, reader=None):
    """The text of a translated field and the language it is in: the first that the record has.

    ``("", the reader's language)`` where it has none. Whoever asks for many says which language ``reader`` reads.
    """
    reader = reader or get_language()
    for language, name in _fields(field, reader):
        if text := getattr(record, name):
            return text, language
    return "", reader


@cache
def _fields(field, reader):
    """The languages that the reader prefers, each with the name of a field in it."""
    return [(language, f"{field}_{language.replace('-', '_')}") for language in _preferred_by(reader)]


def translated(field):
    """Expression: a translated field's text in the first of the preferred languages that has one."""
    names = [f"{field}_{language.replace('-', '_')}" for language in preferred_languages()]
    return Coalesce(*(NullIf(name, Value("")) for name in names), Value(""), output_field=CharField())


# The languages of sources that Django has no name for.
OTHER_LANGUAGES = {"am": "Amharic", "ne": "Nepali", "sq": "Albanian", "tl": "Tagalog", "fa": "Persian"}


def language_name(code):
    """The name of a language in the reader's, for an ISO 639 code; the code itself where no name is known."""
    return _name_in(get_language(), code)


@cache
def _name_in(reader, code):
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return OTHER_LANGUAGES.get(code, code)


def html_language(code):
    """Return a language code as HTML writes it: ``zh-Hans`` for ``zh-hans``."""
    return "-".join([code.split("-")[0], *(part.title() for part in code.split("-")[1:])])


def direction(code):
    """Return which way the script of a language runs: ``rtl`` or ``ltr``."""
    try:
        return "rtl" if get_language_info(code)["bidi"] else "ltr"
    except KeyError:
        return "ltr"
