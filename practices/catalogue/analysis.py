"""Words of a text: the same for what is indexed and for what is asked.

``words`` splits a text into words that Tantivy's analyzers then put into lower case, stem and rid of accents. What only
this catalogue needs is done here: frequencies in any notation become MHz, elisions and possessives go, Arabic and
Cyrillic spellings are unified, and Chinese becomes overlapping pairs of characters, since it has no blanks.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

MAX_WORD_CHARACTERS = 60
DECIMAL_POINT = "·"
PLAIN = "plain"
STEMMERS = {"en": "english", "fr": "french", "es": "spanish", "ru": "russian", "ar": "arabic"}
OTHER_STEMS = "en"  # the language whose stemmer takes the words of all other languages

APOSTROPHES = "'’‘ʼʻʽʹ`´′＇"
HYPHENATED = ("e", "m", "t", "wi", "hi", "re", "co")  # prefixes that make one word with what follows their hyphen
_LETTER = r"[^\W\d_]"
_NUMBER = r"\d++(?:[.,]\d++)*+"
_SPACE = r"[ \u00a0\u2007\u2009\u202f]"
# "2 600": groups of three digits, with any kind of space between.
_GROUPED = rf"(?<![\d.,])\d{{1,3}}(?:{_SPACE}\d{{3}})+(?![\d]|[.,]\d)"
_AND = r"(?:\s?[/–—&-]\s?|,\s|\s(?:to|and|or|et|ou|y|o|à|a|и|до|و)\s)"
_HERTZ = r"(?:[kmg]hz|[кмг]гц|兆赫|吉赫|ميغاهرتز|ميجاهرتز|جيجاهرتز|غيغاهرتز)"
_UNIT_IN_MHZ = {"ghz": 1000, "ггц": 1000, "吉赫": 1000, "غيغاهرتز": 1000, "جيجاهرتز": 1000, "khz": 0, "кгц": 0}
# Vowel signs, the lengthening stroke, combining accents and marks of direction: they stand within words.
_WITHIN = "\u0300-\u036f\u0640\u064b-\u065f\u0670\u00ad\u200b-\u200f\u2060\ufeff"
_WORD = rf"[^\W_](?:[^\W_]|[{_WITHIN}])*+"
# Quantifiers are possessive or bounded, so that no text takes long.
_FREQUENCY = re.compile(
    rf"(?:(?:{_GROUPED}|{_NUMBER}){_AND}){{0,6}}+(?:{_GROUPED}|{_NUMBER})[\s-]?{_HERTZ}(?!{_LETTER})", re.IGNORECASE
)
_UNIT = re.compile(rf"{_HERTZ}\Z", re.IGNORECASE)
_EDGE = re.compile(rf"{_GROUPED}|{_NUMBER}")
_TOKEN = re.compile(
    rf"{_FREQUENCY.pattern}"
    rf"|\d++(?:[.,]\d++)++"
    rf"|(?:(?:{'|'.join(HYPHENATED)})[-‐‑](?={_LETTER}{{2}}))?{_WORD}(?:[{APOSTROPHES}]{_WORD})*+",
    re.IGNORECASE,
)
_CHINESE = "[぀-ヿ㐀-鿿豈-﫿]"
_IS_CHINESE = re.compile(_CHINESE)
_ALPHABETIC = rf"(?:(?!{_CHINESE})[^\W\d_])"
# Letters and digits part ("covid19", "10GB"), but not where few of them are a name of their own ("5G", "G20", "2nd").
_PART = re.compile(
    rf"{_CHINESE}+"
    rf"|\d+(?:st|nd|rd|th|{_ALPHABETIC})(?!{_ALPHABETIC}|\d)"
    rf"|{_ALPHABETIC}{{1,2}}\d+(?!{_ALPHABETIC}|\d)"
    rf"|\d+|{_ALPHABETIC}+|[^\W_]",
    re.IGNORECASE,
)
_ELISION = re.compile(rf"\A(?:[ldjnscmt]|qu|jusqu|lorsqu|puisqu)[{APOSTROPHES}](?=\w{{2}})", re.IGNORECASE)
_POSSESSIVE = re.compile(rf"[{APOSTROPHES}]s?\Z", re.IGNORECASE)
_JOINT = re.compile(f"[{APOSTROPHES}‐‑-]")

# Letters that writers exchange for each other and that the analyzers leave apart.
_LETTERS = str.maketrans(
    {"ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "ٱ": "ا", "أ": "ا", "إ": "ا", "آ": "ا", "ؤ": "و", "ئ": "ي"}
    | {"ё": "е", "Ё": "Е", "є": "е", "і": "и", "ə": "e", "ı": "i"}
)
_IGNORED = re.compile(f"[{_WITHIN}]")  # those that no composed letter has


class Token(NamedTuple):
    """A piece of a text, ``text[start:end]``, and the words that it stands for.

    ``frequencies`` are the edges in MHz that it names, as words (``700mhz``); it is empty for other pieces.
    """

    start: int
    end: int
    words: tuple[str, ...]
    frequencies: tuple[str, ...] = ()


def tokens(text: str) -> list[Token]:
    """Return the pieces of ``text`` that are words or frequencies, in their order."""
    return [Token(*match.span(), *_words_in(match[0])) for match in _TOKEN.finditer(text)]


def words(text: str) -> str:
    """Return the words of ``text``, parted by blanks, as the analyzers of the index take them."""
    return " ".join([word for match in _TOKEN.finditer(text) for word in _words_in(match[0])[0]])


@lru_cache(1 << 14)
def _words_in(raw: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of a piece of a text, and the frequencies among them."""
    if not raw.isascii():
        raw = _IGNORED.sub("", unicodedata.normalize("NFKC", raw)).translate(_LETTERS)
    if _UNIT.search(raw):
        return _frequency_words(raw)
    if "." in raw or "," in raw:
        return tuple(_decimal_words(raw)), ()
    text = _JOINT.sub("", _POSSESSIVE.sub("", _ELISION.sub("", raw)))
    found: list[str] = []
    for part in _PART.findall(text):
        if _IS_CHINESE.match(part):
            found += [part[start : start + 2] for start in range(max(1, len(part) - 1))]
        else:
            found.append(_ascii_digits(part)[:MAX_WORD_CHARACTERS])
    return tuple(found), ()


def _ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(char)) if char.isdigit() else char for char in text)


def _frequency_words(raw: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return ``("mhz", "700", "700mhz", "800", "800mhz")`` and its frequencies for "700 and 800 MHz"."""
    match = _UNIT.search(raw)
    assert match  # noqa: S101 (the caller found it)
    unit = match[0].lower()
    factor = _UNIT_IN_MHZ.get(unit, 1)
    ending = "mhz" if factor else "khz"
    found, frequencies = ["ghz" if factor == 1000 else ending], []
    for number in _EDGE.findall(raw):
        number = _ascii_digits("".join(number.split()))
        whole, *decimals = re.split("[.,]", number)
        # "1,800 MHz" has a thousands separator, "1.427 GHz" and "24.25" have decimals.
        if len(decimals) == 1 and (factor == 1000 or len(decimals[0]) != 3):
            digits = decimals[0].rstrip("0")
        else:
            whole, digits = whole + "".join(decimals), ""
        found.append(_joined(whole, digits)[:MAX_WORD_CHARACTERS])
        if factor == 1000:
            whole, digits = whole + digits[:3].ljust(3, "0"), digits[3:]
        frequencies.append((_joined(whole.lstrip("0") or "0", digits) + ending)[:MAX_WORD_CHARACTERS])
        found.append(frequencies[-1])
    return tuple(found), tuple(frequencies)


def _joined(whole: str, digits: str) -> str:
    return f"{whole}{DECIMAL_POINT}{digits}" if digits else whole


def _decimal_words(raw: str) -> list[str]:
    """Return the numbers of digits, points and commas: 3.5 is 3·5, 1,000 is 1000, 19.3.2020 is three numbers."""
    parts = [_ascii_digits(part) for part in re.split("[.,]", raw)]
    if all(len(part) == 3 for part in parts[1:]):
        parts = ["".join(parts)]
    elif len(parts) == 2:
        parts = [DECIMAL_POINT.join(parts)]
    return [part[:MAX_WORD_CHARACTERS] for part in parts]


def is_chinese(word: str) -> bool:
    """Return whether ``word`` is of a script that puts no blanks between words."""
    return bool(_IS_CHINESE.match(word))


def stem_languages(word: str) -> tuple[str, ...]:
    """Return the languages that ``word`` may have a stem in, by its letters; the others know it as it is."""
    if not word[:1].isalpha() or is_chinese(word):
        return ()
    if any("\u0400" <= char <= "\u04ff" for char in word):
        return ("ru",)
    return ("ar",) if any("\u0600" <= char <= "\u06ff" for char in word) else ("en", "fr", "es")


def _analyzer(language: str = "") -> TextAnalyzer:
    builder = TextAnalyzerBuilder(Tokenizer.whitespace()).filter(Filter.lowercase())
    if language:
        builder = builder.filter(Filter.stemmer(STEMMERS[language]))  # which needs the accents
    return builder.filter(Filter.ascii_fold()).build()


# By the name under which the index knows them: words as they are, and their stems in each language.
ANALYZERS = {PLAIN: _analyzer()} | {language: _analyzer(language) for language in STEMMERS}


@lru_cache(1 << 14)
def plain(word: str) -> str:
    """Return a word of ``words`` in lower case and without accents."""
    return (ANALYZERS[PLAIN].analyze(word) or [""])[0]


@lru_cache(1 << 14)
def stem(word: str, language: str) -> str:
    """Return the stem of a word of ``words`` in ``language``, one of ``STEMMERS``."""
    return (ANALYZERS[language].analyze(word) or [""])[0]
