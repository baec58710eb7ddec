import uuid

from django.db import migrations, models

FORMER_TABLES = {"practices_search", "practices_searchword"}


def drop_search_tables(apps, schema_editor):
    """Drop what the search in the database had, where this database has been in use before."""
    connection = schema_editor.connection
    for table in FORMER_TABLES & set(connection.introspection.table_names()):
        schema_editor.execute(f"DROP TABLE {table}")
    if connection.vendor == "postgresql":
        for field in ("title", "text", "details"):
            schema_editor.execute(f"DROP FUNCTION IF EXISTS practices_search_{field}(tsquery)")


class Migration(migrations.Migration):
    dependencies = [("practices", "0008_following")]

    operations = [
        migrations.RunPython(drop_search_tables, migrations.RunPython.noop),
        migrations.RemoveField(model_name="catalogueversion", name="reloaded_at"),
        migrations.AddField(
            model_name="catalogueversion",
            name="catalogue",
            field=models.UUIDField(default=uuid.uuid4, verbose_name="catalogue"),
        ),
        migrations.CreateModel(
            name="JournalEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "version",
                    models.PositiveBigIntegerField(db_index=True, verbose_name="version of the catalogue"),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="kind of record")),
                ("record_id", models.PositiveBigIntegerField(verbose_name="record")),
            ],
            options={
                "verbose_name": "entry of the journal",
                "verbose_name_plural": "entries of the journal",
            },
        ),
    ]
