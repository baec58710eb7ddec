"""What every test may ask for, and how hypothesis runs here."""

import pytest
from hypothesis import settings as hypothesis_settings

from practices import catalogue
from tests.factories import UserFactory

# The same examples on every run and machine; a slow machine is no failure.
hypothesis_settings.register_profile("portal", deadline=None, derandomize=True, database=None, max_examples=60)
hypothesis_settings.load_profile("portal")


@pytest.fixture(autouse=True)
def _fast_passwords(settings):
    """Passwords of test users need no protection."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _no_catalogue_of_another_test():
    """Each test starts on a database of its own, whose versions count from the same number."""
    catalogue.forget()


@pytest.fixture
def editor(db):
    """Somebody of the desk."""
    return UserFactory(email="editor@example.org")
