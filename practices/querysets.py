"""What every reader of the catalogue starts from."""

import datetime

from django.db import models
from django.db.models import Case, CharField, Count, Exists, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from practices.choices import Evidence, SourceKind, Status
from practices.state import state_on

# In a subquery behind ``pk__in``: EXISTS would be asked once a record.
PUBLISHED = models.Q(measure__status=Status.PUBLISHED)


def today():
    """The day it is, in UTC: states change at its midnight."""
    return timezone.now().astimezone(datetime.UTC).date()


class OrganizationQuerySet(models.QuerySet):
    def public(self):
        """Those that a published measure names, and regulators, whom their country's page names."""
        acting = self.model.measures.through.objects.filter(PUBLISHED).values("organization")
        return self.filter(models.Q(pk__in=acting) | models.Q(regulator_of__isnull=False))


class SourceQuerySet(models.QuerySet):
    def public(self):
        """Those that a published measure cites."""
        cited = self.model.measures.through.objects.filter(PUBLISHED).order_by().values("source")
        return self.filter(pk__in=cited)

    def broken(self):
        """Those whose address no longer leads to them: the server said so, or was not reached on several days."""
        return self.filter(
            models.Q(last_check_result=self.model.CheckResult.GONE)
            | models.Q(days_unreachable__gte=self.model.DAYS_UNTIL_BROKEN)
        )


class TagQuerySet(models.QuerySet):
    def public(self):
        """Those that a published measure carries."""
        published = {"tagged_measures__content_object__status": Status.PUBLISHED}
        return self.filter(pk__in=self.model.objects.filter(**published).values("pk"))


class MeasureQuerySet(models.QuerySet):
    def published(self):
        """The measures that the public may see."""
        return self.filter(status=Status.PUBLISHED)

    def with_broken_sources(self):
        """Those that cite a broken source of which no archived copy is known: somebody has to look for it."""
        broken = self.model.sources.field.related_model.objects.broken().filter(archived_url="")
        citations = self.model.sources.through.objects.filter(source__in=broken)
        return self.filter(
            pk__in=citations.order_by().values("measure")
        )  # EXISTS would visit the sources once a record

    def with_state(self, day=None):
        """Each measure with ``state``, its ``State`` on ``day`` (default: today)."""
        return self.annotate(state=state_on(day or today()))

    def with_evidence(self):
        """Each measure with ``evidence``, its ``Evidence``, and ``source_count``."""
        citations = self.model.sources.through.objects.filter(measure=OuterRef("pk"))
        count = citations.order_by().values("measure").annotate(n=Count("pk")).values("n")
        return self.annotate(
            source_count=Coalesce(Subquery(count), 0),
            evidence=Case(
                When(Exists(citations.filter(source__kind=SourceKind.OFFICIAL)), then=Value(Evidence.OFFICIAL)),
                When(source_count__gte=2, then=Value(Evidence.SEVERAL)),
                default=Value(Evidence.SINGLE),
                output_field=CharField(),
            ),
        )

    def for_listing(self):
        """The public measures with all that a row of a list shows. Public code starts here."""
        return self.published().with_row()

    def with_row(self):
        """Each measure with all that a row of a list shows."""
        return (
            self.with_state()
            .with_evidence()
            .select_related("measure_type__topic", "crisis")
            .prefetch_related("countries", "areas")
        )

    def with_page(self):
        """Each measure with all that its own page shows."""
        citations = models.Prefetch("citations", self.model.sources.through.objects.select_related("source"))
        return self.with_row().prefetch_related("organizations", "beneficiaries", "tags", citations, "bands__ranges")
