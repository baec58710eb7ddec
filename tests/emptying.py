"""Emptying the database after a test that committed.

Django truncates every table and makes the permissions and roles anew: two seconds on PostgreSQL, most of it for tables
that had no rows. This deletes rows instead, and leaves what ``migrate`` had made unless a test has changed it.
"""

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction

MADE_BY_MIGRATE = [ContentType, Permission, Group, Group.permissions.through]


def rows_made_by_migrate():
    """The rows of the tables that ``migrate`` fills, by model: their fields in a fixed order, for ``empty``."""
    return {model: list(model.objects.order_by("pk").values()) for model in MADE_BY_MIGRATE}


def empty(made):
    """Leave nothing in the tables of the models but the rows ``made``."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    quoted = [connection.ops.quote_name(table) for table in tables]
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # whoever still writes is waited for, as by TRUNCATE
            cursor.execute(f"LOCK TABLE {', '.join(quoted)} IN ACCESS EXCLUSIVE MODE")
        changed = rows_made_by_migrate() != made
        kept = set() if changed else {model._meta.db_table for model in made}
        for table, name in zip(tables, quoted, strict=True):
            if table not in kept:
                cursor.execute(f"DELETE FROM {name}")  # noqa: S608 (a name of ours)
        if changed:
            for model, rows in made.items():
                model.objects.bulk_create(model(**row) for row in rows)
            ContentType.objects.clear_cache()
