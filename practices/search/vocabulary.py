"""The names of what measures point at: words, and whole names, of countries, organizations, topics and the like.

They are not in the engine's index: each process has those of its snapshot, so that a country can be renamed and is
found by its new name at once.
"""

from bisect import bisect_left
from functools import cache, cached_property
from typing import NamedTuple
from weakref import WeakKeyDictionary

from django.conf import settings

from practices.search.words import APOSTROPHES, clean, is_chinese, read, stop_words, tokens_of, words_of

LANGUAGES = [code.replace("-", "_") for code, _name in settings.LANGUAGES]
# Kinds of records by the snapshot's name for them, in the order in which they are suggested and recognised.
KINDS = ("country", "area", "topic", "type", "crisis", "organization", "beneficiary", "tag")
LAST = "\U0010ffff"  # comes after whatever a word goes on with
CODES = {"country": "code", "crisis": "slug", "organization": "slug", "tag": "slug"}


class Entry(NamedTuple):
    """A word of a record's name: which record (its place in the snapshot's tuple), and how much of it the word is.

    ``share`` is 1 for the whole name, less for one word of several, and 0 for a word of the definition.
    """

    index: int
    share: float


class Name(NamedTuple):
    """A name of a record. ``text`` is as it is written; ``forms`` are its words; ``is_own`` says it is no alias."""

    index: int
    text: str
    forms: tuple
    is_own: bool


class Names:
    """The words of the names of one kind of records.

    ``forms`` and ``stems`` give the entries of a word, ``whole`` the records that a tuple of words is a name of, and
    ``codes`` those of two-letter codes, and of others that are everyday words, which are names only where they are
    written like a code. ``iso3`` are the three-letter codes, which in small letters may be how a word begins.
    ``spelling`` says how a word of a country's name is written, and ``languages`` those that a word of a name is of.
    """

    def __init__(self, kind, records):
        self.kind = kind
        self.names, self.forms, self.stems, self.whole, self.codes, self.spelling = [], {}, {}, {}, {}, {}
        self.languages = {}
        self.iso3 = {record.code for record in records} if kind == "country" else set()
        aliases = _aliases().get(kind, {})
        for index, record in enumerate(records):
            for text, language, is_own in _names_of(kind, record, aliases):
                self._add(index, text, language, is_own)
            if kind == "country":
                self.codes.setdefault(record.iso2.lower(), []).append(index)
            if not self._is_everyday(code := code_of(kind, record)):
                self._know(index, words_of(code))
            for text, language in _explanations_of(record):
                for word in set(words_of(text, language)):
                    if word.form not in stop_words():
                        self._enter(word, Entry(index, 0))

    @cached_property
    def by_index(self):
        """The names of each record: a dict of lists."""
        names = {}
        for name in self.names:
            names.setdefault(name.index, []).append(name)
        return names

    def _add(self, index, text, language, is_own):
        words = words_of(text, language)
        if not words:
            return
        if self._is_everyday(text):
            self.codes.setdefault(words[0].form, []).append(index)
            return
        self.names.append(Name(index, text, self._know(index, words), is_own))
        telling = [word for word in words if word.form not in stop_words()] or words
        for word in telling:
            self._enter(word, Entry(index, 1 / len(telling)))
            if language:
                self.languages.setdefault(word.form, set()).add(language)
        if self.kind == "country":
            text = clean(text)
            for token in tokens_of(text):
                if len(token.words) == 1:
                    self.spelling.setdefault(token.words[0].form, text[token.start : token.end])

    def _is_everyday(self, code):
        """Whether a country's code, or an acronym, is also a word of its own: "can", "per", "us"."""
        is_code = self.kind == "country" or (self.kind == "organization" and code.isupper())
        return is_code and (code.lower() in stop_words() or code.lower() in everyday_codes())

    def _know(self, index, words):
        """Note that all of ``words`` together mean a record. Returns them as a tuple."""
        forms = tuple(word.form for word in words)
        records = self.whole.setdefault(forms, [])
        if index not in records:
            records.append(index)
        return forms

    def _enter(self, word, entry):
        self.forms.setdefault(word.form, set()).add(entry)
        self.stems.setdefault(word.stem, set()).add(entry)

    def starting_with(self, prefix):
        """The words that begin with ``prefix``."""
        words = self._alphabet
        return words[bisect_left(words, prefix) : bisect_left(words, prefix + LAST)]

    @cached_property
    def _alphabet(self):
        return sorted(self.forms)


_vocabularies = WeakKeyDictionary()
_made = {}  # the last ``Names`` of each kind, with the records that they were made of


def names_of(snapshot):
    """The ``Names`` of each of ``KINDS``: a dict. Made once for the same records."""
    if (names := _vocabularies.get(snapshot)) is None:
        names = _vocabularies[snapshot] = {kind: _names(kind, snapshot.records[kind]) for kind in KINDS}
    return names


def _names(kind, records):
    present = _made.get(kind)
    if present is None or present[0] is not records:
        present = _made[kind] = (records, Names(kind, records))
    return present[1]


def code_of(kind, record):
    """The value of a parameter that stands for ``record`` in addresses."""
    return getattr(record, CODES.get(kind, "code"))


@cache
def everyday_codes():
    """Codes of countries that are also words, beside stop words."""
    return frozenset(read("everyday_codes.json"))


@cache
def _aliases():
    return read("search_aliases.json")


def _names_of(kind, record, aliases):
    """Every name that a record goes by: its text, the language, and whether it is its own rather than an alias."""
    field = "label" if kind == "tag" else "name"
    for language in LANGUAGES:
        if name := record.__dict__.get(f"{field}_{language}"):
            yield name, language, True
            # Bolivia (Plurinational State of); China, Hong Kong ...; Cote dIvoire, as it is often typed.
            if "(" in name:
                yield name.partition("(")[0], language, False
            if any(mark in name for mark in APOSTROPHES):
                yield "".join(char for char in name if char not in APOSTROPHES), language, False
    code = code_of(kind, record)
    if kind in ("country", "area"):
        yield code, "", False
    if kind == "tag":
        yield record.name, "", True
    if kind == "organization" and record.acronym:
        yield record.acronym, "", True
    for alias in aliases.get(code.upper() if kind == "country" else code, ()):
        yield alias, "en" if alias.isascii() else "", False


def _explanations_of(record):
    for language in LANGUAGES:
        for field in ("definition", "description"):
            if text := record.__dict__.get(f"{field}_{language}"):
                yield text, language
    if started := record.__dict__.get("started_on"):
        yield str(started)[:4], ""  # for "hurricane 2017"


@cache
def synonyms():
    """What else each way of saying something is said like: tuples of words by tuples of English stems."""
    table = {}
    for entry in read("synonyms.json"):
        sources = entry.get("same") or entry["from"]
        targets = [words_of(text, "en") for text in entry.get("same") or entry["to"]]
        for source in sources:
            stems = _stems(_as_typed(words_of(source, "en")))
            others = table.setdefault(stems, {})
            others.update((_stems(target), tuple(target)) for target in targets if _stems(target) != stems)
    return {stems: tuple(others.values()) for stems, others in table.items()}


def _as_typed(words):
    """``words`` without the last character of a run of Chinese, which queries leave out: it is the end of a pair."""
    return [
        word
        for place, word in enumerate(words)
        if not (place and len(word.form) == 1 and is_chinese(word.form) and words[place - 1].form.endswith(word.form))
    ]


def _stems(words):
    return tuple(word.stem for word in words)
