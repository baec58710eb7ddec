"""What a measure says, as data: read, compared and stored again."""

import json

import pytest

from practices import workflow
from practices.choices import Action
from practices.content import content_at, content_of, differences, store
from practices.models import Measure
from tests.factories import (
    BeneficiaryFactory,
    CountryFactory,
    OrganizationFactory,
    SourceFactory,
    SpectrumBandFactory,
    UserFactory,
    make_measure,
)

pytestmark = pytest.mark.django_db


def full_measure():
    measure = make_measure(
        title="Kenya lends spectrum",
        countries=[CountryFactory(iso3="KEN")],
        organizations=[OrganizationFactory()],
        beneficiaries=[BeneficiaryFactory()],
        tags=["lte", "schools"],
        announced_on="2020-04",
        sources=2,
    )
    SpectrumBandFactory(measure=measure, ranges=[("703", "733"), ("758", "788")], starts_on="2020-04-17")
    return measure


def test_content_survives_json_and_storing():
    measure = full_measure()
    content = json.loads(json.dumps(content_of(measure)))
    other = make_measure(title="Other", status="draft")
    with workflow.change(other, by=None, action=Action.EDITED):
        store(other, content | {"slug": "other"})
    assert content_of(Measure.objects.get(pk=other.pk)) == content | {"slug": "other"}


def test_the_content_at_a_change_is_what_the_record_said_then():
    measure = full_measure()
    with workflow.change(measure, by=UserFactory(), action=Action.CORRECTED):
        measure.outcome_en = "It ended."
    then = content_of(measure)
    with workflow.change(measure, by=UserFactory(), action=Action.CORRECTED):
        store(measure, then | {"title_en": "Kenya lent spectrum", "tags": [], "bands": []})
    newest, before, *_older = measure.changes.all()
    assert content_at(before) == then
    assert content_at(newest) == content_of(measure)


def test_differences_are_said_in_words():
    measure = full_measure()
    before = content_of(measure)
    source = SourceFactory(title="Gazette")
    after = before | {
        "title_en": "Kenya lent spectrum",
        "countries": [CountryFactory(iso3="UGA", name_en="Uganda").pk],
        "announced_on": "2020-04-17",
        "citations": [*before["citations"], {"source_id": source.pk, "locator": "p. 3", "note": ""}],
        "bands": [],
    }
    found = {difference.field: difference for difference in differences(before, after)}
    assert set(found) == {"title_en", "countries", "announced_on", "citations", "bands"}
    assert (found["announced_on"].before, found["announced_on"].after) == ("April 2020", "17 April 2020")
    assert found["countries"].after == "Uganda"
    assert found["citations"].after.endswith("\nGazette (p. 3)")
    assert found["bands"].before == "Granted; 700 MHz; 703–733 MHz, 758–788 MHz; 17 April 2020 – …"
    assert found["title_en"].label == "Title [en]"


def test_comparing_takes_as_many_queries_for_many_values_as_for_one(django_assert_max_num_queries):
    measure = full_measure()
    before = content_of(measure)
    with django_assert_max_num_queries(2):
        differences(before, before | {"countries": [CountryFactory.build(pk=n).pk for n in range(50)], "citations": []})


def test_what_a_content_leaves_out_stays():
    measure = full_measure()
    before = content_of(measure)
    with workflow.change(measure, by=None, action=Action.CORRECTED):
        store(measure, {"title_en": "New"})
    assert content_of(Measure.objects.get(pk=measure.pk)) == before | {"title_en": "New"}
