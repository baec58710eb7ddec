from django.db import migrations

from practices.search.engine import engine_of


def create_anew(apps, schema_editor):
    """PostgreSQL's index has one more column. It is filled after migrating, as every index that is empty."""
    if schema_editor.connection.vendor == "postgresql":
        engine = engine_of(schema_editor.connection)
        engine.drop()
        engine.create()


class Migration(migrations.Migration):
    dependencies = [("practices", "0008_following")]
    operations = [migrations.RunPython(create_anew, migrations.RunPython.noop)]
