from django.core.management.base import BaseCommand, CommandError

from practices.releases import ReleaseError, make


class Command(BaseCommand):
    help = "Write the whole public catalogue as a dated data package, which the Data page then offers."

    def handle(self, **options):
        try:
            release = make()
        except ReleaseError as error:
            raise CommandError(error) from None
        self.stdout.write(f"Release {release.name}: {release.measure_count:,} measures, in {release.folder}")
