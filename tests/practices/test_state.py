import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from practices.models import Measure
from practices.partial_dates import PartialDate
from practices.state import state_on
from tests.factories import MeasureFactory
from tests.practices.test_partial_dates import days_of, partial_dates

STATED_DATES = st.none() | partial_dates(2019, 2021)
DAYS = st.dates(datetime.date(2018, 12, 30), datetime.date(2022, 1, 2))


def expected_state(starts, ends, confirmed, review_by, day):
    """DESIGN's words, asked of every day that a date can mean."""
    if ends and all(end < day for end in days_of(ends)):
        return "ended"
    if starts and all(start > day for start in days_of(starts)):
        return "planned"
    started = starts and all(start <= day for start in days_of(starts))
    ends_ahead = ends and all(end >= day for end in days_of(ends))  # the last day still counts
    if (started and ends_ahead) or (confirmed and confirmed <= day <= review_by):
        return "in-force"
    return "unknown"


def state_of(day, **fields):
    MeasureFactory(**fields)
    state = Measure.objects.annotate(state=state_on(day)).get().state
    Measure.objects.all().delete()
    return state


D = datetime.date


@given(
    STATED_DATES,
    STATED_DATES,
    st.none() | st.tuples(DAYS, st.integers(0, 400)),
    DAYS,
)
@example(PartialDate(2020, 3), PartialDate(2020, 6, 30), None, D(2020, 6, 30))
@example(PartialDate(2020, 3), PartialDate(2020, 6, 30), None, D(2020, 7, 1))
@example(PartialDate(2020, 3), PartialDate(2020, 6), None, D(2020, 6, 1))
@example(PartialDate(2020, 3), PartialDate(2020, 6), None, D(2020, 6, 2))
@example(PartialDate(2020), PartialDate(2021), None, D(2020, 12, 31))
@example(PartialDate(2020), PartialDate(2021), None, D(2021, 1, 1))
@example(PartialDate(2020), PartialDate(2021), None, D(2021, 1, 2))
@example(PartialDate(2020, 3), None, None, D(2020, 2, 29))
@example(None, None, (D(2020, 5, 1), 0), D(2020, 5, 1))
@pytest.mark.django_db
def test_state_is_what_every_possible_day_proves(starts, ends, confirmation, day):
    if starts and ends and ends.last_day < starts.first_day:
        starts, ends = ends, starts
    confirmed, review_by = None, None
    if confirmation:
        confirmed, review_by = confirmation[0], confirmation[0] + datetime.timedelta(days=confirmation[1])
    fields = {"starts_on": starts, "ends_on": ends, "confirmed_in_force_on": confirmed, "review_by": review_by}
    assert state_of(day, **fields) == expected_state(starts, ends, confirmed, review_by, day)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("dates", "state"),
    [
        ({}, "unknown"),
        ({"starts_on": "2020-03-16"}, "unknown"),  # nobody says how long
        ({"announced_on": "2020-03-16", "ends_on": "2021-12-31"}, "unknown"),  # nor that it began
        ({"starts_on": "2020", "ends_on": "2021-12-31"}, "unknown"),  # it may begin in December
        ({"starts_on": "2020-03", "ends_on": "2020-06"}, "unknown"),  # it may have ended on the 1st
        ({"starts_on": "2020-03-16", "ends_on": "2020-06-15"}, "in-force"),
        ({"starts_on": "2020-03-16", "ends_on": "2020-06-14"}, "ended"),
        ({"ends_on": "2020-05"}, "ended"),
        ({"starts_on": "2020-07"}, "planned"),
        ({"confirmed_in_force_on": "2020-06-01", "review_by": "2020-06-15"}, "in-force"),
        ({"confirmed_in_force_on": "2020-06-01", "review_by": "2020-06-14"}, "unknown"),
        ({"confirmed_in_force_on": "2020-06-16", "review_by": "2020-09-01"}, "unknown"),
        ({"ends_on": "2020-05", "confirmed_in_force_on": "2020-06-01", "review_by": "2020-09-01"}, "ended"),
    ],
)
def test_a_measure_is_in_force_only_when_its_dates_prove_it(dates, state):
    assert state_of(datetime.date(2020, 6, 15), **dates) == state
