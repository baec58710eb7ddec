"""Names of what measures point at: countries, organizations, types and the like, in every language."""

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db.models import Model

from practices.catalogue.analysis import APOSTROPHES, plain, stem, tokens, words

if TYPE_CHECKING:
    from practices.catalogue.records import Records

DATA = Path(__file__).resolve().parent.parent / "data"
LANGUAGES = [code.replace("-", "_") for code, _name in settings.LANGUAGES]
CODE_FIELDS = {"country": "code", "crisis": "slug", "organization": "slug", "tag": "slug"}


class Name(NamedTuple):
    """A name of a record in a language (``zh_hans``; empty for any). ``is_own`` is false for aliases."""

    text: str
    language: str
    is_own: bool


def code_of(kind: str, record: Model) -> str:
    """Return the value of a parameter that stands for ``record`` in addresses."""
    return getattr(record, CODE_FIELDS.get(kind, "code"))


def read(name: str):
    """Return the content of a JSON file of ``practices/data/``."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


@cache
def _aliases() -> dict[str, dict[str, dict[str, list[str]]]]:
    """Return further names of records by kind, code and language; those of an empty language may be of any."""
    return {
        kind: {code: names if isinstance(names, dict) else {"": names} for code, names in table.items()}
        for kind, table in read("search_aliases.json").items()
    }


def _aliases_of(kind: str, code: str) -> Iterator[Name]:
    for language, names in _aliases().get(kind, {}).get(code, {}).items():
        for name in names:
            yield Name(name, language or ("en" if name.isascii() else ""), False)


def names_of(kind: str, record: Model) -> Iterator[Name]:
    """Yield every name that a record goes by."""
    field = "label" if kind == "tag" else "name"
    for language in LANGUAGES:
        if name := record.__dict__.get(f"{field}_{language}"):
            yield Name(name, language, True)
            # Bolivia (Plurinational State of); China, Hong Kong ...; Cote dIvoire, as it is often typed.
            if "(" in name:
                yield Name(name.partition("(")[0], language, False)
            if any(mark in name for mark in APOSTROPHES):
                yield Name("".join(char for char in name if char not in APOSTROPHES), language, False)
    code = code_of(kind, record)
    if kind in ("country", "area"):
        yield Name(code, "", False)
    if kind == "tag":
        yield Name(record.name, "", True)
    if kind == "organization" and record.acronym:
        yield Name(record.acronym, "", True)
    yield from _aliases_of(kind, code.upper() if kind == "country" else code)


def explanations_of(record: Model) -> Iterator[tuple[str, str]]:
    """Yield what else describes a record, as pairs of a text and its language: its definition or description."""
    for language in LANGUAGES:
        for field in ("definition", "description"):
            if text := record.__dict__.get(f"{field}_{language}"):
                yield text, language
    if started := record.__dict__.get("started_on"):
        yield str(started)[:4], ""  # for "hurricane 2017"
    for name in kind_names_of(record):
        yield name.text, name.language


def kind_names_of(record: Model) -> Iterator[Name]:
    """Yield what the kind of a crisis is called in every language: for "huracán"."""
    return _aliases_of("crisis_kind", record.__dict__.get("kind", ""))


# What the search knows of names.

KINDS = ("country", "area", "topic", "type", "crisis", "organization", "beneficiary", "tag")
PUBLIC_KINDS = (*KINDS[:5], "beneficiary")  # whose names are public whether or not a measure has them
MAX_NAME_WORDS = 12
SYNONYM_JOINT = "_"  # no word has it


@lru_cache(1 << 15)
def forms_of(text: str) -> tuple[str, ...]:
    """Return the words of a name in lower case and without accents."""
    return tuple(plain(word) for word in words(text).split())


class KnownName(NamedTuple):
    """A name of a record. ``forms`` are its words; ``is_own`` is false for aliases."""

    text: str
    forms: tuple[str, ...]
    is_own: bool


class Names:
    """The names of all records, looked up by their words.

    ``whole`` has what a tuple of words is a name of, ids by kind; ``codes`` likewise what a word is a name of only in
    capitals: codes of two letters, and codes that are everyday words. ``by_word`` has pairs of a kind and an id, and
    ``of_record`` the names of such a pair. ``languages`` are those that a word of a name is of; ``written`` is how
    a word of a country's name is written.
    """

    def __init__(self, records: "Records"):
        self.whole: dict[tuple[str, ...], dict[str, list[int]]] = {}
        self.codes: dict[str, dict[str, list[int]]] = {}
        self.by_word: dict[str, set[tuple[str, int]]] = {}
        self.of_record: dict[tuple[str, int], list[KnownName]] = {}
        self.languages: dict[str, set[str]] = {}
        self.written: dict[str, str] = {}
        self.iso3: set[str] = set()
        for kind in KINDS:
            for record in records[kind].all:
                self._add(kind, record)

    def _add(self, kind: str, record: Model) -> None:
        self.of_record[kind, record.pk] = []
        for name in names_of(kind, record):
            forms = forms_of(name.text)
            if not forms:
                continue
            if is_everyday(kind, name.text):
                self._know(self.codes, forms[0], kind, record.pk)
                continue
            self._know(self.whole, forms, kind, record.pk)
            self._know_words(name, forms, kind, record.pk)
            if kind == "country":
                for token in tokens(name.text):
                    if len(token.words) == 1:
                        self.written.setdefault(plain(token.words[0]), name.text[token.start : token.end])
        if kind == "crisis":
            for name in kind_names_of(record):
                self._know_words(name, forms_of(name.text), kind, record.pk)
        code = code_of(kind, record)
        if kind == "country":
            self.iso3.add(code)
            self._know(self.codes, record.iso2.lower(), kind, record.pk)
        if (forms := forms_of(code)) and not is_everyday(kind, code):
            self._know(self.whole, forms, kind, record.pk)

    def _know_words(self, name: Name, forms: tuple[str, ...], kind: str, pk: int) -> None:
        self.of_record[kind, pk].append(KnownName(name.text, forms, name.is_own))
        for form in forms:
            self.by_word.setdefault(form, set()).add((kind, pk))
            if name.language:
                self.languages.setdefault(form, set()).add(name.language)

    @staticmethod
    def _know(table: dict, key, kind: str, pk: int) -> None:
        ids = table.setdefault(key, {}).setdefault(kind, [])
        if pk not in ids:
            ids.append(pk)

    @cached_property
    def _alphabet(self) -> list[str]:
        return sorted(self.by_word)

    def starting_with(self, prefix: str) -> list[str]:
        """Return the words of names that begin with ``prefix``."""
        start = bisect_left(self._alphabet, prefix)
        return self._alphabet[start : bisect_left(self._alphabet, prefix + "\U0010ffff", start)]

    def with_phrase(self, forms: Sequence[str]) -> list[tuple[str, int]]:
        """Return what has a name in which ``forms`` follow one another."""
        wanted = f" {' '.join(forms)} "
        return [
            pair
            for pair in sorted(self.by_word.get(forms[0], ()))
            if any(wanted in f" {' '.join(name.forms)} " for name in self.of_record[pair])
        ]


@lru_cache(2)
def known_names(records: "Records") -> Names:
    """Return the ``Names`` of ``records``, which are made once for a version of these."""
    return Names(records)


@lru_cache(1 << 15)
def is_everyday(kind: str, code: str) -> bool:
    """Return whether the code of a country, or an acronym, is also an everyday word: "can", "per", "us"."""
    return (kind == "country" or (kind == "organization" and code.isupper())) and code.lower() in _everyday_words()


@cache
def _everyday_words() -> frozenset[str]:
    stop_words = (word for words_ in read("stop_words.json").values() for word in words_)
    return frozenset([*read("everyday_codes.json"), *map(plain, stop_words)])


@cache
def synonyms() -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the synonyms of words: tuples of words, by the tuple of English stems that they are synonyms of."""
    table: dict[tuple[str, ...], dict[tuple[str, ...], tuple[str, ...]]] = {}
    for entry in read("synonyms.json"):
        targets = [tuple(words(text).split()) for text in entry.get("same") or entry["to"]]
        for source in entry.get("same") or entry["from"]:
            stems = english_stems(words(source).split())
            others = table.setdefault(stems, {})
            for target in targets:
                if english_stems(target) != stems:
                    others.setdefault(english_stems(target), target)
    return {stems: tuple(others.values()) for stems, others in table.items()}


@cache
def _synonym_phrases() -> dict[tuple[str, ...], set[tuple[str, ...]]]:
    """Return the synonyms of several words, as English stems, by the first two of these."""
    phrases: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for stems, others in synonyms().items():
        for phrase in (stems, *map(english_stems, others)):
            if len(phrase) > 1:
                phrases.setdefault(phrase[:2], set()).add(phrase)
    return phrases


def synonyms_in(text: str) -> list[str]:
    """Return the synonyms of several words that ``words`` have, each as the one word that it is in the index."""
    stems, phrases = english_stems(text.split()), _synonym_phrases()
    return [
        SYNONYM_JOINT.join(phrase)
        for place, pair in enumerate(pairwise(stems))
        if pair in phrases
        for phrase in phrases[pair]
        if stems[place : place + len(phrase)] == phrase
    ]


def synonym_term(some: Iterable[str]) -> str:
    """Return the term of the English fields of stems that a synonym is found by."""
    stems = english_stems(some)
    return stems[0] if len(stems) == 1 else stem(SYNONYM_JOINT.join(stems), "en")


def english_stems(some: Iterable[str]) -> tuple[str, ...]:
    """Return the English stems of words."""
    return tuple([stem(word, "en") for word in some])
