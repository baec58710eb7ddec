"""Records that may tell of the same thing as one that is being written."""

import datetime
from typing import NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _
from rapidfuzz import fuzz, process, utils

from practices.models import Measure
from practices.partial_dates import possibly_by, surely_by

# Two reports of one measure name its day this far apart; their titles share this much, of 100.
NEAR = datetime.timedelta(days=60)
SIMILAR = 60
COMPARED = 500
SHOWN = 5


class Duplicate(NamedTuple):
    """A record that may be the same, and the sentence that says why."""

    measure: Measure
    reason: str


def likely_duplicates(measures, *, title, measure_type, countries, announced_on, sources):
    """Up to ``SHOWN`` of the queryset ``measures``, the likeliest first.

    Those that rest on one of ``sources`` (ids) in one of ``countries`` (ids), or in any where none is named yet;
    and those of the same type, of one of the countries, announced about ``announced_on`` (a ``PartialDate``), with
    a similar title. What is not known yet is None or empty. At most two queries with those that they prefetch.
    """
    measures = measures.prefetch_related("countries")
    there = Q(pk__in=Measure.countries.through.objects.filter(country__in=countries).values("measure"))
    found = {}
    if sources:
        citing = Q(pk__in=Measure.sources.through.objects.filter(source__in=sources).values("measure"))
        for measure in measures.filter(citing & there if countries else citing)[:SHOWN]:
            found[measure.pk] = Duplicate(measure, _("It rests on the same source."))
    if title and measure_type and countries:
        near = measures.filter(there, _near(announced_on), measure_type=measure_type).exclude(pk__in=found)
        alike = {measure: measure.title for measure in near.order_by("-updated_at")[:COMPARED]}
        for _title, _score, measure in process.extract(
            title,
            alike,
            scorer=fuzz.token_set_ratio,
            processor=utils.default_process,
            score_cutoff=SIMILAR,
            limit=SHOWN,
        ):
            found[measure.pk] = Duplicate(measure, _("The same type and country, near dates, a similar title."))
    return list(found.values())[:SHOWN]


def _near(announced_on):
    """Condition: announced on a day that may be near ``announced_on``; all are where that is not known."""
    if announced_on is None:
        return Q()
    near = possibly_by("announced_on", announced_on.last_day + NEAR)
    return Q(announced_on=None) | (near & ~surely_by("announced_on", announced_on.first_day - NEAR))
