"""The catalogue as a database of SQLite, with an index of its words, and what Datasette is told of it."""

import json
import sqlite3
from contextlib import closing

from django.conf import settings

from practices.citing import PORTAL_NAME
from practices.exports.formats import LICENCE
from practices.exports.tables import COUNTRIES, MEASURES, ORGANIZATIONS, Column, Table
from practices.releases.texts import DESCRIPTION

DATABASE = "catalogue.sqlite"
TYPES = {"number": "NUMERIC", "yes-no": "INTEGER"}
FACETS = ["topic", "measure_type", "crisis", "state", "evidence", {"array": "countries"}]
INDEXES = {
    "measures": [("topic",), ("measure_type",), ("crisis",), ("state",), ("announced_on",), ("updated_at",)],
    "citations": [("publisher",)],
    "bands": [("measure",), ("lower_mhz", "upper_mhz")],
}


def _links(name, column, linked):
    """The table that links measures to what its ``column``, a list, has the codes of."""
    return Table(
        name,
        f"Which measure is of which of {linked.name}",
        [
            Column("measure", "Slug of the measure.", lambda pair: pair[0]),
            Column(column, f"As the table {linked.name} has it.", lambda pair: pair[1]),
        ],
        key=("measure", column),
        links={"measure": MEASURES, column: linked},
    )


def _pairs(field, measures):
    return ((measure["slug"], item["code"]) for measure in measures for item in measure[field])


LINKS = {
    "countries": _links("measure_countries", "country", COUNTRIES),
    "organizations": _links("measure_organizations", "organization", ORGANIZATIONS),
}


def write_database(path, tables):
    """Write ``tables``, pairs of a ``Table`` and a function that gives its rows, and those that link them."""
    rows = {table.name: rows for table, rows in tables}
    links = [(table, lambda field=field: _pairs(field, rows["measures"]())) for field, table in LINKS.items()]
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = off")  # a file that is not finished is thrown away
        for table, rows_of in (*tables, *links):
            _write_table(database, table, rows_of())
        # Datasette knows an index of words by this way of writing its content.
        database.execute(
            "CREATE VIRTUAL TABLE measures_fts USING fts5(title, summary, outcome, "
            "content=\"measures\", tokenize='porter unicode61 remove_diacritics 2')"
        )
        database.execute("INSERT INTO measures_fts (measures_fts) VALUES ('rebuild')")
        database.commit()
        if wrong := database.execute("PRAGMA foreign_key_check").fetchone():
            raise ValueError(f"a row of {wrong[0]} points at a row of {wrong[2]} that is not there")
        database.execute("ANALYZE")
        database.commit()


def _write_table(database, table, rows):
    columns = [f'"{column.name}" {TYPES.get(column.kind, "TEXT")}' for column in table.columns]
    if table.key:
        columns.append(f"PRIMARY KEY ({', '.join(table.key)})")
    for column, linked in table.links.items():
        columns.append(f"FOREIGN KEY ({column}) REFERENCES {linked.name} ({', '.join(linked.key)})")
    database.execute(f"CREATE TABLE {table.name} ({', '.join(columns)})")
    places = ", ".join("?" * len(table.columns))
    database.executemany(
        f"INSERT INTO {table.name} VALUES ({places})",  # noqa: S608 (names of our own)
        ([_stored(column, row) for column in table.columns] for row in rows),
    )
    indexes = [*((column,) for column in table.links), *INDEXES.get(table.name, ())]
    for index in dict.fromkeys(indexes):
        database.execute(f"CREATE INDEX {table.name}_{'_'.join(index)} ON {table.name} ({', '.join(index)})")


def _stored(column, row):
    """What a column says of ``row``; several values as a JSON array, and null for what is not stated."""
    value = column.value(row)
    if column.kind == "list":
        return json.dumps(list(value), ensure_ascii=False)
    return None if value == "" else value


def metadata(tables):
    """What ``datasette catalogue.sqlite --metadata metadata.json`` shows of the database."""
    described = {
        table.name: {
            "title": table.title,
            "columns": {column.name: column.description for column in table.columns},
        }
        for table in (*tables, *LINKS.values())
    }
    described["measures"] |= {"facets": FACETS, "sort_desc": "announced_on", "label_column": "title", "size": 20}
    described["citations"] |= {"facets": ["kind", "language"]}
    described["bands"] |= {"facets": ["role", "label"]}
    described["countries"] |= {"facets": ["itu_region", "income_group"], "label_column": "name_en"}
    described["organizations"] |= {"facets": ["kind"], "label_column": "name"}
    described["codebook"] |= {"facets": ["column"]}
    return {
        "title": PORTAL_NAME,
        "description": DESCRIPTION,
        "license": LICENCE["title"],
        "license_url": LICENCE["path"],
        "source": PORTAL_NAME,
        "source_url": settings.SITE_URL,
        "databases": {"catalogue": {"tables": described}},
    }
