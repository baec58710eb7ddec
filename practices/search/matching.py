"""Which measures a query finds, and how well each answers it.

An engine says which records have a word; all else is arithmetic on the rows of the snapshot, so that every engine gives
the same measures in the same order.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import accumulate, chain
from threading import Lock
from typing import NamedTuple
from weakref import WeakKeyDictionary, ref

import numpy as np
from cachetools import LRUCache

from practices.arrays import SPARSE, union
from practices.search.engine import FIELDS, IN_ORDER, Lookup
from practices.search.postings import only
from practices.search.query import Query, parse, units_of
from practices.search.texts import Texts
from practices.search.vocabulary import KINDS, names_of, synonyms

# What a word counts for, by where it is. Judged by bench/relevance.py.
FIELD_WEIGHTS = (1.0, 0.4, 0.15)  # title, text, details
NAME_WEIGHTS = {
    "country": 0.8,
    "area": 0.8,
    "topic": 0.6,
    "type": 0.8,
    "crisis": 0.8,
    "organization": 0.7,
    "beneficiary": 0.4,
    "tag": 0.7,
    "group": 0.2,
}
IN_YEAR = 0.5  # a year that a measure was announced in
DEFINITION = 0.2  # a word of a definition, of what a whole name counts for
PART = 0.6  # a word of a name that has others
# ... and by how it matches.
STEM, PREFIX, SYNONYM = 0.85, 0.5, 0.7
WHOLE_NAME = 1.2  # all words together are the name of what a measure points at

# All words one after another as they were typed, in the title or in the text, of the weight of all words. They are
# looked for where it takes little: in so many measures and words.
AS_TYPED = 1.1
FEW_ENOUGH, LONGEST_PHRASE = 5000, 6

BITS = 8  # of a byte
FEWER = 16  # rows, one for so many others, are looked for among these one by one
AT_ONCE = 32  # bytes that are set to zero in the time of one number at some place
MOST = 0.45  # of the weight of its words, that a measure has to have where none has them all
FEW, LONG = 3, 3  # ... or where fewer than FEW have more than LONG words
# Bytes of hits that are kept for one snapshot: those of words, which come again in other queries, for each measure and
# at the least; and those of queries. What the engine found is kept beside them, in texts.py.
CACHED, CACHED_AT_LEAST, ANSWERS_CACHED = 1500, 8 << 20, 8 << 20
COMMON = 1000  # words that most records have: a search for them takes long, so what they find is kept from the start
REMEMBERED = 4000  # what queries are taken for and the like: little, and forgotten when there is so much of it


class Hits(NamedTuple):
    """Rows of measures, ascending (int64, the quickest to index with), and what each counts for, above 0 (float32)."""

    rows: np.ndarray
    scores: np.ndarray


NOTHING = Hits(np.empty(0, np.int64), np.empty(0, np.float32))


class KeptHits(NamedTuple):
    """``Hits`` of a word, a unit or a phrase, as they are kept: small, and quick to look up among.

    ``rows`` are int32, and None where so many are found that ``scores`` has a place for every measure, with 0 for what
    is not found. Scores are uint16, of which ``ONE`` make 1: float16 takes a dozen times as long to calculate with.
    """

    number: int
    rows: np.ndarray | None
    scores: np.ndarray

    ONE = 1 << 12  # no word counts for 16 or more, wherever it stands
    MANY = 4  # measures, of which one is found: with more, rows would take more than a place for every measure

    @classmethod
    def of(cls, hits, size):
        """Those of ``hits`` among ``size`` measures."""
        rows, scores = hits.rows, (hits.scores * np.float32(cls.ONE)).astype(np.uint16)
        if len(rows) * cls.MANY < size:
            return cls(len(rows), rows.astype(np.int32), scores)
        of_every = np.zeros(size, np.uint16)
        of_every[rows] = scores
        return cls(len(rows), None, of_every)

    @property
    def nbytes(self):
        return self.scores.nbytes + (0 if self.rows is None else self.rows.nbytes)

    def hits(self, weight=1.0):
        """The ``Hits``, which count for ``weight`` times as much."""
        weight = np.float32(weight / self.ONE)
        if self.rows is not None:
            return Hits(self.rows.astype(np.int64), self.scores * weight)
        rows = np.flatnonzero(self.scores != 0)
        return Hits(rows, self.scores.take(rows) * weight)

    def among(self, rows):
        """The scores of ``rows``, as they are kept; 0 for those that are not found."""
        if self.rows is None:
            return self.scores.take(rows)
        if not self.number:
            return np.zeros(len(rows), np.uint16)
        places = np.searchsorted(self.rows, rows).clip(max=self.number - 1)
        return np.where(self.rows.take(places) == rows, self.scores.take(places), np.uint16(0))


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found: ``rows`` of the snapshot (int32, ascending), and a score above 0 for each (float32).

    ``partial``: nothing has all the words, or too little has all of many; these have most of them. ``corrected``: the
    query that was used, because a word of the one that was asked is found nowhere; else "". ``query`` is the ``Query``
    that was used.
    """

    rows: np.ndarray
    scores: np.ndarray
    partial: bool = False
    corrected: str = ""
    query: Query = field(default_factory=lambda: Query((), (), ()))


def search(text, snapshot):
    """What the query ``text`` finds among the measures of ``snapshot``: a ``Found``. Any text may be asked."""
    from practices.search.spelling import correction

    reader = reader_of(snapshot)
    corrected = correction(text, snapshot) or ""  # which depends on the reader's language

    def find():
        query = parse(corrected or text)
        if query.is_empty:
            return Found(NOTHING.rows.astype(np.int32), NOTHING.scores)
        hits, partial = reader.answers(query)
        found = Found(hits.rows.astype(np.int32), hits.scores, partial, corrected, query)
        found.rows.flags.writeable = found.scores.flags.writeable = False  # whoever asks the same gets the same arrays
        return found

    return reader.keep_answer((text, corrected), find)


class Reader:
    """Looks words up among the measures of one snapshot, whose ``Texts`` it is given, and keeps what it found."""

    def __init__(self, snapshot, texts):
        self._snapshot = ref(snapshot)  # who asks has it; a reader alone does not keep it alive
        self.texts = texts
        self.names = names_of(snapshot)
        most = max(CACHED * len(snapshot), CACHED_AT_LEAST)
        self._hits, self._lock = LRUCache(most, getsizeof=lambda kept: kept.nbytes + 300), Lock()
        self._remembered = {}
        self._spare = {np.uint8: [], np.uint16: [], np.float32: []}
        self._answers = LRUCache(ANSWERS_CACHED, getsizeof=lambda found: found.rows.nbytes + found.scores.nbytes + 200)

    @property
    def snapshot(self):
        return self._snapshot()

    def prepare(self):
        """Have in memory what queries look up: the texts, their words, and where synonyms of several words are."""
        if not self.texts.is_in_memory:
            self.texts.read()
        self.texts.known_words()
        several = {words for others in synonyms().values() for words in others if len(words) > 1}
        self.texts.find([lookup for words in several for lookup in _lookups_of(words)])

    def prepare_common_words(self):
        """Have in memory what the words find that most records have, the last of a query or before others."""
        for form in self.texts.commonest(COMMON):
            for run in parse(form).runs:
                for words in (run, tuple(word._replace(is_prefix=False) for word in run)):
                    for unit in units_of(words, self.names):
                        self.unit(unit)

    # Answers.

    def answers(self, query):
        """The ``Hits`` of a query, and whether they have only most of its words."""
        units = [unit for run in query.runs for unit in self.units(run)]
        parts = [self.unit(unit) for unit in units] + [self.phrase(phrase) for phrase in query.phrases]
        rarities = [self.rarity(part) for part in parts]
        if not parts:  # nothing but what to leave out
            every = np.arange(len(self.snapshot))
            return self._without(Hits(every, np.ones(len(every), np.float32)), query.excluded), False
        hits = self._without(self._all_of(parts, rarities), query.excluded)
        partial = len(hits.rows) < FEW and len(parts) > (1 if not len(hits.rows) else LONG)
        if partial:
            hits = self._without(self._most_of(parts, rarities), query.excluded)
        if len(units) > 1 and len(query.runs) == 1:
            self._favour_in_order(hits, query.runs[0], sum(rarities))
        return hits, partial and len(hits.rows) > 0

    def _favour_in_order(self, hits, words, weight):
        """Raise the scores of measures that have all ``words`` one after another, as they were typed."""
        if not 1 < len(hits.rows) <= FEW_ENOUGH or not 1 < len(words) <= LONGEST_PHRASE:
            return
        forms, ids = tuple(word.form for word in words), self.snapshot.ids[hits.rows]
        for place in range(len(IN_ORDER)):
            found = self.texts.among(ids, Lookup(place, forms, prefix=words[-1].is_prefix))
            hits.scores[found] += np.float32(AS_TYPED * weight)

    def rarity(self, hits):
        """How much it says of a measure to be one of ``hits``."""
        return float(np.log1p(len(self.snapshot) / max(hits.number, 1)))

    def _most_of(self, parts, rarities):
        size = len(self.snapshot)
        scores, shares = np.zeros(size, np.float32), np.zeros(size, np.float32)
        for part, rarity in zip(parts, rarities, strict=True):
            hits = part.hits(rarity)
            scores[hits.rows] += hits.scores
            shares[hits.rows] += np.float32(rarity**0.5)  # so that one rare word is not most of a question
        wanted = sum(rarity**0.5 for part, rarity in zip(parts, rarities, strict=True) if part.number)
        # Where no measure has so much, those that have the most of what there is.
        least = min(MOST * wanted, float(shares.max(initial=0)))
        rows = np.flatnonzero((shares >= least * 0.999) & (shares > 0))
        return Hits(rows, scores[rows])

    def _without(self, hits, excluded):
        for phrase in excluded:
            # A word alone is left out with all that it finds, synonyms too; words in quotes as they are.
            units = self.units(phrase.words) if len(phrase.words) == 1 else ()
            left_out = self.unit(units[0]) if units else self.phrase(phrase)
            kept = left_out.among(hits.rows) == 0
            hits = Hits(hits.rows.compress(kept), hits.scores.compress(kept))
        return hits

    # Words.

    def units(self, run):
        """A run of words as units: what ``units_of`` gives."""
        return self.remember(("units", run), lambda: units_of(run, self.names))

    def unit(self, unit):
        """The ``KeptHits`` of a unit."""
        if len(unit.telling) == 1 and not (unit.records or unit.synonyms or unit.synonym_records):
            return self.word(unit.telling[0])
        return self.keep(("unit", _key(unit.words)), lambda: self._unit(unit))

    def _unit(self, unit):
        # The name of a country stands for that country alone: Guinea is not Guinea-Bissau.
        kinds = tuple(kind for kind in KINDS if not (kind == "country" and "country" in unit.records))
        words = [self.word(word, kinds) for word in unit.telling]
        every = self._all_of(words, [1 / len(words)] * len(words))
        found = [every.rows]
        scores = self._zeros(np.float32)
        scores[every.rows] = every.scores
        for kind, indexes in unit.records.items():
            found.append(rows := self.linked(kind, indexes))
            scores[rows] = scores.take(rows) + np.float32(NAME_WEIGHTS[kind] * WHOLE_NAME)
        others = self._zeros(np.float32)
        for words in unit.synonyms:
            hits = self._phrase_of(words)
            found.append(hits.rows)
            others[hits.rows] = np.maximum(others.take(hits.rows), hits.scores)
        for kind, indexes in unit.synonym_records.items():
            found.append(rows := self.linked(kind, indexes))
            others[rows] = others.take(rows) + np.float32(NAME_WEIGHTS[kind])
        rows = union(found)
        best = np.maximum(scores.take(rows), others.take(rows) * np.float32(SYNONYM))
        self._give_back(scores, rows)
        self._give_back(others, rows)
        return Hits(rows, best)

    def word(self, word, kinds=KINDS):
        """The ``KeptHits`` of a word, in texts of measures and in names of the ``kinds`` of what they point at."""
        return self.keep(("word", word[:6], kinds), lambda: self._word(word, kinds))

    def _word(self, word, kinds):
        stems = sorted(word.stems)
        if word.is_prefix and not self._is_known(word, kinds):
            # Somebody is still typing: "telemed" is no form of "telem".
            by_prefix, by_stem = STEM, PREFIX
        else:
            by_prefix, by_stem = PREFIX, STEM
        in_texts = self._in_texts(word.form, stems, prefix=word.is_prefix)
        in_names, in_definitions = self._in_names(word, stems, kinds, by_prefix, by_stem)
        ways = [in_names]
        if word.form.isdigit() and len(word.form) == 4:
            ways.append([(self.snapshot.rows_with("year", word.form), IN_YEAR)])
        if in_texts or any(len(rows) for way in ways for rows, _weight in way):
            # "refugees" are among vulnerable groups, but not every measure for these is for refugees.
            return self._sum_of_best(ways, in_definitions, in_texts, _weights_in_texts(by_stem, by_prefix))
        return self._sum_of_best([in_definitions])

    def _in_texts(self, form, stems, *, prefix=False):
        """Where a word stands in texts: pairs of rows and ways, as those of ids in ``Texts.where``; none is empty."""
        found = self._with_rows(self.texts.where(form, stems, prefix=prefix))
        return [(rows, ways) for rows, ways in found if len(rows)]

    def _is_known(self, word, kinds):
        """Whether the word itself stands anywhere."""
        return any(word.form in self.names[kind].forms for kind in kinds) or word.form in self.texts.known_words()

    def _in_names(self, word, stems, kinds, by_prefix, by_stem):
        """Where a word stands in the names of what measures point at, and in definitions of beneficiaries.

        Two lists of pairs: rows, and what the word counts for in these.
        """
        in_names, in_definitions = [], []
        for kind in kinds:
            names, best, by_definition = self.names[kind], {}, {}
            entries = (
                [(by_prefix, names.forms[form]) for form in names.starting_with(word.form)] if word.is_prefix else []
            )
            entries += [(by_stem, names.stems.get(stem, ())) for stem in stems]
            entries += [(1.0, names.forms.get(word.form, ()))]
            if word.is_code:
                for index in names.codes.get(word.form, ()):
                    best[index] = 1.0
            for factor, some in entries:
                for index, share in some:
                    part = DEFINITION if share == 0 else 1.0 if share == 1 else PART
                    found = by_definition if share == 0 and kind == "beneficiary" else best
                    found[index] = max(found.get(index, 0), factor * part)
            if best or by_definition:
                in_names += self._linked_to(kind, best)
                in_definitions += self._linked_to(kind, by_definition)
        return in_names, in_definitions

    def _linked_to(self, kind, best):
        """Pairs of rows and a weight for the records of ``kind`` that ``best`` has the indexes and the factors of."""
        if not best:
            return []
        factors = {}
        for index, factor in best.items():
            factors.setdefault(factor, []).append(index)
        columns = (kind, "group") if kind == "area" else (kind,)
        return [
            (self.linked(column, indexes), factor * NAME_WEIGHTS[column])
            for factor, indexes in factors.items()
            for column in columns
        ]

    def phrase(self, phrase):
        """The ``KeptHits`` of words that follow one another, in one text or in one name."""
        if len(phrase.words) == 1:
            return self.word(phrase.words[0])
        return self.keep(("phrase", _key(phrase.words)), lambda: self._phrase(phrase))

    def _phrase(self, phrase):
        forms = tuple(word.form for word in phrase.words)
        stems = tuple(word.english for word in phrase.words)
        lookups = [
            lookup
            for place in range(len(FIELDS))
            for lookup in (Lookup(place, stems, stemmed=True), Lookup(place, forms))
        ]
        found = iter(self.lookup(lookups))
        ways = [[(next(found), factor * weight) for factor in (STEM, 1.0)] for weight in FIELD_WEIGHTS]
        wanted = f" {' '.join(forms)} "
        for kind in KINDS:
            indexes = {name.index for name in self.names[kind].names if wanted in f" {' '.join(name.forms)} "}
            ways += [[way] for way in self._linked_to(kind, dict.fromkeys(indexes, 1.0))]
        return self._sum_of_best(ways)

    def _phrase_of(self, words):
        """The ``Hits`` of another way of saying something, in texts."""
        if len(words) == 1:
            return self._sum_of_best([], (), self._in_texts("", [words[0].stem]), _weights_in_texts(1.0))
        found = self.lookup(_lookups_of(words))
        return self._sum_of_best([[way] for way in zip(found, FIELD_WEIGHTS, strict=True)])

    # Rows.

    def _all_of(self, parts, weights):
        """The ``Hits`` that all ``parts`` (``KeptHits``) have in common: the sum of their scores times ``weights``."""
        (first, weight), *others = sorted(zip(parts, weights, strict=True), key=lambda pair: pair[0].number)
        rows, scores = first.hits(weight)
        for part, weight in others:
            if part.rows is None or len(rows) * FEWER < part.number:
                more = part.among(rows)
            else:
                scratch, part_rows = self._zeros(np.uint16), part.rows.astype(np.int64)
                scratch[part_rows] = part.scores
                more = scratch.take(rows)
                self._give_back(scratch, part_rows)
            both = more > 0
            rows = rows.compress(both)
            scores = scores.compress(both) + more.compress(both) * np.float32(weight / KeptHits.ONE)
        return Hits(rows, scores)

    def _sum_of_best(self, ways, besides=(), in_texts=(), of_texts=()):
        """The ``Hits`` of rows that are found in any of ``ways``, each a list of pairs of rows and what they count for.

        Of one way the best counts, and what all count for is added up; so does what they count for ``besides``, one
        more way, which finds nothing by itself. Rows may be in any order and repeated. There are also pairs
        ``in_texts`` of rows and of ways as bits, which have the weights ``of_texts``: a tuple of them for each field.
        """
        ways = [way for way in ([pair for pair in way if len(pair[0])] for way in ways) if way]
        # Of most words there are so few pairs that a bit for each says for a row which have it: a byte a row stays in
        # the processor's cache, and what the bits count for together is in a table.
        first = sum(map(len, of_texts))
        marked = ways[: bisect_right(list(accumulate(map(len, ways))), BITS - first)]
        others = [way for way in (*ways[len(marked) :], besides) if way]
        bits = [*in_texts]
        bits += [(some, np.uint8(1 << bit)) for bit, (some, _weight) in enumerate(chain.from_iterable(marked), first)]
        weights = (*of_texts, *(tuple(weight for _rows, weight in way) for way in marked))
        found = [some for some, _bits in bits] + [some for way in ways[len(marked) :] for some, _weight in way]
        marks = self._zeros(np.uint8)
        for number, (some, bit) in enumerate(sorted(bits, key=lambda pair: -len(pair[0]))):
            marks[some] = marks.take(some) | bit if number else bit
        if len(marked) == len(ways) and sum(map(len, found)) * SPARSE > len(marks):
            rows = np.flatnonzero(marks != 0)
        else:
            rows = union(found)
        scores = _sums_of_best(weights).take(marks.take(rows))
        self._give_back(marks, rows)
        for way in others:
            best = self._zeros(np.float32)
            for some, weight in sorted(way, key=lambda pair: pair[1]):
                best[some] = weight
            scores += best.take(rows)
            self._give_back(best, *(some for some, _weight in way))
        return Hits(rows, scores)

    def _zeros(self, dtype):
        """An array of zeros with a place for every row, to be given back: making it takes longer than its use."""
        spare = self._spare[dtype]
        return spare.pop() if spare else np.zeros(len(self.snapshot), dtype)

    def _give_back(self, array, *several):
        """Keep an array that ``_zeros`` gave, in which nothing but these ``several`` rows may differ from zero."""
        if sum(map(len, several)) * AT_ONCE > array.nbytes:
            array.fill(0)
        else:
            for rows in several:
                array[rows] = 0
        self._spare[array.dtype.type].append(array)

    def linked(self, kind, indexes):
        """The rows of measures that point at any of these records: in any order; a row may come more than once."""
        return self.snapshot.columns[kind].rows_of_each(sorted(indexes)).astype(np.int64)

    def lookup(self, lookups):
        """The rows of what each of ``lookups`` finds: int64 arrays in any order; a row may come more than once."""
        return [rows for rows, _ways in self._with_rows([(ids, np.uint8(0)) for ids in self.texts.find(lookups)])]

    def _with_rows(self, pairs):
        """``pairs`` as those of ``Texts.where``, with rows (int64) in place of ids."""
        every = self.snapshot.row_of_each(np.concatenate([ids for ids, _ways in pairs], dtype=np.int64))
        found, end = [], 0
        for ids, ways in pairs:
            rows, end = every[end : end + len(ids)], end + len(ids)
            # The texts may be of records that the snapshot does not know yet: these have no row.
            found.append((rows, ways) if rows.min(initial=0) >= 0 else only(rows >= 0, rows, ways))
        return found

    def keep(self, key, make):
        """The ``KeptHits`` of the ``Hits`` that ``make`` returns, from memory if they were made before."""
        with self._lock:
            kept = self._hits.get(key)
        if kept is None:
            kept = KeptHits.of(make(), len(self.snapshot))
            with self._lock:
                if self._hits.getsizeof(kept) <= self._hits.maxsize // 4:
                    self._hits[key] = kept
        return kept

    def remember(self, key, make):
        """What ``make`` returns, from memory if it was made before: something small."""
        try:
            return self._remembered[key]
        except KeyError:
            made = make()
        if len(self._remembered) >= REMEMBERED:
            self._remembered.clear()
        self._remembered[key] = made
        return made

    def keep_answer(self, key, find):
        """What ``find`` returns for a query, a ``Found``, from memory if it was asked lately."""
        with self._lock:
            if key in self._answers:
                return self._answers[key]
        found = find()
        with self._lock:
            if self._answers.getsizeof(found) < ANSWERS_CACHED:
                self._answers[key] = found
        return found

    def mask(self, several):
        """Which measures are among any of ``several`` arrays of rows."""
        mask = np.zeros(len(self.snapshot), bool)
        for rows in several:
            mask[rows] = True
        return mask


_readers = WeakKeyDictionary()


def reader_of(snapshot):
    """The ``Reader`` of a snapshot. What it keeps goes when the snapshot does."""
    if (reader := _readers.get(snapshot)) is None:
        reader = _readers.setdefault(snapshot, Reader(snapshot, Texts()))
    return reader


def carry_over(earlier, later, ids):
    """Have the reader of ``later`` know the texts that the one of ``earlier`` knows.

    ``later`` is to differ from it in nothing but the measures ``ids``, which the database has as they are now.
    """
    if (reader := _readers.get(earlier)) is not None:
        reader.texts.change(ids)
        _readers[later] = Reader(later, reader.texts)


@lru_cache(1 << 10)
def _sums_of_best(weights):
    """What pairs of ``weights``, tuples of floats, count for together, by the number whose bits say which there are.

    Of each tuple the best counts, and those are added up: a float32 array.
    """
    numbers = np.arange(1 << sum(map(len, weights)))
    sums, bit = np.zeros(len(numbers), np.float32), 0
    for some in weights:
        best = np.zeros(len(numbers), np.float32)
        for weight in some:
            best = np.maximum(best, np.where(numbers >> bit & 1, np.float32(weight), np.float32(0)))
            bit += 1
        sums += best
    return sums


def _weights_in_texts(by_stem, by_prefix=0):
    """What the ways in which a text has a word count for: a tuple for each field, in the order of their bits.

    How a word matches is told apart where it counts: in titles whether it is the very word, too.
    """
    title, text, details = FIELD_WEIGHTS
    return (title, by_stem * title, by_prefix * title), (by_stem * text,), (by_stem * details,)


def _lookups_of(words):
    """What looks up in each field the stems of ``words``, one after another."""
    return [Lookup(place, tuple(word.stem for word in words), stemmed=True) for place in range(len(FIELDS))]


def _key(words):
    """What of ``words`` makes a difference, wherever they stand in a query."""
    return tuple(word[:6] for word in words)
