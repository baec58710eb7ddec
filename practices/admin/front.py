"""The desk's front page: what waits, for whom, and where the catalogue has gaps."""

from django.contrib import admin
from django.db.models import prefetch_related_objects
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from practices import catalogue
from practices.catalogue.records import CHOICES
from practices.queues import QUEUES, queues_for

SHOWN = 5  # records of a queue


class QueueFilter(admin.SimpleListFilter):
    """The list's filter by queue: the records that a queue of the front page has."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request, model_admin):
        return [(queue.name, queue.title) for queue in queues_for(request.user)]

    def queryset(self, request, queryset):
        queue = QUEUES.get(self.value())
        return queryset.filter(pk__in=queue.measures(request.user).order_by().values("pk")) if queue else queryset


def front_page(request, context):
    """Adds to the ``context`` of the index: queues and, for editors, ``gaps`` (a callback of unfold)."""
    queues = [_queue(queue, request.user) for queue in queues_for(request.user)]
    context["waiting"] = [entry for entry in queues if entry["count"]]
    shown = [measure for entry in context["waiting"] for measure in entry["measures"]]
    prefetch_related_objects(shown, "countries", "areas")  # of all queues at once
    context["empty"] = [entry["queue"] for entry in queues if not entry["count"]]
    if request.user.has_perm("practices.edit_any_measure"):
        context["gaps"] = _gaps(catalogue.current())
    return context


def _queue(queue, user):
    measures = queue.measures(user)
    return {
        "queue": queue,
        "count": measures.count(),
        "measures": measures.select_related("measure_type")[:SHOWN],
        "url": reverse("admin:practices_measure_changelist", query={"queue": queue.name}),
    }


def _gaps(shown):
    """Countries of which nothing is recorded, by ITU region, and types of which a region has nothing."""
    counts, regions = shown.counts("country"), {}
    for country in sorted(shown.records["country"].all, key=str):
        region = regions.setdefault(country.itu_region, {"name": country.get_itu_region_display(), "countries": []})
        region["total"] = region.get("total", 0) + 1
        if not counts[country.pk]:
            region["countries"].append(country)
    by_type = shown.crossed("type", "region")
    return {
        "regions": [regions[code] for code in CHOICES["region"] if code in regions],
        "types": [
            (kind, [regions[code]["name"] for code in missing if code in regions])
            for kind in shown.records["type"].all
            if (missing := [code for code in CHOICES["region"] if code not in by_type.get(kind.pk, ())])
        ],
    }
