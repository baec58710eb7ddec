"""What the list says to somebody who searched with words, and the suggestions before that."""

import re

import pytest
from django.test import Client

from practices import catalogue, workflow
from practices.filters import MeasureFilter
from practices.searching import SearchHelp
from tests.factories import (
    CountryFactory,
    GroupFactory,
    MeasureTypeFactory,
    OrganizationFactory,
    SourceFactory,
    SpectrumBandFactory,
    make_measure,
)
from tests.fixtures import made_once

pytestmark = pytest.mark.django_db


@made_once
def records():
    """Spectrum in Kenya and Ghana, free sites in Ghana."""
    kenya = CountryFactory(iso3="KEN", iso2="KE", name_en="Kenya", name_ar="كينيا")
    ghana = CountryFactory(iso3="GHA", iso2="GH", name_en="Ghana")
    spectrum = MeasureTypeFactory(
        code="temporary-spectrum", name_en="Temporary spectrum", topic__code="spectrum", topic__name_en="Spectrum"
    )
    zero = MeasureTypeFactory(
        code="zero-rating", name_en="Zero-rating", topic__code="affordability", topic__name_en="Affordability"
    )
    make_measure(
        slug="ke-lent",
        title="Regulator lends frequencies <to> operators",
        summary="Kenya did so in the emergency.",
        countries=[kenya],
        measure_type=spectrum,
        announced_on="2020-04",
        bands=["700 MHz"],
        sources=[SourceFactory(title="Décret présidentiel", language="fr", publisher="Gazette")],
        organizations=[OrganizationFactory(slug="ke-ca", name_en="Communications Authority")],
    )
    make_measure(
        slug="gh-lent", title="Spectrum lent", countries=[ghana], measure_type=spectrum, announced_on="2020-05"
    )
    make_measure(slug="gh-free", title="Sites zero-rated", countries=[ghana], measure_type=zero, announced_on="2021")


def get(address, **query):
    response = Client().get(address, query)
    assert response.status_code == 200
    return response.content.decode()


def words_of(html):
    """What a piece of a page says, with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def searched(**query):
    """What the list says about the words."""
    found = re.search(r'<div class="searched".*?\n</div>', get("/measures/", **query), re.DOTALL)
    return found[0] if found else ""


def notice(**query):
    """What an empty list says."""
    return re.search(r'<div class="notice">.*?</div>', get("/measures/", **query), re.DOTALL)[0]


# Corrections and partial matches


def test_a_misspelt_word_is_replaced_and_the_list_says_so(records):
    said = searched(q="specrum")
    assert "Showing results for “spectrum” . No record has “specrum”." in words_of(said)
    assert 'href="?q=spectrum"' in said
    assert "<mark>Spectrum</mark> lent" in get("/measures/", q="specrum")


def test_the_correction_keeps_the_filters(records):
    assert 'href="?q=spectrum&amp;country=gha"' in searched(q="specrum", country="gha")


def test_words_that_a_record_has_are_taken_as_they_are(records):
    assert "Showing results" not in searched(q="spectrum")


def test_a_misspelt_quotation_is_not_replaced_but_asked_about(records):
    said = notice(q='"spectrum lemt"')
    assert "Did you mean “spectrum lent” ? 1 measure" in words_of(said)
    assert 'href="?q=spectrum+lent"' in said


def test_records_with_most_of_the_words_are_shown_as_such(records):
    page = get("/measures/", q="spectrum Ghana zero-rated")
    assert "Few records, if any, have all of these words." in page
    assert page.count('class="row"') > 0
    assert "Few records" not in get("/measures/", q="spectrum Ghana")


# Filters in the words


def test_filters_that_the_words_name_are_offered_with_their_numbers(records):
    said = searched(q="spectrum Ghana 2020")
    assert "Filter by: Topic: Spectrum 1 Country: Ghana 1 Year announced: 2020 1" in words_of(said)
    assert 'href="?q=spectrum+2020&amp;country=gha"' in said
    assert 'href="?q=spectrum+Ghana&amp;year=2020"' in said


def test_an_offered_value_takes_the_place_of_what_its_filter_has(records):
    make_measure(title="Spectrum lent in Kenya", countries=["KEN"])
    said = searched(q="spectrum Ghana", country="ken")
    assert 'href="?q=spectrum&amp;country=gha"' in said
    assert "Country: Ghana 1" in words_of(said)


def test_an_offered_filter_keeps_those_that_are_chosen_and_the_order(records):
    said = searched(q="Ghana", topic="spectrum", sort="announced")
    assert 'href="?topic=spectrum&amp;country=gha&amp;sort=announced"' in said


def test_a_filter_that_is_chosen_or_finds_nothing_is_not_offered(records):
    assert "Country:" not in words_of(searched(q="Ghana spectrum", country="gha"))
    assert "Country:" not in words_of(searched(q="Ghana spectrum", year="2019"))


@pytest.mark.parametrize(
    "query", [{"q": "spectrum Ghana 2020"}, {"q": "Ghana", "topic": "spectrum"}, {"q": "Ghana", "country": "ken"}]
)
def test_an_offered_filter_shows_as_many_measures_as_it_says(records, query):
    offers = re.findall(r'<dd><a href="([^"]*)">.*?<span class="count">(\d+)</span>', searched(**query))
    assert offers
    for address, count in offers:
        page = Client().get(f"/measures/{address.replace('&amp;', '&')}").content.decode()
        assert f">{count} measure" in page


def test_without_words_nothing_is_said(records):
    assert searched() == searched(country="ken") == ""


# What matched


def test_matches_are_marked_in_titles_and_summaries_and_markup_is_escaped(records):
    page = get("/measures/", q="operators emergency")
    assert "Regulator lends frequencies &lt;to&gt; <mark>operators</mark></a>" in page
    assert "in the <mark>emergency</mark>." in page
    assert "<mark>" not in get("/measures/")
    assert "<mark>" not in get("/measures/", country="ken")


def test_the_snippet_is_where_the_words_are(records):
    make_measure(title="Long", summary=f"{'Much was said before. ' * 30}Then came the turbines. {'And after. ' * 30}")
    page = get("/measures/", q="turbines")
    snippet = re.search(r'<p class="row-snippet">(.*?)</p>', page)[1]
    assert "<mark>turbines</mark>" in snippet
    assert snippet.startswith("… ")
    assert snippet.endswith(" …")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("700 MHz", "Matched: Band: 700 MHz"),
        ("Communications Authority", "Matched: Organization: Communications Authority"),
        ("décret présidentiel", "Matched: Source: Décret présidentiel"),
        ("gazette", "Matched: Publisher: Gazette"),
        ("2020 frequencies emergency", "Matched: Year announced: 2020"),
    ],
)
def test_a_record_says_why_it_matched_when_title_and_summary_do_not_show_it(records, words, why):
    page = get("/measures/", q=words, country="ken")
    assert why in [words_of(line) for line in re.findall(r'<p class="row-why">.*?</p>', page)]


def test_no_reason_is_given_where_the_words_can_be_seen(records):
    assert "row-why" not in get("/measures/", q="frequencies emergency", country="ken")


def test_a_text_in_another_language_is_a_reason_named_by_its_language(records):
    make_measure(title="Tariffs cut", title_fr="Baisse des tarifs mobiles")
    page = get("/measures/", q="baisse")
    assert "Matched: In French: Baisse des tarifs mobiles" in words_of(
        re.search(r'<p class="row-why">.*?</p>', page)[0]
    )


def test_a_page_of_matches_asks_the_database_as_often_for_many_as_for_few(records, django_assert_max_num_queries):
    for number in range(15):
        make_measure(title=f"Record {number}", outcome="It held the turbines.", countries=["KEN"])
    with django_assert_max_num_queries(40):
        page = get("/measures/", q="turbines")
    assert page.count("row-why") == 15


# Nothing found


def test_an_empty_list_says_which_filter_or_word_to_leave_out_and_how_many_that_finds(records):
    said = words_of(notice(q="spectrum lent", country="ken", year="2020"))
    assert "Without “ken” : 1 measure" in said or "Without “Kenya” : 1 measure" in said
    assert "Without “lent” : 1 measure" in said


def test_what_an_empty_list_offers_finds_as_many_as_it_says(records):
    offers = re.findall(
        r'<a href="([^"]*)">Without [^<]*</a>: (\d+) measure', notice(q="spectrum lent", country="ken", year="2020")
    )
    assert len(offers) > 2
    for address, count in offers:
        assert f">{count} measure" in Client().get(f"/measures/{address.replace('&amp;', '&')}").content.decode()


def test_where_no_single_thing_is_in_the_way_each_is_offered_alone(records):
    said = notice(q="lends", country="gha", year="2021", topic="spectrum")
    assert "Only “Ghana” : 2 measures Only “Spectrum” : 2 measures Only “lends” : 1 measure" in words_of(said)
    assert 'href="?country=gha"' in said


def test_words_that_nothing_has_lead_to_help_on_searching(records):
    assert 'href="/about/#searching"' in notice(q="xylophone")
    assert 'id="searching"' in get("/about/")


# Suggestions


def suggestions(words, language=""):
    """The suggestions of a page: pairs of what stands there and the address."""
    page = get(f"{language}/suggestions/", q=words)
    return [(words_of(label), href) for href, label in re.findall(r'<a[^>]* href="([^"]*)">(.*?)</a>', page)]


def test_suggestions_lead_to_pages_of_what_is_public(records):
    OrganizationFactory(slug="ke-hidden", name_en="Kenya Hidden Board")
    make_measure(title="Kenya drafts", status="draft", organizations=[])
    found = suggestions("keny")
    assert found[0] == ("Search for “keny”", "/measures/?q=keny")
    assert ("Kenya 1 measure", "/countries/ken/") in found
    assert not any("Hidden" in label or "drafts" in label for label, _address in found)


def test_suggestions_of_titles_lead_to_records(records):
    assert ("Spectrum lent", "/measures/gh-lent/") in suggestions("spectrum le")


def test_a_name_in_another_language_is_shown_beside_the_readers(records):
    assert ("Kenya كينيا 1 measure", "/countries/ken/") in suggestions("كيني")
    assert ("كينيا 1 measure", "/ar/countries/ken/") in suggestions("كيني", "/ar")


def test_the_page_of_suggestions_is_a_public_page_that_no_index_takes(records):
    response = Client().get("/suggestions/?q=ken")
    assert '<meta name="robots" content="noindex">' in response.content.decode()
    assert response.headers["ETag"]
    assert "public" in response.headers["Cache-Control"]
    assert not response.cookies
    again = Client().get("/suggestions/?q=ken", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("words", ["", " ", "\0", '"', "-", "<b>", "%", "x" * 500, "a " * 150, "'; --", "🙂"])
def test_any_words_may_be_typed(records, words):
    page = get("/suggestions/", q=words)
    assert "<b>" not in page
    if not words.strip(" \0"):
        assert "Search for" not in page


# What the words are known to mean


def help_with(words):
    filterset = MeasureFilter({"q": words}, catalogue.current())
    assert filterset.is_valid()
    return SearchHelp(filterset)


def test_a_word_that_no_record_has_is_named_beside_the_counts_of_the_others(records):
    searched = help_with("censorship lent spectrum")
    assert searched.missing_words == ["censorship"]
    assert searched.word_counts == [("lent", 1), ("spectrum", 2)]


def test_words_that_are_all_known_or_corrected_are_not_named(records):
    for words in ("spectrum lent", "specrum lent"):
        searched = help_with(words)
        assert (searched.missing_words, searched.word_counts) == ([], [])


@pytest.mark.parametrize(
    ("words", "address"),
    [
        ("694-790 MHz", "/bands/?range=694-790"),
        ("roaming 3.4 – 3.8 GHz", "/bands/?range=3400-3800"),
        ("1427.9-1452 MHz", "/bands/?range=1427.9-1452"),
        ("700 MHz", ""),
    ],
)
def test_a_range_of_frequencies_leads_to_the_page_of_the_spectrum(records, words, address):
    assert help_with(words).bands_address == address
    if address:
        assert Client().get(address).status_code == 200


def test_a_measure_in_a_range_of_frequencies_says_which_bands_it_has(records):
    measure = make_measure(title="Relief", status="draft")
    SpectrumBandFactory(measure=measure, label="Digital dividend", ranges=[(703, 733)])
    workflow.publish(measure, by=None)
    page = get("/measures/", q="694-790 MHz")
    assert "Matched: Band: Digital dividend" in words_of(page)


def test_a_group_a_definition_and_an_outcome_are_reasons(records):
    kenya = CountryFactory(iso3="KEN")
    GroupFactory(code="eac", name_en="East African Community", members=[kenya])
    kind = MeasureTypeFactory(code="mast-permits", name_en="Permits", definition_en="Masts without paperwork.")
    make_measure(title="Done", countries=[kenya], measure_type=kind, outcome="It held the turbines.")

    def why(words):
        return [words_of(line) for line in re.findall(r'<p class="row-why">.*?</p>', get("/measures/", q=words))]

    assert "Matched: Group of countries: East African Community" in why("East African Community")
    assert why("paperwork") == ["Matched: Measure type: Permits"]
    assert why("turbines") == ["Matched: Outcome: It held the turbines ."]
