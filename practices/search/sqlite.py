"""SQLite's full-text search (FTS5)."""

from practices.search.engine import FIELDS, TABLE, AnyOf, ids_from, read_by_id

# Each field has two columns, of words and of their stems, which count positions alike.
COLUMNS = [*FIELDS, *(f"{field}_stems" for field in FIELDS)]


class SqliteEngine:
    """Every method works within the transaction that the connection is in."""

    def __init__(self, connection):
        self.connection = connection

    def create(self):
        with self.connection.cursor() as cursor:
            # The tokenizer "ascii" keeps every letter outside ASCII: our words are its tokens.
            cursor.execute(f"CREATE VIRTUAL TABLE {TABLE} USING fts5({', '.join(COLUMNS)}, tokenize='ascii')")

    def drop(self):
        with self.connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {TABLE}")

    def is_empty(self):
        with self.connection.cursor() as cursor:
            return cursor.execute(f"SELECT 1 FROM {TABLE} LIMIT 1").fetchone() is None  # noqa: S608

    def find(self, lookups):
        """The ids of the records of each of ``lookups``: a list of int64 arrays."""
        if not lookups:
            return []
        one = f"(SELECT group_concat(rowid) FROM {TABLE} WHERE {TABLE} MATCH %s)"  # noqa: S608
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join([one] * len(lookups))}", [_match(lookup) for lookup in lookups])
            return [ids_from(ids) for ids in cursor.fetchone()]

    def words(self):
        """The ``words`` of every document, in lists."""
        query = f"SELECT rowid, {', '.join(COLUMNS)} FROM {TABLE} WHERE rowid > %s ORDER BY rowid LIMIT %s"  # noqa: S608
        return read_by_id(self.connection, query)

    def words_of(self, ids):
        """The ``words`` of those of ``ids`` that are there, in no particular order."""
        places = ", ".join(["%s"] * len(ids))
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT rowid, {', '.join(COLUMNS)} FROM {TABLE} WHERE rowid IN ({places})", ids)  # noqa: S608
            return cursor.fetchall()

    def write(self, documents):
        """Add ``documents``, none of which is there."""
        columns = ", ".join(["rowid", *COLUMNS])
        places = ", ".join(["%s"] * (len(COLUMNS) + 1))
        query = f"INSERT INTO {TABLE} ({columns}) VALUES ({places})"  # noqa: S608
        with self.connection.cursor() as cursor:
            cursor.executemany(query, (document.words for document in documents))

    def delete(self, ids):
        """Remove what is there of ``ids``."""
        with self.connection.cursor() as cursor:
            cursor.executemany(f"DELETE FROM {TABLE} WHERE rowid = %s", [[id_] for id_ in ids])  # noqa: S608

    def replace_all(self, documents):
        """Have ``documents`` and nothing else. Others read what was there until the transaction ends."""
        self.drop()
        self.create()
        self.write(documents)
        with self.connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('optimize')")  # noqa: S608


def _match(lookup):
    if isinstance(lookup, AnyOf):
        return " OR ".join(f"({_match(one)})" for one in lookup.lookups)
    column = COLUMNS[lookup.field + lookup.stemmed * len(FIELDS)]
    return f'{column} : "{" ".join(lookup.words)}"{" *" if lookup.prefix else ""}'
