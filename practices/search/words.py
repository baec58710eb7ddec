"""The words of a text, made once for every engine.

A word is one or more letters and digits without case or accents: ``Côte d’Ivoire`` is ``cote``, ``ivoire``. Its stem is
what it shares with its inflected forms in the language of the text (``auctions``: ``auction``). Chinese and Japanese,
which put no blanks between words, are cut into overlapping pairs of characters.

Words hold no character of ASCII but a to z and 0 to 9, so that no engine's tokenizer has anything to split. A decimal
point is written as ``·``. Frequencies are in MHz, whatever the text has: ``3.5 GHz`` is ``3500mhz``, ``ghz``.
"""

import json
import re
import unicodedata
from functools import cache, lru_cache
from pathlib import Path
from threading import Lock
from typing import NamedTuple

import Stemmer

LONGEST = 60  # characters of a word; what follows is cut off, in texts and in queries alike
MOST = 16_000  # words of a text: PostgreSQL counts no further positions
DECIMAL_POINT = "·"

STEM_ENDING = 2  # letters at the end of a stem, at most, in which it is not how its word begins: "die" of "dying"
STEMMERS = {"en": "english", "fr": "french", "es": "spanish", "ru": "russian", "ar": "arabic"}

APOSTROPHES = "'’‘ʼʻʽʹ`´′＇"
HYPHENATED = ("e", "m", "t", "wi", "hi", "re", "co")  # what is one word with what a hyphen joins to it
_LETTER = r"[^\W\d_]"
_NUMBER = r"\d++(?:[.,]\d++)*+"
_AND = r"(?:\s?[/–—&-]\s?|,\s|\s(?:to|and|or|et|ou|y|o|à|a|и|до)\s)"
_HERTZ = r"(?:[kmg]hz|[кмг]гц|兆赫|吉赫|ميغاهرتز|جيجاهرتز|غيغاهرتز)"
# Lists of frequencies ("700 and 800 MHz"); decimals; e-learning and Wi-Fi, which are one word; words with apostrophes.
# Quantifiers are possessive or bounded, so that no text takes long.
TOKEN = re.compile(
    rf"(?:{_NUMBER}{_AND}){{0,6}}+{_NUMBER}[\s-]?{_HERTZ}(?!{_LETTER})"
    rf"|\d++(?:[.,]\d++)++"
    rf"|(?:(?:{'|'.join(HYPHENATED)})[-‐‑](?={_LETTER}{{2}}))?[^\W_]++(?:[{APOSTROPHES}][^\W_]++)*+",
    re.IGNORECASE,
)
_IS_FREQUENCY = re.compile(rf"{_HERTZ}\Z", re.IGNORECASE)
_NUMBERS = re.compile(_NUMBER)
_CHINESE = "[぀-ヿ㐀-鿿豈-﫿]"
_IS_CHINESE = re.compile(_CHINESE)
_ALPHABETIC = rf"(?:(?!{_CHINESE})[^\W\d_])"
# Letters and digits part ("covid19", "10GB"), but not where few of them are a name of their own ("5G", "G20", "2nd").
_PARTS = re.compile(
    rf"{_CHINESE}+"
    rf"|\d+(?:st|nd|rd|th|{_ALPHABETIC})(?!{_ALPHABETIC}|\d)"
    rf"|{_ALPHABETIC}{{1,2}}\d+(?!{_ALPHABETIC}|\d)"
    rf"|\d+|{_ALPHABETIC}+|[^\W_]",
    re.IGNORECASE,
)
_ELISION = re.compile(rf"\A(?:[ldjnscmt]|qu|jusqu|lorsqu|puisqu)[{APOSTROPHES}](?=\w{{2}})", re.IGNORECASE)
_POSSESSIVE = re.compile(rf"[{APOSTROPHES}]s?\Z", re.IGNORECASE)
_APOSTROPHE = re.compile(f"[{APOSTROPHES}]")
_HYPHEN = re.compile("[-‐‑]")

# Letters that are no accented form of another to Unicode, and such as writers exchange for each other.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ə": "e"}
    | {"ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ٱ": "ا", "є": "е", "і": "и"}
)
# Vowel signs, the lengthening stroke and marks of direction: they stand within Arabic words and mean nothing here.
_INVISIBLE = re.compile("[\u0640\u064b-\u065f\u0670\u00ad\u200b-\u200f\u2060\ufeff]")


class Word(NamedTuple):
    """A word and its stem. Where no language is given, the stem is the word."""

    form: str
    stem: str


class Token(NamedTuple):
    """A piece of a text, ``text[start:end]``, and the words that it is."""

    start: int
    end: int
    words: tuple


def words_of(text, language=""):
    """The words of ``text``, a list of ``Word`` in their order, stemmed for ``language`` (``fr``, ``zh_hans`` ...)."""
    words = []
    for raw in TOKEN.findall(clean(text)):
        words += words_in(raw, language)
    return words[:MOST]


def tokens_of(text, language=""):
    """The pieces of ``text`` that are words, in their order. ``text`` has to be ``clean``."""
    return [Token(*match.span(), words_in(match[0], language)) for match in TOKEN.finditer(text)]


def clean(text):
    """``text`` with its characters composed and what is invisible left out, so that each letter is one character."""
    if text.isascii():
        return text
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def invisible_in(text):
    """``text``, composed, as ``clean`` leaves it, and the place in ``text`` of each of its characters."""
    if text.isascii() or not _INVISIBLE.search(text):
        return text, range(len(text))
    places = [place for place, char in enumerate(text) if not _INVISIBLE.match(char)]
    return "".join(text[place] for place in places), places


def fold(word):
    """``word`` without case and accents."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_LETTERS))
    return "".join(char for char in plain.translate(_LETTERS) if not unicodedata.combining(char))


@lru_cache(1 << 12)
def alternatives(raw):
    """A piece of a query in words: pairs of a form and the set of stems that it has in the languages it may be of."""
    words = words_in(raw, "")
    if _IS_FREQUENCY.search(raw):
        # Each number has the unit; by its stem it would find any such number.
        return tuple((word.form, frozenset([word.form])) for word in words[:-1])
    stems = zip(*([word.stem for word in words_in(raw, language)] for language in _languages_of(raw)), strict=True)
    return tuple((word.form, frozenset([word.form, *some])) for word, some in zip(words, stems, strict=True))


@lru_cache(1 << 17)
def words_in(raw, language):
    """The words of a piece of a text: what ``TOKEN`` finds in one that is ``clean``."""
    if _IS_FREQUENCY.search(raw):
        return tuple(_frequencies(raw))
    if "." in raw or "," in raw:
        return tuple(Word(number, number) for number in _decimals(raw))
    text = _POSSESSIVE.sub("", _ELISION.sub("", raw))
    text = _APOSTROPHE.sub("", _HYPHEN.sub("", text))
    words = []
    for part in _PARTS.findall(text):
        if _IS_CHINESE.match(part):
            part = fold(part)
            words += [Word(part[place : place + 2], part[place : place + 2]) for place in range(len(part))]
        elif form := _plain(fold(part))[:LONGEST]:
            words.append(Word(form, _stem(part, form, language)))
    return tuple(words)


def _plain(form):
    """``form`` as an engine may read it: no signs, which some letters leave when they are folded, and ASCII digits."""
    if form.isascii():
        return form
    return "".join(str(unicodedata.digit(char)) if char.isdigit() else char for char in form if char.isalnum())


@lru_cache(1 << 17)
def _stem(raw, form, language):
    if form.isdigit() or language not in STEMMERS or _IS_CHINESE.match(form):
        return form
    # Stems are made of the word with its accents, which French, Spanish and Russian endings need.
    with _stemming:
        stem = _stemmer(STEMMERS[language]).stemWord(raw.lower().replace("ё", "е"))
    stem = _plain(fold(stem))[:LONGEST]
    return stem if len(stem) > 1 else form


_stemming = Lock()  # a stemmer works on one word at a time


@cache
def _stemmer(name):
    return Stemmer.Stemmer(name, 0)  # which remembers nothing: ``_stem`` does


def stem(form, language):
    """The stem of a word that has no accents any more."""
    return _stem(form, form, language)


def is_chinese(form):
    """Whether ``form`` is of a script that puts no blanks between words."""
    return bool(_IS_CHINESE.match(form))


def _languages_of(raw):
    if any("\u0400" <= char <= "\u04ff" for char in raw):
        return ("ru",)
    return ("ar",) if any("\u0600" <= char <= "\u06ff" for char in raw) else ("en", "fr", "es")


def _frequencies(raw):
    """700 and 800 MHz: 700mhz, 800mhz, mhz. The number is the stem, so that "700" alone finds it too."""
    unit = _IS_FREQUENCY.search(raw)[0].lower()
    unit = {"кгц": "khz", "мгц": "mhz", "ггц": "ghz", "吉赫": "ghz", "غيغاهرتز": "ghz", "جيجاهرتز": "ghz"}.get(
        unit, unit
    )
    unit = unit if unit.isascii() else "mhz"
    for number in _NUMBERS.findall(raw):
        plain = _plain(fold(number.replace(",", "."))) if number.isascii() else number
        whole, *decimals = re.split("[.,]", plain if plain.isdigit() else number)
        if len(decimals) == 1 and (unit == "ghz" or len(decimals[0]) != 3):
            digits = decimals[0].rstrip("0")
        else:
            whole, digits = whole + "".join(decimals), ""
        stem = whole + (DECIMAL_POINT + digits if digits else "")
        if unit == "ghz":
            whole, digits = whole + digits[:3].ljust(3, "0"), digits[3:]
        form = (whole.lstrip("0") or "0") + (DECIMAL_POINT + digits if digits else "")
        yield Word((form + ("khz" if unit == "khz" else "mhz"))[:LONGEST], stem[:LONGEST])
    yield Word(unit, unit)


def _decimals(raw):
    """The number or numbers of digits, points and commas: 3.5 is 3·5, 1,000 is 1000, 19.3.2020 is three."""
    parts = re.split("[.,]", raw)
    parts = [_plain(part) for part in parts]
    if all(len(part) == 3 for part in parts[1:]):
        return ["".join(parts)[:LONGEST]]
    if len(parts) == 2:
        return [DECIMAL_POINT.join(parts)[:LONGEST]]
    return [part[:LONGEST] for part in parts]


DATA = Path(__file__).resolve().parent.parent / "data"


def read(name):
    """The content of a JSON file of ``practices/data/``."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


@cache
def stop_words():
    """Words of the six languages that say nothing of what is looked for."""
    lists = read("stop_words.json").values()
    return frozenset(word.form for words in lists for word in words_of(" ".join(words)))
