"""The timeline of a country's measures: marks on an axis of months, as exact as the dates and no more."""

import textwrap
from dataclasses import dataclass
from datetime import date

from practices.models import Measure
from practices.partial_dates import PartialDate

LABELS_WIDTH = 176
AXIS_WIDTH = 520
ROW_HEIGHT = 18
LANE_GAP = 8
TOP = 34
LABEL_LENGTH = 25
LABEL_LINE = 16


@dataclass(frozen=True)
class Mark:
    """One measure. ``x`` to ``x_end`` is all that its first date can mean; ``bar_width`` runs to its stated end."""

    measure: Measure
    y: int
    x: float
    width: float
    bar_width: float
    when: PartialDate
    until: PartialDate | None  # the stated end

    @property
    def is_exact(self):
        return self.when.precision == "day"

    @property
    def bar_y(self):
        return self.y - 3

    @property
    def span_y(self):
        return self.y - 6

    # What can be pressed: wider than what is drawn.
    @property
    def hit_x(self):
        return self.x - 8

    @property
    def hit_y(self):
        return self.y - ROW_HEIGHT // 2

    @property
    def hit_width(self):
        return round(max(self.width, self.bar_width) + 16, 1)


@dataclass(frozen=True)
class Lane:
    """The marks of one topic. ``lines`` are (words, y) of its name, as it is written beside them."""

    lines: list[tuple[str, int]]
    y: int
    marks: list[Mark]

    @property
    def rule_y(self):
        return self.y - 14.5


@dataclass(frozen=True)
class Timeline:
    """Marks in lanes by topic; ``ticks`` are (x, the first day of a year or quarter, whether it starts a year)."""

    lanes: list[Lane]
    ticks: list[tuple[float, date, bool]]
    width: int
    height: int


def timeline(measures):
    """The ``Timeline`` of those of ``measures`` (rows of a listing) that state a date, or None without any."""
    dated = [(measure.starts_on or measure.announced_on, measure) for measure in measures]
    dated = sorted(((when, measure) for when, measure in dated if when), key=lambda pair: (pair[0], pair[1].slug))
    if not dated:
        return None
    last_days = [
        max(when.last_day, measure.ends_on.last_day if measure.ends_on else when.last_day) for when, measure in dated
    ]
    first = date(dated[0][0].year, 1, 1)
    days = (date(max(last_days).year + 1, 1, 1) - first).days

    def x_of(day):
        return round(LABELS_WIDTH + (day - first).days * AXIS_WIDTH / days, 1)

    by_topic = {}
    for when, measure in dated:
        by_topic.setdefault(measure.measure_type.topic, []).append((when, measure))
    lanes, y = [], TOP + 8
    for topic in sorted(by_topic, key=lambda topic: topic.position):
        words = textwrap.wrap(topic.name, LABEL_LENGTH)[:2]
        lane = Lane([(line, y + 4 + number * LABEL_LINE) for number, line in enumerate(words)], y, [])
        for when, measure in by_topic[topic]:
            x, ends = x_of(when.first_day), measure.ends_on
            lane.marks.append(
                Mark(
                    measure=measure,
                    y=y,
                    x=x,
                    width=round(max(x_of(when.last_day) - x, 3), 1),
                    bar_width=round(max(x_of(ends.last_day) - x, 3), 1)
                    if ends and ends.last_day >= when.first_day
                    else 0,
                    when=when,
                    until=ends,
                )
            )
            y += ROW_HEIGHT
        y = max(y, lane.y + len(words) * LABEL_LINE + 2)
        lanes.append(lane)
        y += LANE_GAP
    years = range(first.year, max(last_days).year + 2)
    months = (1, 4, 7, 10) if len(years) <= 3 else (1,)
    step = max(1, len(years) // 10)
    ticks = [
        (x_of(date(year, month, 1)), date(year, month, 1), month == 1)
        for year in years[::step]
        for month in months
        if (date(year, month, 1) - first).days < days
    ]
    return Timeline(lanes, ticks, LABELS_WIDTH + AXIS_WIDTH + 8, y)
