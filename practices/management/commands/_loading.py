"""What the two loading commands share: progress, the report, and faults that end with exit status 1."""

from contextlib import contextmanager

from django.core.management.base import BaseCommand, CommandError

from practices.importers import Refused


class LoadingCommand(BaseCommand):
    @contextmanager
    def refusing(self, what):
        """Print every fault of a refused load and end the command."""
        try:
            yield
        except Refused as error:
            for fault in error.faults:
                self.stderr.write(str(fault))
            count = len(error.faults)
            raise CommandError(
                f"{what}: {count} fault{'s' if count != 1 else ''}, nothing was written.", returncode=1
            ) from None

    def report(self, report):
        for line in report.lines():
            self.stdout.write(line)
