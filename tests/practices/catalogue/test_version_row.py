"""The row that every request asks for: in several ways on PostgreSQL, in one on SQLite."""

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from practices.catalogue.version_row import version_row
from practices.models import CatalogueVersion
from tests.factories import make_measure

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def number():
    """The number of a version that there is."""
    make_measure()
    return CatalogueVersion.objects.get().number


def ways_of_asking():
    """What each way of asking gives: planned before, as a query that is looked at, and within a transaction."""
    yield version_row()
    with CaptureQueriesContext(connection):
        yield version_row()
    with transaction.atomic():
        yield version_row()


def test_there_is_none_before_anything_was_published():
    CatalogueVersion.objects.all().delete()
    assert version_row() is None


def test_whichever_way_it_is_asked_for_it_is_the_same(number):
    rows = list(ways_of_asking())
    assert rows[0][:2] == (number, CatalogueVersion.objects.get().reloaded_at)
    assert rows == rows[:1] * 3


def test_each_publication_makes_another(number):
    before = version_row()
    make_measure()
    rows = list(ways_of_asking())
    assert rows[0][0] > number
    assert rows[0][2] != before[2]
    assert rows == rows[:1] * 3


def prepared():
    """The names of what PostgreSQL has prepared for this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements")
        return [name for (name,) in cursor.fetchall()]


def test_it_is_asked_for_again_where_postgresql_has_forgotten_what_was_prepared(number):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite is asked for it in one way alone.")
    row = version_row()
    assert prepared() == ["catalogue_version"]
    with connection.cursor() as cursor:  # as a pooler does that gives each transaction another connection
        cursor.execute("DEALLOCATE ALL")
    assert [version_row(), version_row()] == [row, row]
    assert prepared() == ["catalogue_version"]


def test_a_database_without_the_table_says_so(number):
    table = CatalogueVersion._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO away")
        try:
            with pytest.raises(DatabaseError, match=table):
                version_row()
        finally:
            cursor.execute(f"ALTER TABLE away RENAME TO {table}")
    assert version_row()[0] == number
