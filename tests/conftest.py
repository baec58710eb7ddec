"""What every test may ask for, and how hypothesis runs here."""

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.servers.basehttp import WSGIRequestHandler
from django.db import connection, connections
from django.test import TransactionTestCase, override_settings
from hypothesis import settings as hypothesis_settings

from practices import catalogue
from tests import emptying, fixtures
from tests.factories import UserFactory

# The same examples on every run and machine; a slow machine is no failure.
hypothesis_settings.register_profile("portal", deadline=None, derandomize=True, database=None, max_examples=60)
hypothesis_settings.load_profile("portal")

# The server of tests writes an answer in several parts, none of which is to wait until the one before it has been
# acknowledged: that takes 40 ms.
WSGIRequestHandler.disable_nagle_algorithm = True

DATABASE = {"db", "transactional_db", "live_server", "django_db_setup"}  # fixtures that give it to a test


def pytest_collection_modifyitems(items):
    """What may not use the database, which pytest-django sees to, says the same whatever database there is."""
    for item in items:
        if not item.get_closest_marker("django_db") and not DATABASE & set(item.fixturenames):
            item.add_marker(pytest.mark.any_engine)


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef, request):
    if fixturedef.argname == "_django_db_helper":  # pytest-django's, which begins the transaction of a test
        fixtures.before_the_database(request)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """The database of all tests, which those that commit empty (``tests.emptying``)."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        made = emptying.rows_made_by_migrate()
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda test: emptying.empty(made))
        yield


@pytest.fixture(scope="session", autouse=True)
def _fast_passwords():
    """Passwords of test users need no protection."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(scope="session", autouse=True)
def _a_cache_of_the_process(worker_id):
    """Of the databases of Redis, the one that is named or one of those after it, as the process is counted."""
    caches = {name: dict(config) for name, config in settings.CACHES.items()}
    address, _, number = caches["default"]["LOCATION"].rpartition("/")
    if address.startswith("redis:") and worker_id != "master":
        caches["default"]["LOCATION"] = f"{address}/{int(number) + int(worker_id.removeprefix('gw'))}"
    with override_settings(CACHES=caches):
        yield


@pytest.fixture(autouse=True)
def _nothing_counted_by_another_test():
    """Requests of the API and tries to sign in are counted in the cache, of one address in all tests."""
    cache.clear()


@pytest.fixture(autouse=True)
def _an_index_of_its_own(settings):
    """Each test starts on a database of its own, whose versions count from the same number. Its index is in memory."""
    settings.INDEX_DIR = ""
    catalogue.forget()


@pytest.fixture
def editor(db):
    """Somebody of the desk."""
    return UserFactory(email="editor@example.org")


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
