"""What public texts say, looked up by words, and what lists show of them: in memory once it is there, else asked of the
database.

A publication changes a few records. What is in memory, and what the engine found before, is brought up to date for
these alone, so that nothing is read anew however often somebody publishes.
"""

import marshal
from threading import Lock
from typing import NamedTuple

import numpy as np
from cachetools import LRUCache
from django.db import connection

from practices.choices import Status
from practices.models import Citation, Measure, SearchWord, Source, SpectrumBand
from practices.search.engine import FIELDS, AnyOf, Lookup, engine_of, read_by_id
from practices.search.index import LANGUAGES, is_spelt
from practices.search.postings import DETAILS, TEXT, TITLE_BEGINS, TITLE_ITSELF, TITLE_STEM, Postings, only

CACHED = 16 << 20  # bytes of ids that the engine found
CHANGES = 200  # records that may have changed since something was found; what is older is looked up again

SHOWN = [f"{field}_{language}" for field in ("title", "summary") for language in LANGUAGES]
# Straight from the database: every list asks this, and making the query would take as long as running it. The status is
# looked at here: asked for in the query, SQLite would walk through all that are public.
_SHOWN = f"SELECT id, status, slug, {', '.join(SHOWN)} FROM {Measure._meta.db_table} WHERE id "  # noqa: S608

_DETAILS = f"""
    SELECT measure.id, band.label, source.title, source.language, source.publisher,
        {", ".join(f"measure.outcome_{language}" for language in LANGUAGES)}
    FROM {Measure._meta.db_table} measure
    LEFT JOIN {SpectrumBand._meta.db_table} band ON band.measure_id = measure.id
    LEFT JOIN {Citation._meta.db_table} citation ON citation.measure_id = measure.id
    LEFT JOIN {Source._meta.db_table} source ON source.id = citation.source_id
    WHERE measure.id IN ({{}}) ORDER BY band.position, citation.position
"""  # noqa: S608


class Change(NamedTuple):
    """What a measure became by the change ``number``: its text, and what lists show and searches tell of it, as
    ``marshal`` packs it; None and None if it is not public any more."""

    number: int
    text: "DocumentText | None"
    shown: tuple[bytes, bytes] | None


class Texts:
    """The texts of public measures as they are now, or were when the last ``change`` was told. Threads may share it."""

    def __init__(self):
        self._found = LRUCache(CACHED, getsizeof=lambda entry: entry[1].nbytes + 300)
        self._changed = {}  # by id, its last ``Change``; latest last
        self._changes = self._forgotten = 0  # the numbers of the last change, and of the last that is not kept
        # The latter by id: what lists show of it, and what searches tell besides, as ``marshal`` packs them.
        self._in_memory = self._shown = None
        self._known = None
        self._lock = Lock()

    @property
    def is_in_memory(self):
        """Whether single words are found without the engine."""
        return self._in_memory is not None

    def read(self):
        """Take the words of all texts, and what lists show, into memory: some seconds for 100,000 records, while others
        may search."""
        number = self._changes
        postings = Postings.of(engine_of(connection).words())
        shown = {id_: pair for rows in _all_shown() for id_, pair in _shown_and_details(rows).items()}
        with self._lock:
            self._in_memory, self._shown = InMemory(postings, number), shown
            self._take_changes()

    def change(self, ids):
        """Take notice that the measures ``ids`` have changed, which the database has as they are now."""
        if not ids:
            return
        texts = {words[0]: DocumentText(words) for words in engine_of(connection).words_of(ids)}
        shown = _shown_and_details(_shown_of(ids))
        with self._lock:
            self._changes += 1
            for id_ in ids:
                self._changed.pop(id_, None)
                self._changed[id_] = Change(self._changes, texts.get(id_), shown.get(id_))
            while len(self._changed) > CHANGES:
                self._forgotten = self._changed.pop(next(iter(self._changed))).number
            self._take_changes()
            if self._known is not None:
                self._known.update(word for text in texts.values() for word in text.spelt())

    def _take_changes(self):
        """Bring what is in memory up to date, or have it read again."""
        if self._in_memory and self._in_memory.number >= self._forgotten:
            postings, number = self._in_memory.postings, self._in_memory.number
            changed = {id_: change for id_, change in self._changed.items() if change.number > number}
            self._in_memory = InMemory(postings, number, {id_: change.text for id_, change in changed.items()})
            for id_, change in changed.items():
                if change.shown:
                    self._shown[id_] = change.shown
                else:
                    self._shown.pop(id_, None)
        else:
            self._in_memory = self._shown = None

    def where(self, form, stems, *, prefix=False):
        """What ``Postings.where`` would find in all."""
        if in_memory := self._in_memory:
            return in_memory.where(form, stems, prefix=prefix)
        groups = []
        for place, way in enumerate((None, TEXT, DETAILS)):
            itself = [Lookup(place, (form,))] if form else []
            beginning = [Lookup(place, (form,), prefix=True)] if prefix else []
            inflected = [Lookup(place, (stem,), stemmed=True) for stem in stems]
            if way:
                groups.append((inflected + (beginning or itself), way))
            else:
                groups += [(itself, TITLE_ITSELF), (inflected, TITLE_STEM), (beginning, TITLE_BEGINS)]
        groups = [(some, way) for some, way in groups if some]
        found = self.find([AnyOf(tuple(some)) if len(some) > 1 else some[0] for some, _way in groups])
        return [(ids, way) for ids, (_some, way) in zip(found, groups, strict=True)]

    def find(self, lookups):
        """The ids of the measures that each of ``lookups`` finds.

        Int32 arrays in any order; an id may come more than once.
        """
        in_memory = self._in_memory
        if in_memory and all(lookup.is_single for lookup in lookups):
            return [in_memory.find(lookup) for lookup in lookups]
        with self._lock:
            # Before anything is read: a change meanwhile is then applied to what was found, perhaps for a second time.
            number = self._changes
            found = {lookup: self._kept(lookup) for lookup in lookups}
        missing = [lookup for lookup, ids in found.items() if ids is None]
        if missing:
            for lookup, ids in zip(missing, engine_of(connection).find(missing), strict=True):
                found[lookup] = np.sort(ids).astype(np.int32)  # a greater id would not fit into a snapshot
            with self._lock:
                for lookup in missing:
                    self._keep(lookup, number, found[lookup])
        return [found[lookup] for lookup in lookups]

    def among(self, ids, lookup):
        """Which of the measures ``ids`` (ascending) a ``Lookup`` of words as they are finds: a bool array."""
        if in_memory := self._in_memory:
            return in_memory.among(ids, lookup)
        return np.isin(ids, self.find([lookup])[0], assume_unique=True)

    def _kept(self, lookup):
        """What was found for ``lookup``, with the changes since; None if that is not known."""
        number, packed = self._found.get(lookup, (-1, None))
        if number < self._forgotten:
            return None
        ids = _unpacked(packed)
        if number < self._changes:
            for id_, change in reversed(self._changed.items()):
                if change.number <= number:
                    break
                ids = _with(ids, id_, change.text is not None and change.text.has(lookup))
            self._keep(lookup, self._changes, ids)
        return ids

    def _keep(self, lookup, number, ids):
        packed = _packed(ids)
        if packed.nbytes < CACHED // 4:
            self._found[lookup] = (number, packed)

    def shown(self, ids):
        """What lists show of those of the measures ``ids``, a list, that are public: by id, the slug and ``SHOWN``."""
        if (known := self._shown) is None:
            return _shown_of(ids)
        return {id_: marshal.loads(pair[0]) for id_ in ids if (pair := known.get(id_))}  # noqa: S302 (our own)

    def details(self, ids):
        """What searches tell of public measures besides what lists show. ``ids`` are a list of theirs.

        By id: the labels of its bands; title, language and publisher of each source; the outcome in ``LANGUAGES``.
        One that is public no more may be missing.
        """
        if (known := self._shown) is None:
            return _details_of(ids)
        return {id_: marshal.loads(pair[1]) for id_ in ids if (pair := known.get(id_))}  # noqa: S302 (our own)

    def has(self, form):
        """Whether a public text has this very word, as far as that is known without the engine."""
        in_memory = self._in_memory
        return in_memory is not None and any(len(ids) for ids, _ways in in_memory.where(form, ()))

    def commonest(self, number):
        """So many words that the most measures have, if single words are in memory: a list, the commonest first."""
        return in_memory.postings.forms.commonest(number) if (in_memory := self._in_memory) else []

    def known_words(self):
        """The words of titles and texts that are or were public, such as somebody may misspell: a set."""
        if self._known is None:
            with self._lock:
                if self._known is None:
                    self._known = set(SearchWord.objects.values_list("word", flat=True))
        return self._known


class InMemory:
    """``Postings`` as they were at the change ``number``, and what has changed since.

    ``changed`` has by id a ``DocumentText``, or None for what is not public any more.
    """

    def __init__(self, postings, number, changed=None):
        self.postings, self.number, self.changed = postings, number, changed or {}
        self._has_changed = np.zeros(max(self.changed, default=-1) + 2, bool)  # the last is for all greater ids
        self._has_changed[list(self.changed)] = True
        self._recent = Postings.of([[text.words for _id, text in sorted(self.changed.items()) if text]])

    def find(self, lookup):
        """What ``Postings.find`` would find in all."""
        ids = self.postings.find(lookup)
        if not self.changed:
            return ids
        ids = ids.compress(~self._has_changed.take(ids, mode="clip"))
        return np.concatenate([ids, self._recent.find(lookup)])

    def where(self, form, stems, *, prefix=False):
        """What ``Postings.where`` would find in all."""
        pairs = self.postings.where(form, stems, prefix=prefix)
        if not self.changed:
            return pairs
        found = self._recent.where(form, stems, prefix=prefix)
        for ids, ways in pairs:
            stays = ~self._has_changed.take(ids, mode="clip")
            found.append(only(stays, ids, ways))
        return found

    def among(self, ids, lookup):
        """What ``Postings.among`` would find in all."""
        found = self.postings.among(ids, lookup)
        if self.changed:
            changed = np.flatnonzero(self._has_changed.take(ids, mode="clip"))
            texts = (self.changed[id_] for id_ in ids[changed].tolist())
            found[changed] = [text is not None and text.has(lookup) for text in texts]
        return found


class DocumentText:
    """The text of a record, as ``has`` searches it. ``words`` are those of its ``Document``."""

    def __init__(self, words):
        self.words = words
        self._texts = [f" {text} " for text in words[1:]]

    def spelt(self):
        """The words of its title and text that somebody may misspell."""
        return filter(is_spelt, f"{self.words[1]} {self.words[2]}".split())

    def has(self, lookup):
        """Whether an engine that had the document would find it for ``lookup``."""
        if isinstance(lookup, AnyOf):
            return any(map(self.has, lookup.lookups))
        end = "" if lookup.prefix else " "
        return f" {' '.join(lookup.words)}{end}" in self._texts[lookup.field + lookup.stemmed * len(FIELDS)]


def _shown_of(ids):
    """What lists show of those of ``ids`` that are public: by id, the slug and ``SHOWN``. One query."""
    with connection.cursor() as cursor:
        cursor.execute(f"{_SHOWN} IN ({', '.join(['%s'] * len(ids))})", list(ids))
        return _public(cursor.fetchall())


def _all_shown():
    """That of all measures, in parts."""
    return map(_public, read_by_id(connection, f"{_SHOWN} > %s ORDER BY id LIMIT %s"))


def _shown_and_details(rows):
    """What ``_shown_of`` gives, ``rows``, and ``_details_of`` of the same measures: pairs by id, packed. One that is
    deleted meanwhile is left out."""
    details = _details_of(list(rows))
    return {id_: (marshal.dumps(rows[id_]), marshal.dumps(told)) for id_, told in details.items()}


def _details_of(ids):
    """What ``Texts.details`` says of the measures ``ids``. One query: rows repeat little."""
    details = {}
    if not ids:
        return details
    with connection.cursor() as cursor:
        cursor.execute(_DETAILS.format(", ".join(["%s"] * len(ids))), ids)
        for id_, band, title, language, publisher, *outcomes in cursor.fetchall():
            bands, sources, _outcomes = details.setdefault(id_, ([], [], outcomes))
            if band and band not in bands:
                bands.append(band)
            if title is not None and (source := (title, language, publisher)) not in sources:
                sources.append(source)
    return details


def _public(rows):
    return {id_: tuple(row) for id_, status, *row in rows if status == Status.PUBLISHED}


def _packed(ids):
    """``ids`` (int32, ascending) as they take the least room: themselves, or a bit for every id from 0 on (uint8)."""
    if not len(ids) or ids.nbytes <= ids[-1] // 8:
        return ids
    mask = np.zeros(ids[-1] + 1, bool)
    mask[ids] = True
    return np.packbits(mask)


def _unpacked(packed):
    """The ids that ``_packed`` was given."""
    if packed.dtype == np.int32:
        return packed
    return np.flatnonzero(np.unpackbits(packed).view(bool)).astype(np.int32)


def _with(ids, id_, is_one):
    """``ids``, ascending, with ``id_`` among them or not."""
    place = int(np.searchsorted(ids, id_))
    is_there = place < len(ids) and ids[place] == id_
    if is_there == is_one:
        return ids
    return np.insert(ids, place, id_) if is_one else np.delete(ids, place)
