"""Band precedents: what a text asks for, and which grants overlap it."""

import re
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from practices.precedents import precedents, read_range
from tests.factories import CountryFactory, SpectrumBandFactory, make_measure

pytestmark = pytest.mark.django_db


def edges_of(text):
    return [tuple(map(float, edges[:2])) for edges in read_range(text).ranges]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("694-790 MHz", (694, 790)),
        ("694–790", (694, 790)),
        ("3.4 to 3.8 GHz", (3400, 3800)),
        ("3,4-3,8GHz", (3400, 3800)),
        ("900 MHz - 1.1 GHz", (900, 1100)),
        ("161.5 MHz", (161.5, 161.5)),
        ("3,400–3,600 MHz", (3400, 3600)),
        ("3\u202f400–3\u202f600", (3400, 3600)),
        ("3,400-3,600 GHz", (3400, 3600)),
    ],
)
def test_ranges_are_read_as_people_write_them(text, expected):
    assert edges_of(text) == [expected]


def test_a_band_by_its_name_is_what_the_name_means_in_each_region():
    asked = read_range("700 MHz")
    assert asked.label == "700 MHz"
    assert (Decimal(694), Decimal(790), 1) in asked.ranges
    assert {edges.region for edges in asked.ranges} == {1, 2, 3}
    assert read_range("0.7 GHz").ranges == asked.ranges


@pytest.mark.parametrize("text", ["spectrum", "790-694 MHz", "0 MHz", "1e9", "99999999", "700 MHz 800 MHz", "٧٠٠"])
def test_what_is_no_range_is_refused_with_what_would_be_right(text):
    with pytest.raises(ValidationError, match=r"no range|not a range"):
        read_range(text)


def band(lower, upper, *, role="granted", nominal=False, status="published", country="KEN", radio_region=1, **fields):
    measure = make_measure(status=status, countries=[CountryFactory(iso3=country, radio_region=radio_region)])
    stored = SpectrumBandFactory(measure=measure, role=role, ranges=[(lower, upper)] if lower else [], **fields)
    if nominal:
        stored.ranges.update(nominal=True, basis="Usual plan.")
    return stored


def test_what_overlaps_is_found_and_what_only_touches_is_not():
    inside, across = band(703, 713), band(780, 800)
    band(790, 862)
    band(600, 694)
    assert set(precedents(read_range("694-790 MHz"))) == {inside, across}


def test_a_range_copied_from_a_page_finds_what_it_stood_at(client):
    band(3400, 3600)
    page = client.get("/fr/bands/", {"range": "3.5 GHz"}).content.decode()
    (shown,) = re.findall(r">(3\W?400–3\W?600)<", page)
    assert shown in client.get("/fr/bands/", {"range": shown}).content.decode().split("<table")[1]


def test_a_single_frequency_on_an_edge_belongs_to_the_upper_band():
    upper = band(2400, 2483.5)
    band(2300, 2400)
    assert precedents(read_range("2.4 GHz")) == [upper]


def test_only_public_grants_extensions_and_sharings_are_precedents():
    found = {band(703, 713, role=role) for role in ("granted", "extended", "shared")}
    band(703, 713, role="concerned")
    band(703, 713, status="draft")
    band(703, 713, status="withdrawn")
    assert set(precedents(read_range("694-790"))) == found


def test_a_name_is_taken_for_what_it_means_where_the_measure_applies():
    here = band(694, 790)
    band(663, 698, country="USA", radio_region=2)  # 600 MHz there; 700 MHz begins at 698
    assert precedents(read_range("700 MHz")) == [here]


def test_a_band_of_that_name_without_edges_is_found_and_says_so():
    unknown = band(None, None, label="700 MHz")
    band(None, None, label="800 MHz")
    (found,) = precedents(read_range("700 MHz"))
    assert (found, found.overlapping) == (unknown, [])


def test_the_page_tells_exact_from_nominal_edges_and_can_be_narrowed(client):
    band(703, 713, nominal=True, holder="Safaricom")
    band(703, 713, country="GHA")
    address = reverse("practices:bands")
    page = client.get(address, {"range": "694-790 MHz"}).content.decode()
    assert page.count("nominal</span>") == page.count("exact</span>") == 1
    assert "Safaricom" in page
    narrowed = client.get(address, {"range": "694-790 MHz", "country": "gha"}).content.decode()
    assert "Safaricom" not in narrowed
    assert "1 precedent<" in narrowed


def test_a_text_that_is_no_range_is_answered_400_with_the_text_kept(client):
    response = client.get(reverse("practices:bands"), {"range": "spectrum"})
    assert response.status_code == 400
    assert 'value="spectrum"' in response.content.decode()


def test_the_page_takes_as_many_queries_for_many_bands_as_for_one(client, django_assert_max_num_queries):
    for _number in range(6):
        band(703, 713)
    client.get(reverse("practices:bands"))
    with django_assert_max_num_queries(9):
        client.get(reverse("practices:bands"), {"range": "694-790"})
