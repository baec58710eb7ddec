"""Schemathesis asks whatever it can think of, and is answered as the API describes itself."""

import subprocess
import sys

import pytest

from tests.practices.test_api import world  # noqa: F401 (a fixture)

# What no engine takes, such as NUL, is refused before it: test_filters.py asks on each of them.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_engine]

SECONDS = 300  # a machine with other things to do may need
# That all that fits the description is accepted is not asked: no description can say which cursors an answer gave,
# which organizations there are, or that a period ends after it begins.
NOT_ASKED = "positive_data_acceptance"


def test_whatever_is_asked_the_answer_is_as_described(live_server, world, settings, tmp_path):  # noqa: F811
    settings.SITE_URL = live_server.url
    settings.API_LIMITS = {}  # it is in more of a hurry than anybody may be
    run = subprocess.run(  # noqa: S603
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", f"{live_server.url}/api/v1/schema/"),
            *("--workers", "1", "--exclude-checks", NOT_ASKED),
            *("--generation-deterministic", "--max-examples", "10", "--no-color"),
        ],
        cwd=tmp_path,  # where it keeps what it found
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert run.returncode == 0, run.stdout + run.stderr
