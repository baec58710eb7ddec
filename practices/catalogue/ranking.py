"""The query of the index that a text means, scored: what is found, and how well it answers."""

from collections.abc import Collection, Iterable
from math import ceil, log1p
from typing import Any, NamedTuple

from tantivy import Occur, Query

from practices.catalogue import clauses, schema
from practices.catalogue.analysis import STEMMERS, plain, stem, stem_languages
from practices.catalogue.catalogue import Catalogue
from practices.catalogue.names import MAX_NAME_WORDS, Names, RecordIds
from practices.catalogue.query import Word, parse
from practices.catalogue.spelling import correction
from practices.catalogue.synonyms import english_stems, synonym_term, synonyms

# How much a word counts by where it is. Judged by bench/relevance.py.
FIELD_WEIGHTS = {"title": 1.0, "summary": 0.4, "details": 0.15}
IN_NAME, IN_DESCRIPTION = 0.75, 0.2  # likewise, in a name or the description of what a measure points at
PREFIX_FIELDS = ("title", "summary")  # where words are looked for by how they begin
TIE_BREAKER = 0.3  # what the fields count for that are not the best one
STEM, PREFIX, SYNONYM = 0.85, 0.5, 0.9  # what these count for, of the word itself
TOGETHER = 0.5  # likewise the words of a synonym one after another, besides each of them
# What the whole name of a record counts for where a measure points at it; others the last.
NAME_WEIGHTS, OTHER_NAMES = {"topic": 0.4, "beneficiary": 0.35, "group": 0.2}, 0.65
IN_RANGE = 0.5  # of a measure with a band that overlaps a range of frequencies
AS_TYPED = 1.0  # of the words one after another, of what they count for together
MAX_PHRASE_WORDS = 6
FEW_MEASURES, MANY_PARTS = 3, 3  # fewer measures than that with all of more parts are too few
MOST = 0.5  # of the parts, that a measure has to have where none has them all
MAX_PREFIX_TERMS = 100

# A query, None where nothing has what it asks for, and about how many measures have it.
Counted = tuple[Query | None, int]


class Unit(NamedTuple):
    """Words that mean one thing together, or one word.

    ``records`` are the ids, by kind, of what they are a name of. ``synonyms`` are tuples of words, and
    ``synonym_records`` what these are names of. A phrase was in quotes.
    """

    words: tuple[Word, ...]
    records: RecordIds
    synonyms: tuple[tuple[str, ...], ...] = ()
    synonym_records: RecordIds = {}
    is_phrase: bool = False

    @property
    def significant(self) -> tuple[Word, ...]:
        """Its words without stop words."""
        return tuple(word for word in self.words if not word.is_stop) or self.words


class Part(NamedTuple):
    """One thing that a measure should have of a text. ``query`` is None where none has it."""

    unit: Unit
    query: Query | None
    idf: float


class Found(NamedTuple):
    """The result of a search.

    ``query`` is scored. With ``partial``, no measure has all ``parts`` of the text, or too few have all of many, and it
    finds those with most of them. ``corrected`` is the text that was searched in place of a misspelt one, or "".
    """

    query: Query
    partial: bool = False
    corrected: str = ""
    parts: tuple[Part, ...] = ()


def search(text: str, catalogue: Catalogue) -> Found:
    """Return what ``text`` finds in the catalogue. Any text may be searched."""
    builder = _Builder(catalogue)
    parts = builder.parts(text)
    if corrected := _correction(text, parts, catalogue):
        parts = builder.parts(corrected)
    return builder.found(corrected or text, parts)._replace(corrected=corrected)


def corrected(text: str, catalogue: Catalogue) -> str:
    """Return ``text`` with the words that were meant in place of misspelt ones; "" where none is misspelt."""
    return _correction(text, _Builder(catalogue).parts(text), catalogue)


def _correction(text: str, parts: list[Part], catalogue: Catalogue) -> str:
    units = (part.unit for part in parts if part.query is None)
    unknown = [unit.words[0] for unit in units if len(unit.words) == 1 and not unit.is_phrase]
    return correction(text, unknown, catalogue) if unknown else ""


def units_of(run: tuple[Word, ...], names: Names) -> list[Unit]:
    """Return the units of a run of words: the longest names and synonyms first."""
    units, start = [], 0
    while start < len(run):
        for length in range(min(len(run) - start, MAX_NAME_WORDS), 0, -1):
            if unit := _unit(run[start : start + length], names):
                units.append(unit)
                break
        else:
            length = 1  # a stop word
        start += length
    return units


def _unit(words: tuple[Word, ...], names: Names) -> Unit | None:
    """Return the unit of ``words``; None where they are not a name, a synonym, a range or one significant word."""
    first, is_single = words[0], len(words) == 1
    if first.khz:
        return Unit(words, {}) if not is_single and all(word.khz == first.khz for word in words) else None
    if all(word.is_stop for word in words):
        return None
    others = synonyms().get(english_stems(word.text for word in words), ())
    records = names.whole(tuple(word.form for word in words))
    if is_single and first.is_code:
        records |= names.codes(first.form)
    if not (others or records or is_single):
        return None
    # "ken" may be the beginning of a word, and not only the code of Kenya.
    is_only_a_code = is_single and list(records) == ["country"] and names.is_country_code(first.form)
    if (others or records) and not (is_only_a_code and first.is_prefix):
        words = tuple(word._replace(is_prefix=False) for word in words)
    synonym_records: dict[str, list[int]] = {}
    for other in others:
        for kind, ids in names.whole(tuple(map(plain, other))).items():
            synonym_records.setdefault(kind, []).extend(ids)
    return Unit(words, records, others, synonym_records)


class _Builder:
    """Builds the queries of texts for one catalogue."""

    def __init__(self, catalogue: Catalogue):
        self.catalogue, self.searcher = catalogue, catalogue.searcher
        self.names = catalogue.records.names

    def parts(self, text: str) -> list[Part]:
        """Return the parts of a text, without what a minus excludes."""
        query = parse(text)
        units = [unit for run in query.runs for unit in units_of(run, self.names)]
        units += [Unit(words, {}, is_phrase=len(words) > 1) for words in query.phrases]
        parts = ((unit, self.unit(unit)) for unit in units)
        return [Part(unit, found, self.idf(frequency)) for unit, (found, frequency) in parts]

    def found(self, text: str, parts: list[Part]) -> Found:
        """Return what all ``parts`` of a text find, or most of them where all find nothing or too little."""
        parsed = parse(text)
        excluded = [query for words in parsed.excluded if (query := self.excluded(words)) is not None]
        if not parts:
            return Found(clauses.without(clauses.measures(), *excluded) if excluded else clauses.NOTHING)
        if len(parts) == 1:
            return Found(_with(parts[0].query or clauses.NOTHING, [], excluded), parts=tuple(parts))
        known = [part.query for part in parts if part.query is not None]
        bonus = self.as_typed(parsed.runs[0], parts) if len(parsed.runs) == 1 else []
        # All parts first; then the least that is accepted, and fewer where nothing has even that.
        minimums = [len(parts)] * (len(known) == len(parts)) + list(range(ceil(MOST * len(known)), 0, -1))
        for minimum in minimums:
            partial = minimum < len(parts)
            if partial:
                query = Query.boolean_query([(Occur.Should, part) for part in known], minimum)
            else:
                query = clauses.all_of(*known)
            count = self.catalogue.count(_with(query, [], excluded))
            if count >= (1 if partial or len(parts) <= MANY_PARTS else FEW_MEASURES):
                return Found(_with(query, bonus, excluded), partial, parts=tuple(parts))
        return Found(clauses.NOTHING, parts=tuple(parts))

    def excluded(self, words: tuple[Word, ...]) -> Query | None:
        """Return what a minus leaves out: a word with its synonyms, or a phrase."""
        units = units_of(words, self.names) if len(words) == 1 else [Unit(words, {}, is_phrase=True)]
        return self.unit(units[0])[0] if units else None

    def idf(self, frequency: int) -> float:
        """Return how much it says of a measure to be one of so many."""
        return log1p(len(self.catalogue) / max(frequency, 1))

    def unit(self, unit: Unit) -> Counted:
        """Return the query of a unit: all its words, a synonym, or what it is a name of."""
        if unit.is_phrase:
            return self.phrase(unit.words)
        significant = unit.significant
        # The name of a country means that country alone: Guinea is not Guinea-Bissau.
        words = [self.word(word, in_names="country" not in unit.records) for word in significant]
        found = []
        if all(query is not None for query, _frequency in words):
            every = clauses.all_of(*(query for query, _frequency in words))
            mean = every if len(words) == 1 else Query.boost_query(every, 1 / len(words))
            found.append((mean, min(frequency for _query, frequency in words)))
        if unit.synonyms and len(unit.words) > 1:
            found.append(self.synonym([word.text for word in unit.words], TOGETHER))
        found += [self.synonym(synonym, SYNONYM) for synonym in unit.synonyms]
        found += self.linked(unit.records)
        found += self.linked(unit.synonym_records, SYNONYM)
        if (khz := significant[0].khz) and (ids := self.with_bands(*khz)):
            score = IN_RANGE * self.idf(len(ids))
            found.append((Query.const_score_query(clauses.with_ids(ids), score), len(ids)))
        return _best_of(found)

    def with_bands(self, lower: int, upper: int) -> list[int]:
        """Return the ids of measures that have a band which overlaps a range of kHz."""
        overlapping = clauses.all_of(
            Query.term_query(schema.SCHEMA, "kind", schema.BAND),
            clauses.number_between("band_lower", upper=upper - 1),
            clauses.number_between("band_upper", lower=lower + 1),
        )
        hits = self.searcher.search(Query.const_score_query(overlapping, 1.0), self.searcher.num_docs, count=False).hits
        return sorted(set(self.searcher.fast_field_values("id", [address for _score, address in hits])))

    def linked(self, records: RecordIds, weight: float = 1.0) -> list[Counted]:
        """Return the queries of measures that point at records with a whole name, one a kind."""
        found = []
        for kind, ids in records.items():
            for name in (kind, "group") if kind == "area" else (kind,):
                found.append(self.having(name, ids, weight * NAME_WEIGHTS.get(name, OTHER_NAMES)))
        return found

    def having(self, name: str, values: Collection[Any], weight: float) -> Counted:
        """Return the query of measures that have one of the values of a parameter."""
        if frequency := self.catalogue.frequency(name, values):
            return Query.const_score_query(clauses.any_of(name, values), weight * self.idf(frequency)), frequency
        return None, 0

    def word(self, word: Word, *, in_names: bool) -> Counted:
        """Return the query of a word in texts and, with ``in_names``, in names of what measures point at."""
        by_stem, by_prefix = STEM, PREFIX
        is_whole = any(self.searcher.doc_freq(field, word.form) for field in FIELD_WEIGHTS)
        if word.is_prefix and not is_whole and not (in_names and self.names.with_word(word.form)):
            by_stem, by_prefix = PREFIX, STEM  # "telemed" is not a form of "telem"
        languages = stem_languages(word.text)
        stems = [(code, stem(word.text, code) if code in languages else word.form) for code in STEMMERS]
        found = [self.term("title", word.form, FIELD_WEIGHTS["title"])]
        for field, weight in FIELD_WEIGHTS.items():
            found += [self.term(f"{field}_{code}", term, by_stem * weight) for code, term in stems]
        if word.is_prefix:
            found += [self.prefix(field, word.form, by_prefix) for field in PREFIX_FIELDS]
        named = self.names.with_stems(stems)
        groups = {"group": named.get("area", ())}  # whose members' measures are found, too
        found += self.pointing(self.names.described_with(stems) | groups, by_stem * IN_DESCRIPTION)
        if in_names:
            found += [*self.pointing(named, by_stem * IN_NAME), self.having("year", [word.form], IN_NAME)]
        if in_names and word.is_prefix:
            found += self.pointing(self.names.with_prefix(word.form), by_prefix * IN_NAME)
        return _best_of(found)

    def pointing(self, records: RecordIds, weight: float) -> list[Counted]:
        """Return the queries of measures that point at records, one a kind."""
        return [self.having(kind, ids, weight) for kind, ids in records.items()]

    def term(self, field: str, term: str, weight: float) -> Counted:
        """Return the query of a term of a field."""
        if frequency := self.searcher.doc_freq(field, term):
            query = Query.term_query(schema.SCHEMA, field, term, "freq")
            return Query.boost_query(query, weight), frequency
        return None, 0

    def prefix(self, field: str, prefix: str, weight: float) -> Counted:
        """Return the query of the words of a field that begin with ``prefix``."""
        terms = self.searcher.terms_with_prefix(field, prefix, limit=MAX_PREFIX_TERMS)
        if not terms:
            return None, 0
        frequency = max(frequency for _term, frequency in terms)
        query = Query.term_set_query(schema.SCHEMA, field, [term for term, _frequency in terms])
        return Query.const_score_query(query, weight * FIELD_WEIGHTS[field] * self.idf(frequency)), frequency

    def synonym(self, words: Iterable[str], weight: float) -> Counted:
        """Return the query of a synonym, of one or more words, in texts in English."""
        term = synonym_term(words)
        return _best_of(self.term(f"{field}_en", term, weight * FIELD_WEIGHTS[field]) for field in schema.SYNONYMS)

    def phrase(self, words: tuple[Word, ...]) -> Counted:
        """Return the query of words that follow one another in a text, or in a name of what a measure points at."""
        languages = dict.fromkeys(language for word in words for language in stem_languages(word.text))
        found = []
        for field in schema.TEXTS:
            found.append(self.in_order(field, [word.form for word in words], FIELD_WEIGHTS[field]))
            for language in languages:
                stems = [stem(word.text, language) for word in words]
                found.append(self.in_order(f"{field}_{language}", stems, STEM * FIELD_WEIGHTS[field]))
        return _best_of(found + self.linked(self.names.with_phrase([word.form for word in words])))

    def in_order(self, field: str, terms: list[str], weight: float) -> Counted:
        """Return the query of terms that follow one another in a field."""
        if frequency := min(self.searcher.doc_freq(field, term) for term in terms):
            return Query.boost_query(Query.phrase_query(schema.SCHEMA, field, terms), weight), frequency
        return None, 0

    def as_typed(self, words: tuple[Word, ...], parts: list[Part]) -> list[Query]:
        """Return what raises the score of measures that have all words of a query one after another."""
        if len(parts) < 2 or not 1 < len(words) <= MAX_PHRASE_WORDS:
            return []
        of_words = Query.phrase_prefix_query if words[-1].is_prefix else Query.phrase_query
        score, forms = AS_TYPED * sum(part.idf for part in parts), [word.form for word in words]
        queries = (of_words(schema.SCHEMA, field, forms) for field in ("title", "summary"))
        return [Query.const_score_query(query, score) for query in queries]


def _best_of(found: Iterable[Counted]) -> Counted:
    """Return the query that finds what any of the queries find; the best of them counts most."""
    known = [(query, frequency) for query, frequency in found if query is not None]
    if not known:
        return None, 0
    queries = [query for query, _frequency in known]
    best = Query.disjunction_max_query(queries, TIE_BREAKER) if len(queries) > 1 else queries[0]
    return best, max(frequency for _query, frequency in known)


def _with(query: Query, bonus: list[Query], excluded: list[Query]) -> Query:
    """Return ``query`` with what raises its scores and without what is excluded."""
    if not bonus and not excluded:
        return query
    occurs = [(Occur.Must, query), *((Occur.Should, some) for some in bonus)]
    return Query.boolean_query([*occurs, *((Occur.MustNot, some) for some in excluded)])
