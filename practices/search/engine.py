"""What a search engine has to do for us: keep the words of records, and say which records have a word.

What a query means, and which record is better, is decided in ``practices.search`` for all engines alike.
"""

from typing import NamedTuple

import numpy as np

FIELDS = ("title", "text", "details")
TABLE = "practices_search"


class Document(NamedTuple):
    """The words of a record: for each of ``FIELDS`` a list of ``Word``, with None between texts."""

    id: int
    fields: list


class Lookup(NamedTuple):
    """Records whose field ``field`` (its place in ``FIELDS``) has ``words``, one after another within one text.

    With ``stemmed`` these are stems; with ``prefix`` the last of them need only be how a word begins.
    """

    field: int
    words: tuple
    stemmed: bool = False
    prefix: bool = False


class AnyOf(NamedTuple):
    """Records that one of ``lookups`` finds, all of which are of one field. Quicker than one after another."""

    lookups: tuple

    @property
    def field(self):
        return self.lookups[0].field


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
