"""Whether a measure applies on a given day: the one definition for pages, filters, counts and files."""

import datetime

from django.db.models import Case, CharField, Q, Value, When

from practices.choices import State
from practices.partial_dates import possibly_by, surely_by, surely_from


def state_on(day):
    """Expression: the ``State`` of a measure on ``day`` (a ``datetime.date``).

    A partial date proves only what every day it can mean proves, so most measures are *unknown*. An
    editor's confirmation holds from its day until the record is due for review.
    """
    yesterday = day - datetime.timedelta(days=1)
    confirmed = Q(confirmed_in_force_on__lte=day, review_by__gte=day)
    return Case(
        When(surely_by("ends_on", yesterday), then=Value(State.ENDED)),
        When(Q(starts_on__isnull=False) & ~possibly_by("starts_on", day), then=Value(State.PLANNED)),
        When((surely_by("starts_on", day) & surely_from("ends_on", day)) | confirmed, then=Value(State.IN_FORCE)),
        default=Value(State.UNKNOWN),
        output_field=CharField(),
    )
