"""Whatever moment the server is killed at, the database has what was before or what was to be."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from django.conf import settings
from django.db import connection

from tests.factories import make_measure

BEFORE = {
    "status": "draft",
    "dated": False,
    "changes": [],
    "counted": False,
    "revisions": 0,
    "versions": 0,
    "in the catalogue": 0,
    "found": 0,
}
AFTER = {
    "status": "published",
    "dated": True,
    "changes": ["published"],
    "counted": True,
    "revisions": 1,
    "versions": 4,  # the record, its citation, its band and its tag
    "in the catalogue": 1,
    "found": 1,
}


@pytest.fixture
def database_url(tmp_path):
    """The address of the test's database for another process; of one in memory, what leads to a copy in a file."""
    if connection.vendor == "sqlite":
        path = tmp_path / "portal.sqlite3"
        with closing(sqlite3.connect(path)) as copy:
            connection.ensure_connection()
            connection.connection.backup(copy)
        return f"sqlite:///{path}"
    place = connection.settings_dict
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**place)


@pytest.fixture
def draft(transactional_db):
    return make_measure(status="draft", title="Quixotic title", tags=["schools"], bands=["700 MHz"])


def test_a_server_that_is_killed_while_publishing_leaves_the_old_state_or_the_new_one(draft, database_url):
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "tests.practices.dying", str(draft.pk)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "reg4covid.settings"},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    *killed, lived = map(json.loads, done.stdout.splitlines())
    assert len(killed) > 20, "publishing takes more statements than that"
    assert [state for state in killed if state != BEFORE] == []
    assert lived == AFTER
