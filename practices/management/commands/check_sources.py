import datetime

from django.core.management.base import BaseCommand, CommandError
from django.db.models import F, Q
from django.utils import timezone

from practices import custody
from practices.models import Source


class Command(BaseCommand):
    help = "Visit the addresses of sources and keep what is found. Those not visited for the longest come first."

    def add_arguments(self, parser):
        parser.add_argument("--source", type=int, action="append", metavar="ID", help="only this one; may be repeated")
        parser.add_argument("--older-than", type=int, metavar="DAYS", help="only those not visited for so many days")
        parser.add_argument("--limit", type=int, metavar="N", help="at most so many")
        parser.add_argument("--minutes", type=float, default=60, help="begin no visit after so many (default: 60)")

    def handle(self, *, source, older_than, limit, minutes, verbosity, **options):
        sources = Source.objects.order_by(F("last_checked_at").asc(nulls_first=True), "pk")
        if source:
            sources = sources.filter(pk__in=source)
            missing = set(source).difference(sources.values_list("pk", flat=True))
            if missing:
                raise CommandError(f"There is no source {', '.join(map(str, sorted(missing)))}.")
        if older_than is not None:
            since = timezone.now() - datetime.timedelta(days=older_than)
            sources = sources.filter(Q(last_checked_at=None) | Q(last_checked_at__lt=since))

        def progress(source, visit):
            if verbosity > 1 or (verbosity and source.last_check_result not in ("live", "moved")):
                self.stdout.write(f"{source.pk} {source.get_last_check_result_display()}: {source.url} ({visit.note})")

        checked = custody.check(list(sources[:limit]), seconds=minutes * 60, progress=progress)
        for label, count in checked.in_words():
            self.stdout.write(f"{count:,} {label}")
        if checked.left:
            self.stdout.write(f"{checked.left:,} left for another time")
