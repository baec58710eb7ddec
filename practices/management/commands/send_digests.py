from django.core.management import call_command
from django.core.management.base import BaseCommand

from practices import following


class Command(BaseCommand):
    help = "Send the letters that are due to those who follow a list. Run it once a day, or more often."

    def add_arguments(self, parser):
        parser.add_argument(
            "--suspend", metavar="ADDRESS", help="send nothing more to an address whose letters came back"
        )

    def handle(self, *args, suspend=None, **options):
        if suspend:
            self.stdout.write(f"{following.suspend(suspend)} subscriptions suspended.")
            return
        planned = following.plan_digests()
        call_command("db_worker", batch=True, interval=0, startup_delay=False, reload=False, verbosity=0)
        self.stdout.write(f"{planned} letters were due.")
