"""Matching as it is meant, in plain Python: what both engines are compared with."""

import numpy as np

from practices.search.engine import AnyOf


class PlainEngine:
    """An engine that reads every text for every lookup."""

    def __init__(self):
        self.texts = {}

    def write(self, documents):
        for document in documents:
            for stemmed in (False, True):
                words = [[_text(word, stemmed) for word in field] for field in document.fields]
                self.texts[document.id, stemmed] = [f" {' '.join(field)} " for field in words]

    def delete(self, ids):
        self.texts = {key: fields for key, fields in self.texts.items() if key[0] not in ids}

    def find(self, lookups):
        return [np.array([*self._find(lookup)], np.int64) for lookup in lookups]

    def _find(self, lookup):
        if isinstance(lookup, AnyOf):
            return set().union(*map(self._find, lookup.lookups))
        return self._find_one(lookup)

    def _find_one(self, lookup):
        wanted = f" {' '.join(lookup.words)}{'' if lookup.prefix else ' '}"
        for (id_, stemmed), fields in self.texts.items():
            if stemmed == lookup.stemmed and wanted in fields[lookup.field]:
                yield id_


def _text(word, stemmed):
    if word is None:
        return "|"
    return word.stem if stemmed else word.form
