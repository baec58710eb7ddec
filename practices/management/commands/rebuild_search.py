from django.core.management.base import BaseCommand

from practices.search import rebuild


class Command(BaseCommand):
    help = "Make the index of the search anew from the records. Readers can go on; who publishes waits."

    def handle(self, *, verbosity, **options):
        def progress(done):
            if verbosity:
                self.stdout.write(f"{done:,}")

        self.stdout.write(f"{rebuild(progress):,} measures are indexed.")
