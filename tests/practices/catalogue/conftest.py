"""What tests of several processes, and of several threads of one, need."""

import pytest
from django.db import connection, connections

from practices import catalogue
from practices.catalogue import process


@pytest.fixture
def shared_database(transactional_db, tmp_path):
    """A database that threads read and write at once: on SQLite a file, since in memory no writer waits for another."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(tmp_path / "catalogue.sqlite3")])
    in_memory, in_memory_name = connections["default"], connection.settings_dict["NAME"]
    del connections["default"]
    connections.settings["default"]["NAME"] = str(tmp_path / "catalogue.sqlite3")
    yield
    connections["default"].close()
    connections["default"] = in_memory
    connections.settings["default"]["NAME"] = in_memory_name


@pytest.fixture
def another_process():
    """Gives a function that stands for another process that reads the catalogue now, and then nothing for a while.

    It returns a function that makes this process that one.
    """

    def read_now():
        catalogue.current()
        known = process._snapshot, process._seen

        def become():
            process._snapshot, process._seen = known

        return become

    return read_now
