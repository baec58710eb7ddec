from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from practices.catalogue.storage import storage


class Command(BaseCommand):
    help = "Build the index of the catalogue again, beside the one that readers use meanwhile, and switch to it."

    def handle(self, *args, **options):
        if not settings.INDEX_DIR:
            raise CommandError("INDEX_DIR is empty, so each process has its index in memory. Name a folder.")
        try:
            count, seconds = storage().rebuild()
        except OSError as error:
            raise CommandError(f"The index could not be written to {settings.INDEX_DIR}: {error}") from error
        self.stdout.write(f"The index has {count:,} measures; built in {seconds:.1f} s.")
