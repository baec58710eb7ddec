from pathlib import Path

from practices.importers import load_measures
from practices.importers.reading import read_json
from practices.management.commands._loading import LoadingCommand


class Command(LoadingCommand):
    help = "Load curated measures from a JSON file and publish them. Safe to run again."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="a JSON list of measures, as practices/data/measures.json is")
        parser.add_argument(
            "--overwrite", action="store_true", help="take the file's version of records that were edited at the desk"
        )

    def handle(self, *, file, overwrite, verbosity, **options):
        def progress(done, total):
            if verbosity and (done % 100 == 0 or done == total):
                self.stdout.write(f"{done:,} of {total:,}", ending="\n")

        with self.refusing(str(file)):
            self.report(load_measures(read_json(file), overwrite=overwrite, progress=progress))
