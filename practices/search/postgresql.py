"""PostgreSQL's full-text search (tsvector with GIN)."""

from itertools import batched, chain

from practices.search.engine import FIELDS, TABLE, AnyOf, ids_from, read_by_id

STEM = "="  # begins a stem, at the position of its word; never part of a word
AT_ONCE = 500  # documents


class PostgresqlEngine:
    """Every method works within the transaction that the connection is in."""

    def __init__(self, connection):
        self.connection = connection

    def create(self):
        self._create(TABLE)
        self._index(TABLE)
        with self.connection.cursor() as cursor:
            for field in FIELDS:
                # Always by the index: for a common word the planner would rather read the table, not knowing that
                # this is to fetch every vector from where it is kept apart.
                select = f"SELECT string_agg(id::text, '','') FROM {TABLE} WHERE {field} @@ $1"  # noqa: S608
                cursor.execute(
                    f"CREATE FUNCTION {TABLE}_{field}(tsquery) RETURNS text LANGUAGE sql STABLE "
                    f"SET enable_seqscan = off AS '{select}'"
                )

    def _create(self, table):
        with self.connection.cursor() as cursor:
            # The vectors are kept apart and as they are, so that what a search reads of a row is its id. The words are
            # there once more, as they follow one another: putting them together from vectors takes fifty times as long.
            cursor.execute(
                f"CREATE TABLE {table} (id bigint PRIMARY KEY, "
                f"{', '.join(f'{field} tsvector NOT NULL' for field in FIELDS)}, words text NOT NULL) "
                "WITH (toast_tuple_target = 128)"
            )
            cursor.execute(
                f"ALTER TABLE {table} {', '.join(f'ALTER {field} SET STORAGE EXTERNAL' for field in FIELDS)}"
            )

    def _index(self, table):
        with self.connection.cursor() as cursor:
            # Without fastupdate, which would have readers search what writers left unsorted.
            cursor.execute(
                f"CREATE INDEX {table}_words ON {table} USING gin ({', '.join(FIELDS)}) WITH (fastupdate = off)"
            )

    def drop(self):
        with self.connection.cursor() as cursor:
            for field in FIELDS:
                cursor.execute(f"DROP FUNCTION {TABLE}_{field}")
            cursor.execute(f"DROP TABLE {TABLE}")

    def is_empty(self):
        with self.connection.cursor() as cursor:
            return cursor.execute(f"SELECT 1 FROM {TABLE} LIMIT 1").fetchone() is None  # noqa: S608

    def find(self, lookups):
        """The ids of the records of each of ``lookups``: a list of int64 arrays."""
        if not lookups:
            return []
        calls = [f"{TABLE}_{FIELDS[lookup.field]}(%s::tsquery)" for lookup in lookups]
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(calls)}", [_query(lookup) for lookup in lookups])
            return [ids_from(ids) for ids in cursor.fetchone()]

    def words(self):
        """The ``words`` of every document, in lists."""
        query = f"SELECT id, words FROM {TABLE} WHERE id > %s ORDER BY id LIMIT %s"  # noqa: S608
        return map(_split, read_by_id(self.connection, query))

    def words_of(self, ids):
        """The ``words`` of those of ``ids`` that are there, in no particular order."""
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT id, words FROM {TABLE} WHERE id = ANY(%s)", [ids])  # noqa: S608
            return _split(cursor.fetchall())

    def write(self, documents):
        """Add ``documents``, none of which is there."""
        one = f"(%s, {', '.join(['%s::tsvector'] * len(FIELDS))}, %s)"
        with self.connection.cursor() as cursor:
            for part in batched(map(_row, documents), AT_ONCE):
                values = ", ".join([one] * len(part))
                cursor.execute(f"INSERT INTO {TABLE} VALUES {values}", list(chain.from_iterable(part)))  # noqa: S608

    def delete(self, ids):
        """Remove what is there of ``ids``."""
        with self.connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {TABLE} WHERE id = ANY(%s)", [list(ids)])  # noqa: S608

    def replace_all(self, documents):
        """Have ``documents`` and nothing else. Others read what was there until the transaction ends."""
        new = f"{TABLE}_new"
        with self.connection.cursor() as cursor:
            # Who publishes meanwhile waits, and then writes to the new table.
            cursor.execute(f"LOCK TABLE {TABLE} IN SHARE ROW EXCLUSIVE MODE")
            self._create(new)
            # In parts: while a COPY goes on, the connection cannot read the next documents.
            for part in batched(documents, AT_ONCE):
                with cursor.copy(f"COPY {new} FROM STDIN") as copy:
                    for document in part:
                        copy.write_row(_row(document))
            self._index(new)
            cursor.execute(f"DROP TABLE {TABLE}")
            cursor.execute(f"ALTER TABLE {new} RENAME TO {TABLE}")
            cursor.execute(f"ALTER INDEX {new}_words RENAME TO {TABLE}_words")
            cursor.execute(f"ALTER INDEX {new}_pkey RENAME TO {TABLE}_pkey")
            cursor.execute(f"ANALYZE {TABLE}")


def _query(lookup):
    if isinstance(lookup, AnyOf):
        return " | ".join(f"({_query(one)})" for one in lookup.lookups)
    words = [f"'{STEM * lookup.stemmed}{word}'" for word in lookup.words]
    return f"{' <-> '.join(words)}{':*' if lookup.prefix else ''}"


def _row(document):
    id_, *words = document.words
    return [id_, *map(_vector, document.fields), "\n".join(words)]


def _split(rows):
    return [(id_, *words.split("\n")) for id_, words in rows]


def _vector(words):
    # Words have no character that would have to be quoted.
    return " ".join(
        [f"{word.form}:{place} {STEM}{word.stem}:{place}" for place, word in enumerate(words, start=1) if word]
    )
