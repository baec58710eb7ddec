from pathlib import Path

from practices.importers import load_reference
from practices.importers.reference import COUNTRIES_DATA, PRACTICES_DATA
from practices.management.commands._loading import LoadingCommand


class Command(LoadingCommand):
    help = "Load countries, groups, the codebook, crises, organizations and sources. Safe to run again."

    def add_arguments(self, parser):
        parser.add_argument("--countries", type=Path, default=COUNTRIES_DATA, help="folder of the country files")
        parser.add_argument("--practices", type=Path, default=PRACTICES_DATA, help="folder of the catalogue's files")

    def handle(self, *, countries, practices, verbosity, **options):
        def progress(text):
            if verbosity > 1:
                self.stdout.write(text)

        with self.refusing("Reference data"):
            self.report(load_reference(countries, practices, progress))
