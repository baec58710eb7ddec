"""How the project starts: with nothing set for development, and only with everything set for production."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

PRODUCTION = {
    "DEBUG": "false",
    "SECRET_KEY": "a-key-of-this-test-that-is-long-enough-and-has-characters-of-many-kinds",
    "ALLOWED_HOSTS": "portal.example.org",
    "SITE_URL": "https://portal.example.org",
    "OPERATOR_NAME": "An operator",
    "CONTACT_EMAIL": "editors@example.org",
}


def start(**variables):
    """Run a command of the portal with these variables alone; an empty one is as if it were not set."""
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": "sqlite://:memory:"} | variables
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL", "OPERATOR_NAME", "CONTACT_EMAIL"])
def test_production_without_a_setting_stops_with_a_sentence_that_names_it(name):
    done = start(**PRODUCTION | {name: ""})

    assert done.returncode != 0
    assert f"Set the environment variable {name}: " in done.stderr


def test_production_starts_with_every_setting():
    done = start(**PRODUCTION)

    assert done.returncode == 0, done.stderr


def test_development_needs_no_setting():
    done = start()

    assert done.returncode == 0, done.stderr


def test_single_sign_on_needs_all_of_its_settings():
    server = {"OIDC_SERVER_URL": "https://sso.example", "OIDC_CLIENT_ID": "portal"}

    assert "OIDC_CLIENT_SECRET" in start(**server).stderr
    assert start(**server, OIDC_CLIENT_SECRET="secret").returncode == 0


def test_letters_go_by_the_server_that_is_named():
    assert start(EMAIL_URL="smtp+tls://portal:secret@mail.example.org:587").returncode == 0
    assert "EMAIL_URL" in start(EMAIL_URL="mail.example.org").stderr
