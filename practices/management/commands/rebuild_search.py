from django.core.management.base import BaseCommand
from django.db import transaction

from practices.models import CatalogueVersion
from practices.search import rebuild


class Command(BaseCommand):
    help = "Make the index of the search anew from the records. Readers can go on; who publishes waits."

    def handle(self, *, verbosity, **options):
        def progress(done):
            if verbosity:
                self.stdout.write(f"{done:,}")

        with transaction.atomic():
            number = rebuild(progress)
            CatalogueVersion.advance(reload=True)  # what workers found before goes with what they have read
        self.stdout.write(f"{number:,} measures are indexed.")
