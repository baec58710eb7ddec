"""Suggestions for the words of a search box while they are typed, and the filters that the words of a query name."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from tantivy import Query

from practices.catalogue import clauses, schema
from practices.catalogue.analysis import is_chinese, stem, stem_languages
from practices.catalogue.catalogue import Catalogue
from practices.catalogue.names import KINDS, KnownName, code_of, forms_of
from practices.catalogue.query import Word, parse, prepared
from practices.catalogue.ranking import MAX_PREFIX_TERMS, Unit, corrected, units_of
from practices.catalogue.synonyms import english_stems, synonyms
from practices.languages import text_of

TITLES = 3  # places that are left for titles of measures
MAX_OF_A_KIND = 3  # suggestions of one kind, while others have some too
MIN_TITLE_CHARACTERS = 2
# The order of suggestions that match as well.
ORDER = ("country", "area", "type", "topic", "crisis", "organization", "beneficiary", "tag")


class Suggestion(NamedTuple):
    """Something that words which are being typed may mean.

    ``kind`` is the parameter of the list that ``code`` is a value of, or ``measure``, with the slug as ``code``.
    ``label`` is in the reader's language; ``alias`` is the name that matches where that is another, else "".
    ``record`` is the model's instance, None for a measure; ``number`` measures have it. ``note`` tells organizations
    of one label apart by their countries.
    """

    kind: str
    label: str
    code: str
    record: Any = None
    number: int = 1
    alias: str = ""
    note: str = ""


class Recognised(NamedTuple):
    """Words of a query that are the name of a value of a filter. ``rest`` is the query without them."""

    parameter: str
    code: str
    label: str
    rest: str


def suggestions(text: str, catalogue: Catalogue, limit: int = 8) -> list[Suggestion]:
    """Return what ``text`` may mean, at most ``limit``: of records, only what is public.

    Its last word is taken as how a word begins. Where nothing has its words, they may be misspelt.
    """
    text = prepared(text).replace('"', " ")
    found = _suggestions(text, catalogue, limit)
    if not found and (better := corrected(text, catalogue)):
        found = _suggestions(better, catalogue, limit)
    return found


def _suggestions(text: str, catalogue: Catalogue, limit: int) -> list[Suggestion]:
    words = [word for run in parse(text).runs for word in run]
    if not words:
        return []
    titles = _titles(words, catalogue, limit)
    room = limit - min(TITLES, len(titles))
    return (_records(words, catalogue)[:room] + titles)[:limit]


def _parameter(kind: str) -> str:
    return "group" if kind == "area" else kind


def _records(words: Sequence[Word], catalogue: Catalogue) -> list[Suggestion]:
    """Return the records that have a name with all of ``words``, or a synonym of them as a name: the likeliest first.

    Tags come last. Of others, names that begin as was typed come first; then kinds take turns.
    """
    found: dict[tuple[str, int], KnownName | None] = dict.fromkeys(_pairs_by_synonym(words, catalogue))
    for pair in _pairs_with(words, catalogue):
        if name := _best_name(pair, words, catalogue):
            found[pair] = name
    ranked = sorted(_ranked(*pair, name, words, catalogue) for pair, name in found.items())
    suggestions = [suggestion for *_rank, suggestion in ranked if _is_public(suggestion)]
    # What nothing public has is of use only where nothing else is; pages of countries and groups say that it is so.
    known = {suggestion.kind for suggestion in suggestions if suggestion.number} - {"country", "group"}
    suggestions = [suggestion for suggestion in suggestions if suggestion.number or suggestion.kind not in known]
    counts: Counter[str] = Counter()
    turns: list[list[Suggestion]] = [[], []]
    for suggestion in suggestions:
        counts[suggestion.kind] += 1
        turns[counts[suggestion.kind] > MAX_OF_A_KIND].append(suggestion)
    return turns[0] + turns[1]


def _is_public(suggestion: Suggestion) -> bool:
    """Return whether the public may know of a record: of tags and organizations, what some public measure has."""
    is_regulator = getattr(suggestion.record, "regulator_of_id", None) is not None
    return bool(suggestion.number) or suggestion.kind not in ("tag", "organization") or is_regulator


def _pairs_with(words: Sequence[Word], catalogue: Catalogue) -> Iterable[tuple[str, int]]:
    """Return pairs of a kind and an id: what has a name with ``words``, of which the last may be unfinished."""
    names = catalogue.records.names
    # Small words, as in "ministry of health", are looked for only where there is nothing else.
    found = [names.with_word(word.form) for word in words[:-1] if not word.is_stop]
    if not words[-1].is_stop or not found:
        found.append(names.with_prefix(words[-1].form))
    return set.intersection(*({(kind, pk) for kind, ids in some.items() for pk in ids} for some in found))


def _pairs_by_synonym(words: Sequence[Word], catalogue: Catalogue) -> Iterable[tuple[str, int]]:
    stems, last = english_stems(word.text for word in words), words[-1].form
    for source, others in synonyms().items():
        begins = words[-1].is_prefix and len(source) == len(stems) and source[:-1] == stems[:-1]
        if source == stems or (begins and len(last) > MAX_OF_A_KIND and source[-1].startswith(last)):
            for other in others:
                for kind, ids in catalogue.records.names.whole(forms_of(" ".join(other))).items():
                    yield from ((kind, pk) for pk in ids)


def _best_name(pair: tuple[str, int], words: Sequence[Word], catalogue: Catalogue) -> KnownName | None:
    """Return the name of a record that has all of ``words``: one that begins so rather than another."""
    forms = tuple(word.form for word in words)
    matching = [name for name in catalogue.records.names.of_record(*pair) if _has(name.forms, forms)]
    matching.sort(key=lambda name: (not _begins(name.forms, forms), not name.is_own, len(name.text)))
    return matching[0] if matching else None


def _ranked(kind: str, pk: int, name: KnownName | None, words: Sequence[Word], catalogue: Catalogue) -> tuple:
    """Return what a record is sorted by and its suggestion. Its ``name`` matches, or a synonym where there is none."""
    forms = tuple(word.form for word in words)
    record = catalogue.records[kind].by_id[pk]
    label, number = str(record), catalogue.counts(_parameter(kind))[pk]
    is_shown = name is None or _has(forms_of(label), forms) or _letters(name.text) in _letters(label)
    note = _country_of(record, label, catalogue) if kind == "organization" else ""
    alias = "" if is_shown else name.text
    is_exact, begins = name is not None and name.forms == forms, name is not None and _begins(name.forms, forms)
    rank = (kind == "tag", not is_exact, not begins, not number, ORDER.index(kind), -number, label, pk)
    return *rank, Suggestion(_parameter(kind), label, code_of(kind, record), record, number, alias, note)


def _begins(name: tuple[str, ...], forms: tuple[str, ...]) -> bool:
    length = len(forms) - 1
    return len(name) > length and name[:length] == forms[:-1] and name[length].startswith(forms[-1])


def _has(name: tuple[str, ...], forms: tuple[str, ...]) -> bool:
    return set(forms[:-1]) <= set(name) and any(form.startswith(forms[-1]) for form in name)


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text))


def _country_of(organization, label: str, catalogue: Catalogue) -> str:
    """Return the name of an organization's country where others have the same label, else ""."""
    country = organization.country_id
    if country is None or Counter(catalogue.records["organization"].labels().values())[label] < 2:
        return ""
    return str(catalogue.records["country"].by_id[country])


def _titles(words: Sequence[Word], catalogue: Catalogue, limit: int) -> list[Suggestion]:
    """Return the newest measures whose title, in any language, has ``words``."""
    *whole, last = words
    wanted = [_in_title(word) for word in whole if not word.is_stop]
    if len(last.form) >= MIN_TITLE_CHARACTERS or is_chinese(last.form):
        terms = catalogue.searcher.terms_with_prefix("title", last.form, limit=MAX_PREFIX_TERMS)
        wanted.append(Query.term_set_query(schema.SCHEMA, "title", [term for term, _frequency in terms]))
    if not wanted:
        return []
    addresses = catalogue.addresses(clauses.all_of(*wanted), "-announced", 0, limit)
    measures = catalogue.measures_at(addresses)
    return [Suggestion("measure", text_of(measure, "title")[0], measure.slug) for measure in measures]


def _in_title(word: Word) -> Query:
    stems = [(f"title_{language}", stem(word.text, language)) for language in stem_languages(word.text)]
    return clauses.one_of(*(Query.term_query(schema.SCHEMA, *term) for term in [("title", word.form), *stems]))


def recognised(text: str, catalogue: Catalogue) -> list[Recognised]:
    """Return the filters that the words of a query name: whole names, codes and years that some public measure has."""
    text, found = prepared(text), []
    for run in parse(text).runs:
        for unit in units_of(run, catalogue.records.names):
            start, end = unit.words[0].span[0], unit.words[-1].span[1]
            rest = " ".join(f"{text[:start]} {text[end:]}".split())
            found += [Recognised(*value, rest) for value in _values(unit, catalogue)]
    return found


def _values(unit: Unit, catalogue: Catalogue) -> list[tuple[str, str, str]]:
    """Return what a unit names, of the first kind that it names any of: parameter, code, label."""
    for kind in KINDS:
        if ids := [pk for pk in unit.records.get(kind, ()) if catalogue.is_public(_parameter(kind), pk)]:
            records = [catalogue.records[kind].by_id[pk] for pk in ids]
            return [(_parameter(kind), code_of(kind, record), str(record)) for record in records]
    form = unit.words[0].form
    if len(unit.words) == 1 and form.isdigit() and len(form) == 4 and catalogue.is_public("year", form):
        return [("year", form, form)]
    return []
