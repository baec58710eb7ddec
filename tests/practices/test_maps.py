import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practices.maps import STEPS, classes_for, world
from tests.factories import CountryFactory


@given(st.integers(1, 5000))
def test_classes_hold_every_count_once_and_leave_no_gap(greatest):
    classes = classes_for(greatest)
    assert [step for step, _least, _greatest in classes] == list(range(1, len(classes) + 1))
    assert len(classes) == min(STEPS, greatest)
    counts = [count for _step, least, most in classes for count in range(least, most + 1)]
    assert counts == list(range(1, greatest + 1))


def test_a_scale_of_nothing_has_no_classes():
    assert classes_for(0) == []


@pytest.mark.parametrize("greatest", [100, 1000])
def test_classes_widen_towards_the_many(greatest):
    widths = [most - least for _step, least, most in classes_for(greatest)]
    assert widths == sorted(widths)


@pytest.mark.django_db
def test_a_country_is_drawn_in_the_step_of_its_count():
    kenya, uganda, malta = (CountryFactory(iso3=code) for code in ("KEN", "UGA", "MLT"))
    drawn = world([kenya, uganda, malta], {kenya.pk: 100, uganda.pk: 1})
    assert {(item.code, item.count, item.step, item.is_dot) for item in drawn.countries} == {
        ("ken", 100, 5, False),
        ("uga", 1, 1, False),
        ("mlt", 0, 0, True),
    }
    assert [item.country for item in drawn.by_count] == [kenya, uganda, malta]
    assert drawn.classes[-1][2] == 100
    assert {item.code for item in drawn.shapes} == {"ken", "uga"}
    assert {item.code for item in drawn.dots} == {"mlt"}


@pytest.mark.django_db
def test_countries_with_the_same_count_stand_by_name_in_the_table():
    second = CountryFactory(iso3="KEN", name_en="B")
    first = CountryFactory(iso3="UGA", name_en="A")
    assert [item.country for item in world([second, first], {first.pk: 3, second.pk: 3}).by_count] == [first, second]


@pytest.mark.django_db
def test_a_map_of_nothing_shows_every_country_as_unrecorded():
    drawn = world([CountryFactory(iso3="KEN")], {})
    assert drawn.classes == []
    assert [(item.code, item.count, item.step) for item in drawn.by_count] == [("ken", 0, 0)]


def test_every_country_of_the_reference_data_has_a_place_on_the_map():
    data = Path(__file__).resolve().parents[2] / "countries" / "data"
    shapes = json.loads((data / "map.json").read_text(encoding="utf-8"))
    codes = {record["iso3"].lower() for record in json.loads((data / "countries.json").read_text(encoding="utf-8"))}
    assert set(shapes["order"]) == codes
    assert len(shapes["order"]) == len(codes)
    assert set(shapes["dots"]) <= codes
