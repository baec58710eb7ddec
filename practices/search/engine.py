"""What a search engine has to do for us: keep the words of records, and say which records have a word.

What a query means, and which record is better, is decided in ``practices.search`` for all engines alike.
"""

from typing import NamedTuple

import numpy as np

FIELDS = ("title", "text", "details")
IN_ORDER = ("title", "text")  # of these it counts that words are one after another as they were typed
TABLE = "practices_search"
BETWEEN = "¦"  # stands between two texts, so that no phrase reaches across; never a word
READ_AT_ONCE = 200  # records: few, so that other threads need not wait long


class Document(NamedTuple):
    """The words of a record: for each of ``FIELDS`` a list of ``Word``, with None between texts."""

    id: int
    fields: list

    @property
    def words(self):
        """Its id, the words of each field and their stems; each parted by blanks, with ``BETWEEN`` between texts."""
        forms = (" ".join([word.form if word else BETWEEN for word in words]) for words in self.fields)
        stems = (" ".join([word.stem if word else BETWEEN for word in words]) for words in self.fields)
        return self.id, *forms, *stems


class Lookup(NamedTuple):
    """Records whose field ``field`` (its place in ``FIELDS``) has ``words``, one after another within one text.

    With ``stemmed`` these are stems; with ``prefix`` the last of them need only be how a word begins.
    """

    field: int
    words: tuple
    stemmed: bool = False
    prefix: bool = False

    @property
    def is_single(self):
        """Whether it is of one word."""
        return len(self.words) == 1


class AnyOf(NamedTuple):
    """Records that one of ``lookups`` finds, all of which are of one field. Quicker than one after another."""

    lookups: tuple

    @property
    def field(self):
        return self.lookups[0].field

    @property
    def is_single(self):
        return all(lookup.is_single for lookup in self.lookups)


def read_by_id(connection, query):
    """The rows of a query that takes the id that they come after, and how many: lists of at most ``READ_AT_ONCE``."""
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(query, [last, READ_AT_ONCE])
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def ids_from(text):
    """The ids of a list that an engine has put together ("3,17,5" or None), an int64 array in no particular order."""
    return np.fromstring(text, np.int64, sep=",") if text else np.empty(0, np.int64)


def engine_of(connection):
    """The engine of a database connection."""
    if connection.vendor == "postgresql":
        from practices.search.postgresql import PostgresqlEngine as Engine
    else:
        from practices.search.sqlite import SqliteEngine as Engine
    return Engine(connection)
