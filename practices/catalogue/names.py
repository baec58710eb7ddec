"""Names of what measures point at: countries, organizations, types and the like, in every language."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from django.conf import settings
from django.db.models import Model

from practices.catalogue.analysis import APOSTROPHES, OTHER_STEMS, STEMMERS, plain, stem, tokens, words
from practices.catalogue.word_lists import everyday_words, read

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
    """Yield what else describes a record, as pairs of a text and its language: the definition of a code, for instance.

    The description of a crisis is not among it: a word of it would find every measure that was taken in the crisis.
    """
    for language in LANGUAGES:
        if text := record.__dict__.get(f"definition_{language}"):
            yield text, language
    if started := record.__dict__.get("started_on"):
        yield str(started)[:4], ""  # for "hurricane 2017"
    for name in kind_names_of(record):
        yield name.text, name.language


def kind_names_of(record: Model) -> Iterator[Name]:
    """Yield what the kind of a crisis is called in every language: for "huracán"."""
    return _aliases_of("crisis_kind", record.__dict__.get("kind", ""))


def is_everyday(kind: str, code: str) -> bool:
    """Return whether the code of a country, or an acronym, is also an everyday word: "can", "per", "us"."""
    return (kind == "country" or (kind == "organization" and code.isupper())) and code.lower() in everyday_words()


# The names that a search knows.

KINDS = ("country", "area", "topic", "type", "crisis", "organization", "beneficiary", "tag")
PUBLIC_KINDS = (*KINDS[:5], "beneficiary")  # whose names are public whether or not a measure has them
MAX_NAME_WORDS = 12

# Ids of records, by their kind.
RecordIds = dict[str, Collection[int]]


@lru_cache(1 << 12)
def forms_of(text: str) -> tuple[str, ...]:
    """Return the words of a name in lower case and without accents."""
    return tuple(plain(word) for word in words(text).split())


class KnownName(NamedTuple):
    """A name of a record. ``forms`` are its words; ``is_own`` is false for aliases."""

    text: str
    forms: tuple[str, ...]
    is_own: bool


class NamesOfKind:
    """The names of the records of one kind, by their words.

    ``whole`` has the ids that a tuple of words is a name of; ``codes`` those that a word is a name of only in capitals:
    codes of two letters, and codes that are everyday words. ``by_word`` has the ids that have a word in a name,
    ``by_stem`` likewise by a language and a stem in it, and ``described`` those that have the stem in their
    definition or description. ``of_record`` has the names of an id. ``languages`` are those that a word of a name is
    of; ``written`` is how a word of a country's name is written.
    """

    def __init__(self, kind: str, records: Iterable[Model]):
        self.kind = kind
        self.whole: dict[tuple[str, ...], list[int]] = {}
        self.codes: dict[str, list[int]] = {}
        self.by_word: defaultdict[str, set[int]] = defaultdict(set)
        self.by_stem: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        self.described: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        self.of_record: dict[int, list[KnownName]] = {}
        self.country_codes: set[str] = set()
        self.languages: defaultdict[str, set[str]] = defaultdict(set)
        self.written: dict[str, str] = {}
        for record in records:
            self._add(record)

    def _add(self, record: Model) -> None:
        kind, pk = self.kind, record.pk
        self.of_record[pk] = []
        for name in names_of(kind, record):
            forms = forms_of(name.text)
            if forms and is_everyday(kind, name.text):
                _append(self.codes, forms[0], pk)
            elif forms:
                _append(self.whole, forms, pk)
                self._add_words(name, forms, pk)
                _add_stems(self.by_stem, name.text, name.language, pk)
        if kind == "crisis":  # "huracan" is a word of its names, though not a name of it
            for name in kind_names_of(record):
                self._add_words(name, forms_of(name.text), pk)
        for text, language in explanations_of(record):
            _add_stems(self.described, text, language, pk)
        code = code_of(kind, record)
        if kind == "country":
            self.country_codes.add(code)
            _append(self.codes, record.iso2.lower(), pk)
        if (forms := forms_of(code)) and not is_everyday(kind, code):
            _append(self.whole, forms, pk)

    def _add_words(self, name: Name, forms: tuple[str, ...], pk: int) -> None:
        self.of_record[pk].append(KnownName(name.text, forms, name.is_own))
        for form in forms:
            self.by_word[form].add(pk)
            if name.language:
                self.languages[form].add(name.language)
        if self.kind == "country":
            for token in tokens(name.text):
                if len(token.words) == 1:
                    self.written.setdefault(plain(token.words[0]), name.text[token.start : token.end])

    @cached_property
    def alphabet(self) -> list[str]:
        """The words of all names, sorted."""
        return sorted(self.by_word)


def _append(table: dict, key, pk: int) -> None:
    ids = table.setdefault(key, [])
    if pk not in ids:
        ids.append(pk)


def _add_stems(table: dict[tuple[str, str], set[int]], text: str, language: str, pk: int) -> None:
    language = language if language in STEMMERS else OTHER_STEMS
    for word in words(text).split():
        table[language, stem(word, language)].add(pk)


class Names:
    """The names of all kinds of records, by their words. What is found is ids by kind, without kinds that have none."""

    def __init__(self, of_kinds: dict[str, NamesOfKind]):
        self._of_kinds = of_kinds

    def _found(self, look_up: Callable[[NamesOfKind], Collection[int] | None]) -> RecordIds:
        return {kind: ids for kind, names in self._of_kinds.items() if (ids := look_up(names))}

    def whole(self, forms: tuple[str, ...]) -> RecordIds:
        """Return what ``forms`` are a whole name of."""
        return self._found(lambda names: names.whole.get(forms))

    def codes(self, form: str) -> RecordIds:
        """Return what a word is a name of where it is typed like a code."""
        return self._found(lambda names: names.codes.get(form))

    def with_word(self, form: str) -> RecordIds:
        """Return what has a word in one of its names."""
        return self._found(lambda names: names.by_word.get(form))

    def with_stems(self, stems: Iterable[tuple[str, str]]) -> RecordIds:
        """Return what has one of some stems in one of its names: pairs of a language and a stem in it."""
        return self._found(lambda names: set().union(*(names.by_stem.get(pair, ()) for pair in stems)))

    def described_with(self, stems: Iterable[tuple[str, str]]) -> RecordIds:
        """Return likewise what has one of the stems in its definition or description."""
        return self._found(lambda names: set().union(*(names.described.get(pair, ()) for pair in stems)))

    def with_prefix(self, prefix: str) -> RecordIds:
        """Return what has a word that begins with ``prefix`` in one of its names."""
        return self._found(lambda names: set().union(*(names.by_word[form] for form in _starting(names, prefix))))

    def with_phrase(self, forms: Sequence[str]) -> RecordIds:
        """Return what has a name in which ``forms`` follow one another."""
        wanted = f" {' '.join(forms)} "
        return self._found(
            lambda names: [
                pk
                for pk in sorted(names.by_word.get(forms[0], ()))
                if any(wanted in f" {' '.join(name.forms)} " for name in names.of_record[pk])
            ]
        )

    def starting_with(self, prefix: str) -> list[str]:
        """Return the words of names that begin with ``prefix``."""
        return sorted({form for names in self._of_kinds.values() for form in _starting(names, prefix)})

    def of_record(self, kind: str, pk: int) -> list[KnownName]:
        """Return the names of a record."""
        return self._of_kinds[kind].of_record[pk]

    def languages(self, form: str) -> set[str]:
        """Return the languages of the names that have a word."""
        return set().union(*(names.languages.get(form, ()) for names in self._of_kinds.values()))

    def is_country_code(self, form: str) -> bool:
        """Return whether a word is the code of a country in three letters."""
        return form in self._of_kinds["country"].country_codes

    def written(self, form: str) -> str:
        """Return a word as names of countries write it."""
        return self._of_kinds["country"].written.get(form, form)


def _starting(names: NamesOfKind, prefix: str) -> list[str]:
    start = bisect_left(names.alphabet, prefix)
    return names.alphabet[start : bisect_left(names.alphabet, prefix + "\U0010ffff", start)]
