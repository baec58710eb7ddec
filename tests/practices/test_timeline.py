import datetime

import pytest

from practices import catalogue
from practices.catalogue import Selection
from practices.timeline import AXIS_WIDTH, LABELS_WIDTH, timeline
from tests.factories import MeasureTypeFactory, TopicFactory, make_measure

pytestmark = pytest.mark.django_db


def draw():
    return timeline(Selection(catalogue.current(), None)[:])


def marks(drawn):
    return {mark.measure.slug: mark for lane in drawn.lanes for mark in lane.marks}


def test_without_a_date_there_is_no_timeline():
    make_measure(announced_on=None, ends_on="2020")
    assert draw() is None
    assert timeline([]) is None


def test_measures_without_a_first_date_are_left_out():
    make_measure(slug="dated", announced_on="2020-04")
    make_measure(slug="undated")
    assert set(marks(draw())) == {"dated"}


def test_a_measure_stands_where_it_starts_or_else_where_it_was_announced():
    make_measure(slug="starts", announced_on="2020-01-01", starts_on="2020-07-01")
    make_measure(slug="announced", announced_on="2020-07-01")
    drawn = marks(draw())
    assert drawn["starts"].x == drawn["announced"].x


def test_a_mark_is_as_wide_as_all_that_its_date_can_mean():
    for text in ("2020", "2020-04", "2020-04-17"):
        make_measure(slug=f"d-{text}", announced_on=text)
    drawn = marks(draw())
    year, month, day = (drawn[f"d-{text}"] for text in ("2020", "2020-04", "2020-04-17"))
    assert year.x == LABELS_WIDTH
    assert year.width == pytest.approx(AXIS_WIDTH, abs=2)
    assert month.width == pytest.approx(AXIS_WIDTH * 29 / 366, abs=0.2)
    assert day.width < month.width < year.width
    assert year.x < month.x < day.x < month.x + month.width
    assert [mark.is_exact for mark in (year, month, day)] == [False, False, True]


def test_a_bar_runs_to_the_stated_end_and_without_one_there_is_none():
    make_measure(slug="ends", starts_on="2020-01-01", ends_on="2021-12-31")
    make_measure(slug="open", starts_on="2020-01-01")
    drawn = marks(draw())
    assert drawn["ends"].bar_width == pytest.approx(AXIS_WIDTH, abs=2)
    assert drawn["open"].bar_width == 0


def test_lanes_are_the_topics_in_their_order_and_rows_do_not_meet():
    for position, code in ((2, "second"), (1, "first")):
        topic = TopicFactory(code=code, name_en=code.title(), position=position)
        kind = MeasureTypeFactory(topic=topic)
        for month in ("06", "04"):
            make_measure(slug=f"{code}-{month}", measure_type=kind, announced_on=f"2020-{month}")
    drawn = draw()
    assert [" ".join(words for words, _y in lane.lines) for lane in drawn.lanes] == ["First", "Second"]
    slugs = [mark.measure.slug for lane in drawn.lanes for mark in lane.marks]
    assert slugs == ["first-04", "first-06", "second-04", "second-06"]
    rows = [mark.y for lane in drawn.lanes for mark in lane.marks]
    assert rows == sorted(set(rows))
    assert rows[-1] < drawn.height


@pytest.mark.parametrize("last", ["2020", "2022", "2024-06", "2031", "2119"])
def test_ticks_and_marks_stay_on_the_axis(last):
    make_measure(announced_on="2020-03-15")
    make_measure(announced_on=last, ends_on=last)
    drawn = draw()
    end = LABELS_WIDTH + AXIS_WIDTH
    assert all(LABELS_WIDTH <= x <= end for x, _day, _is_year in drawn.ticks)
    assert [x for x, _day, _is_year in drawn.ticks] == sorted({x for x, _day, _is_year in drawn.ticks})
    assert drawn.ticks[0][1] == datetime.date(2020, 1, 1)
    assert {day.day for _x, day, _is_year in drawn.ticks} == {1}
    assert 2 <= len(drawn.ticks) <= 22
    for mark in marks(drawn).values():
        assert mark.x >= LABELS_WIDTH
        assert mark.x + max(mark.width, mark.bar_width) <= drawn.width
