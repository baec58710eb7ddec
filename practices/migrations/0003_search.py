from django.db import migrations, models

from practices.search.engine import engine_of


def create(apps, schema_editor):
    engine_of(schema_editor.connection).create()


def drop(apps, schema_editor):
    engine_of(schema_editor.connection).drop()


class Migration(migrations.Migration):
    """Tables of the full-text search. The records of a database in use are indexed after ``migrate``."""

    dependencies = [
        ("practices", "0002_catalogue_version"),
    ]

    operations = [
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("word", models.CharField(max_length=60, primary_key=True, serialize=False, verbose_name="word")),
            ],
            options={
                "verbose_name": "word of the search",
                "verbose_name_plural": "words of the search",
            },
        ),
        migrations.RunPython(create, drop),
    ]
