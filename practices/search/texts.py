"""What the engine found in texts, kept from one snapshot to the next.

A publication changes a few records. What was found before is brought up to date for these alone, so that a word that
was looked up stays known however often somebody publishes.
"""

from threading import Lock

import numpy as np
from cachetools import LRUCache
from django.db import connection

from practices.models import SearchWord
from practices.search.engine import AnyOf, engine_of
from practices.search.index import documents_of, spelt

CACHED = 48 << 20  # bytes of ids
CHANGES = 500  # records that may have changed since something was found; what is older is looked up again


class Texts:
    """The texts of public measures as they are now, or were when the last ``change`` was told. Threads may share it."""

    def __init__(self):
        self._found = LRUCache(CACHED, getsizeof=lambda entry: entry[1].nbytes + 300)
        self._changed = {}  # by id, the number of its last change and its text, None if it is not public; latest last
        self._changes = self._forgotten = 0  # the numbers of the last change, and of the last that is not kept
        self._known = None
        self._lock = Lock()

    def change(self, ids):
        """Take notice that the measures ``ids`` have changed, which the database has as they are now."""
        documents = {document.id: document for document in documents_of(ids)}
        with self._lock:
            self._changes += 1
            for id_ in ids:
                self._changed.pop(id_, None)
                self._changed[id_] = (self._changes, DocumentText(documents[id_]) if id_ in documents else None)
            while len(self._changed) > CHANGES:
                self._forgotten, _text = self._changed.pop(next(iter(self._changed)))
            if self._known is not None:
                self._known.update(word for document in documents.values() for word in spelt(document))

    def find(self, lookups):
        """The ids of the measures that each of ``lookups`` finds: a list of int32 arrays, ascending."""
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

    def _kept(self, lookup):
        """What was found for ``lookup``, with the changes since; None if that is not known."""
        number, packed = self._found.get(lookup, (-1, None))
        if number < self._forgotten:
            return None
        ids = _unpacked(packed)
        if number < self._changes:
            for id_, (change, text) in reversed(self._changed.items()):
                if change <= number:
                    break
                ids = _with(ids, id_, text is not None and text.has(lookup))
            self._keep(lookup, self._changes, ids)
        return ids

    def _keep(self, lookup, number, ids):
        packed = _packed(ids)
        if packed.nbytes < CACHED // 4:
            self._found[lookup] = (number, packed)

    def known_words(self):
        """The words of titles and texts that are or were public, such as somebody may misspell: a set."""
        if self._known is None:
            with self._lock:
                if self._known is None:
                    self._known = set(SearchWord.objects.values_list("word", flat=True))
        return self._known


class DocumentText:
    """The text of one ``Document``, as ``has`` searches it."""

    def __init__(self, document):
        self._texts = {
            stemmed: [
                f" {' '.join([(word.stem if stemmed else word.form) if word else BETWEEN for word in words])} "
                for words in document.fields
            ]
            for stemmed in (False, True)
        }

    def has(self, lookup):
        """Whether an engine that had the document would find it for ``lookup``."""
        if isinstance(lookup, AnyOf):
            return any(map(self.has, lookup.lookups))
        end = "" if lookup.prefix else " "
        return f" {' '.join(lookup.words)}{end}" in self._texts[lookup.stemmed][lookup.field]


BETWEEN = "¦"  # stands between two texts; never a word


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
