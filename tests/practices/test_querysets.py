import datetime

import pytest
import time_machine

from practices.models import Measure
from practices.querysets import today
from tests.factories import GroupFactory, SourceFactory, make_measure

pytestmark = pytest.mark.django_db
STATUSES = ["draft", "in-review", "published", "withdrawn"]


def slugs(measures):
    return sorted(measures.values_list("slug", flat=True))


def test_only_published_measures_are_public():
    for status in STATUSES:
        make_measure(slug=status, status=status)
    assert slugs(Measure.objects.published()) == slugs(Measure.objects.for_listing()) == ["published"]


def test_the_default_manager_hides_nothing_from_editors():
    for status in STATUSES:
        make_measure(slug=status, status=status)
    assert slugs(Measure.objects.all()) == sorted(STATUSES)


def test_the_day_is_that_of_utc():
    with time_machine.travel("2020-04-30T23:59:00-05:00", tick=False):
        assert today() == datetime.date(2020, 5, 1)


def test_state_changes_at_midnight_utc():
    make_measure(starts_on="2020-03-01", ends_on="2020-04-30")
    states = []
    for moment in ("2020-04-30T23:59:59Z", "2020-05-01T00:00:00Z"):
        with time_machine.travel(moment, tick=False):
            states.append(Measure.objects.with_state().get().state)
    assert states == ["in-force", "ended"]


def test_state_can_be_asked_for_another_day():
    make_measure(starts_on="2020-03-01", ends_on="2020-04-30")
    days = {"2020-02-29": "planned", "2020-03-01": "in-force", "2020-04-30": "in-force", "2020-05-01": "ended"}
    stated = {day: Measure.objects.with_state(datetime.date.fromisoformat(day)).get().state for day in days}
    assert stated == days


@pytest.mark.parametrize(
    ("sources", "evidence"),
    [
        (["official"], "official"),
        (["news", "official"], "official"),
        (["news", "report"], "several"),
        (["operator"], "single"),
    ],
)
def test_evidence_follows_from_the_sources(sources, evidence):
    make_measure(sources=sources)
    make_measure(sources=["official", "news", "news"])  # another measure's sources count for nothing
    measure = Measure.objects.with_evidence().order_by("pk").first()
    assert (measure.evidence, measure.source_count) == (evidence, len(sources))


def test_a_draft_without_sources_counts_none():
    make_measure(status="draft", sources=0)
    assert Measure.objects.with_evidence().get().source_count == 0


def test_a_source_shared_by_measures_counts_for_each():
    source = SourceFactory(kind="news")
    for slug in ("a", "b"):
        make_measure(slug=slug, sources=[source])
    listed = Measure.objects.with_evidence().order_by("slug")
    assert [(measure.slug, measure.source_count) for measure in listed] == [("a", 1), ("b", 1)]


def test_a_listing_asks_no_more_for_three_rows_than_for_one(django_assert_num_queries):
    def row():
        return make_measure(countries=["KEN", "UGA"], areas=[GroupFactory(code="eac")])

    def read():
        for measure in Measure.objects.for_listing():
            list(measure.countries.all()), list(measure.areas.all())
            _ = measure.measure_type.topic.name, measure.crisis.name, measure.state, measure.evidence

    row()
    with django_assert_num_queries(3):
        read()
    row(), row()
    with django_assert_num_queries(3):
        read()


def test_undated_measures_come_last():
    for slug, date in (("undated", None), ("old", "2019"), ("new-a", "2020-04"), ("new-b", "2020-04")):
        make_measure(slug=slug, announced_on=date)
    assert list(Measure.objects.values_list("slug", flat=True)) == ["new-b", "new-a", "old", "undated"]
