"""Whether a measure applies on a given day: the one definition for pages, filters, counts and files."""

import datetime

from django.db.models import Case, CharField, Q, Value, When

from practices.choices import State
from practices.partial_dates import PartialDate, day_number, possibly_by, surely_by, surely_from


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


def state_of(
    starts: PartialDate | None, ends: PartialDate | None, day: datetime.date, confirmed: int = 0, review: int = 0
) -> str:
    """Return the ``State`` on ``day`` of a measure with these dates: what ``state_on`` says, of one measure.

    ``confirmed`` and ``review`` are the days of its confirmation and of its review as YYYYMMDD, 0 where there is none.
    """
    number = day_number(day)
    if ends and ends.last_day < day:
        return State.ENDED.value
    if starts and starts.first_day > day:
        return State.PLANNED.value
    has_begun = starts is not None and starts.last_day <= day
    goes_on = ends is not None and ends.first_day >= day
    if (has_begun and goes_on) or (0 < confirmed <= number <= review):
        return State.IN_FORCE.value
    return State.UNKNOWN.value
