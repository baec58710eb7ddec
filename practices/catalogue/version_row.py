"""The row of the catalogue's version, which every request asks for before all else, by the quickest way there is."""

from weakref import WeakSet

import psycopg
from django.db import Error, connection
from psycopg.pq import ExecStatus

from practices.models import CatalogueVersion

# Straight from the database: a model would take five times as long.
_QUERY = (
    "SELECT number, reloaded_at, CAST(changed_at AS text) "  # noqa: S608
    f"FROM {CatalogueVersion._meta.db_table} WHERE id = {CatalogueVersion.ROW}"
)
_NAME = b"catalogue_version"
_prepared = WeakSet()  # connections to PostgreSQL that know the query by that name


def version_row():
    """The number, the number of the last load, and the moment of the last change, as the database writes it; None where
    nothing was ever published."""
    # It is the first that a page asks, so it stands for Django's own check of a kept connection, which is a query too.
    connection.health_check_done = True
    try:
        return _asked()
    except Error:
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()  # the database has ended it, for instance to start anew
        return _asked()


def _asked():
    by_name = connection.vendor == "postgresql" and not (connection.in_atomic_block or connection.queries_logged)
    if by_name and (row := _asked_by_name()):
        return row
    with connection.cursor() as cursor:
        cursor.execute(_QUERY)
        return cursor.fetchone()


def _asked_by_name():
    """The row from PostgreSQL, which plans the query once, and without a cursor between: in a third of the time. None
    where that fails, so that Django says why, or asks in its own way: a pooler may not know what was prepared."""
    connection.ensure_connection()
    opened = connection.connection
    try:
        if opened not in _prepared:
            opened.pgconn.prepare(_NAME, _QUERY.encode())
            _prepared.add(opened)
        result = opened.pgconn.exec_prepared(_NAME, ())
    except psycopg.Error:
        return None
    if result.status != ExecStatus.TUPLES_OK:
        _prepared.discard(opened)
        return None
    if not result.ntuples:
        return None
    number, reloaded_at, changed_at = (result.get_value(0, column) for column in range(3))
    return int(number), int(reloaded_at), changed_at.decode()
