"""The data that the portal ships: the whole of it loads, and holds to the catalogue's own rules."""

import itertools
import json

import pytest
from django.db import transaction

from countries.models import Country
from practices import catalogue
from practices.importers import load_measures, load_reference
from practices.importers.reference import COUNTRIES_DATA, PRACTICES_DATA
from practices.models import (
    Beneficiary,
    Change,
    Citation,
    Crisis,
    Measure,
    MeasureType,
    Organization,
    Source,
    SpectrumBand,
    SpectrumRange,
    Tag,
    Topic,
)
from tests import fixtures


def read(folder, name):
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


MEASURES = read(PRACTICES_DATA, "measures")
BANDS = read(PRACTICES_DATA, "bands")


# That they load on PostgreSQL too is what `make production-check` begins with.
pytestmark = pytest.mark.any_engine


@pytest.fixture(scope="module")
def reports(django_db_setup, django_db_blocker):
    """Everything loaded once for this module, which sees no other test's rows. The reports of the two loads."""
    fixtures.close()
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_reference(), load_measures(MEASURES)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_all_of_it_loads_once_and_a_second_time_changes_nothing(reports):
    reference, measures = reports
    assert dict(measures.counts["measure"]) == {"created": 724}
    assert {name: dict(counts) for name, counts in reference.counts.items()} == {
        "country": {"created": 234},
        "group": {"created": 24},
        "topic": {"created": 9},
        "measure type": {"created": MeasureType.objects.count()},
        "beneficiary": {"created": 10},
        "crisis": {"created": 30},
        "organization": {"created": 969},
        "source": {"created": 1158},
        "tag": {"created": 172},
    }
    changes = Change.objects.count()
    again = [load_reference(), load_measures(MEASURES)]
    assert {outcome for report in again for counts in report.counts.values() for outcome in counts} == {"unchanged"}
    assert Change.objects.count() == changes == 724


@pytest.mark.django_db
def test_every_measure_is_public_and_has_a_source(reports):
    assert Measure.objects.count() == Measure.objects.published().count() == 724
    assert not Measure.objects.filter(citations=None).exists()
    assert not Measure.objects.filter(countries=None, areas=None).exists()
    assert Citation.objects.count() == sum(len(set(record["sources"])) for record in MEASURES)


@pytest.mark.django_db
def test_what_is_loaded_is_used(reports):
    """Nothing that no measure points at, such as a code with a misspelt twin."""
    assert not Topic.objects.filter(measure_types=None).exists()
    assert not Source.objects.filter(citations=None).exists()
    assert not Tag.objects.filter(tagged_measures=None).exists()
    assert not Crisis.objects.filter(measures=None).exists()


@pytest.mark.django_db
def test_all_that_was_loaded_is_what_the_desk_would_accept(reports):
    for model in (Country, Topic, MeasureType, Beneficiary, Crisis, Organization, Source, Tag):
        for record in model.objects.all():
            record.clean_fields()


@pytest.mark.django_db
def test_every_country_has_its_regions_and_names_in_six_languages(reports):
    assert {region for (region,) in Country.objects.values_list("radio_region").distinct()} == {1, 2, 3}
    regions = read(COUNTRIES_DATA, "radio_regions")["regions"]
    assert dict(Country.objects.values_list("iso3", "radio_region")) == regions
    for language in ("en", "fr", "es", "ru", "ar", "zh_hans"):
        unnamed = Country.objects.filter(**{f"name_{language}__isnull": True}).values_list("iso3", flat=True)
        assert list(unnamed) == [], language


@pytest.mark.django_db
def test_every_band_label_in_use_has_a_range_or_is_known_to_have_none(reports):
    without = set(SpectrumBand.objects.filter(ranges=None).values_list("label", "measure__slug"))
    known = {entry if isinstance(entry, str) else entry["label"] for entry in BANDS["no_range"]}
    assert {(label, slug) for label, slug in without if label not in known} == set()
    assert SpectrumBand.objects.count() == 90
    assert not SpectrumRange.objects.filter(nominal=True, basis="").exists()


def test_every_reviewed_label_is_used_and_stands_once():
    labels = [band["label"] for band in BANDS["bands"]]
    assert len(labels) == len(set(labels))
    assert set(labels) <= {band["band"] for record in MEASURES for band in record["spectrum"]}


def test_ranges_of_a_label_do_not_overlap_within_a_region():
    for band in BANDS["bands"]:
        for region in (1, 2, 3):
            here = [edges for edges in band["ranges"] if edges["region"] in (None, region)]
            plans = [edges for edges in here if "countries" not in edges]
            edges = sorted((item["lower_mhz"], item["upper_mhz"]) for item in plans)
            assert all(lower < upper for lower, upper in edges), band["label"]
            assert all(first[1] <= second[0] for first, second in itertools.pairwise(edges)), band["label"]


@pytest.mark.django_db
def test_the_index_has_all_of_it(reports):
    public = catalogue.current()
    assert public.ids() == list(Measure.objects.published().values_list("pk", flat=True))
    assert public.source_count == Citation.objects.values("source").distinct().count()
