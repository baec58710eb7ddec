"""The public pages of the catalogue, as a reader meets them."""

import html
import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver, reverse
from django.utils import timezone

from practices import catalogue, workflow
from practices.choices import Action
from practices.models import Source
from tests.factories import (
    BeneficiaryFactory,
    CountryFactory,
    CrisisFactory,
    GroupFactory,
    MeasureTypeFactory,
    OrganizationFactory,
    SourceFactory,
    UserFactory,
    make_measure,
)
from tests.fixtures import made_once

pytestmark = pytest.mark.django_db

LIST_QUERIES = 6
PAGE_QUERIES = 12


def text_of(response):
    """What a page says, without its markup and with single spaces."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


@made_once
def world():
    return make_world()


def make_world():
    """Records that every kind of page has something to show of."""
    kenya = CountryFactory(iso3="KEN", iso2="KE", name_en="Kenya")
    GroupFactory(code="eac", name_en="East African Community", members=[kenya])
    CrisisFactory(slug="covid-19", name_en="COVID-19 pandemic")
    OrganizationFactory(slug="ke-ca", name_en="Communications Authority", country=kenya, regulator_of=kenya)
    BeneficiaryFactory(code="households")
    return kenya


def whole_measure(world, **fields):
    """A measure with something in every relation."""
    from practices.models import Beneficiary, Organization

    return make_measure(
        **{
            "countries": [world],
            "organizations": Organization.objects.filter(slug="ke-ca"),
            "beneficiaries": Beneficiary.objects.all(),
            "sources": ["official", "news"],
            "tags": ["schools"],
            "bands": ["700 MHz"],
            "announced_on": "2020-04-17",
            **fields,
        }
    )


@made_once
def entered():
    """The same, and a public measure."""
    kenya = make_world()
    whole_measure(kenya, slug="public-entry", title="Public entry")
    return kenya


PAGES = {
    "practices:home": [],
    "practices:measure_list": [],
    "practices:suggestions": [],
    "practices:facet": ["country"],
    "practices:measure_detail": ["public-entry"],
    "practices:topic_list": [],
    "practices:topic_detail": ["affordability"],
    "practices:type_detail": ["zero-rating"],
    "practices:crisis_list": [],
    "practices:crisis_detail": ["covid-19"],
    "practices:organization_list": [],
    "practices:organization_detail": ["ke-ca"],
    "practices:source_detail": None,  # the first source's number
    "practices:tag_list": [],
    "practices:tag_detail": ["schools"],
    "practices:coverage": [],
    "practices:compare": [],
    "practices:bands": [],
    "practices:data": [],
    "practices:about": [],
    "countries:country_list": [],
    "countries:country_detail": ["ken"],
    "countries:group_detail": ["eac"],
}


# What is no page of the catalogue, and has tests of its own: files, feeds, forms.
OTHERS = {
    *("practices:download", "practices:measure_data", "practices:released_file"),
    *("practices:measure_atom", "practices:measure_json_feed"),
    *("practices:follow", "practices:follow_confirm", "practices:follow_stop"),
}


def address_of(name):
    arguments = PAGES[name]
    if arguments is None:
        arguments = [Source.objects.filter(measures__slug="public-entry").first().pk]
    return reverse(name, args=arguments)


def test_every_public_address_is_visited_by_these_tests():
    names = {
        f"{namespace}:{name}"
        for namespace in ("practices", "countries")
        for name in get_resolver().namespace_dict[namespace][1].reverse_dict
        if isinstance(name, str)
    } - OTHERS
    assert names == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_names_itself_and_sets_no_cookie(client, entered, name):
    response = client.get(address_of(name))
    body = response.content.decode()
    assert response.status_code == 200
    assert body.count("<h1") == 1
    title = re.search(r"<title>(.*?)</title>", body, re.DOTALL)[1].strip()
    description = re.search(r'<meta name="description" content="(.*?)">', body, re.DOTALL)[1].strip()
    assert len(title) > len("· Network Resiliency Practices") + 3
    assert len(description) > 20
    assert not response.cookies
    assert response.headers.get("Vary", "") in ("", "Accept-Encoding")
    assert "style=" not in body


def test_pages_have_titles_of_their_own(client, entered):
    titles = [
        re.search(r"<title>(.*?)</title>", client.get(address_of(name)).content.decode(), re.DOTALL)[1]
        for name in PAGES
    ]
    assert len(set(titles)) == len(titles)


def made_anew(address):
    """The page, from nothing that was read or made before."""
    catalogue.forget()
    return Client().get(address)


def test_pages_ask_the_database_as_often_for_many_rows_as_for_few(world):
    def queries(name):
        address = address_of(name)
        catalogue.forget()
        catalogue.current()  # what a change costs the next request is another test's
        with CaptureQueriesContext(connection) as captured:
            assert Client().get(address).status_code == 200
        return len(captured)

    for number in range(3):
        whole_measure(world, slug=f"entry-{number}", title=f"Entry {number}")
    whole_measure(world, slug="public-entry", title="Public entry")
    few = {name: queries(name) for name in PAGES}
    for number in range(3, 30):
        whole_measure(world, slug=f"entry-{number}", title=f"Entry {number}", tags=["schools", f"tag-{number}"])
    assert {name: queries(name) for name in PAGES} == few
    assert few.pop("practices:measure_list") <= LIST_QUERIES
    assert max(few.values()) <= PAGE_QUERIES


@pytest.mark.parametrize("status", ["draft", "in-review", "withdrawn"])
@pytest.mark.parametrize("name", PAGES)
def test_what_is_not_published_is_on_no_page(entered, name, status):
    before = made_anew(address_of(name)).content.decode()
    hidden_country = CountryFactory(iso3="XZZ", name_en="Hidden country")
    whole_measure(
        entered,
        slug="hidden-entry",
        title="Hidden entry",
        status=status,
        countries=[entered, hidden_country],
        organizations=[OrganizationFactory(slug="hidden", name_en="Hidden organization")],
        tags=["schools", "hidden-tag"],
        sources=["official"],
    )
    after = made_anew(address_of(name)).content.decode()
    if name in ("countries:country_list", "practices:home", "practices:coverage"):
        # The new country itself shows, as one with nothing recorded.
        assert "Hidden entry" not in after
        assert "Hidden country</a>" in after or "nothing recorded" in after.lower()
    else:
        assert after == before


@pytest.mark.parametrize("status", ["draft", "in-review", "withdrawn"])
def test_a_record_that_is_not_published_is_missing_like_one_that_never_was(client, status):
    make_measure(slug="hidden-entry", status=status)
    hidden = client.get("/measures/hidden-entry/")
    never = client.get("/measures/never-entered/")
    assert hidden.status_code == never.status_code == 404
    assert text_of(hidden).replace("hidden-entry", "…") == text_of(never).replace("never-entered", "…")


def test_a_source_that_only_drafts_cite_is_not_public(client):
    make_measure(status="draft")
    assert client.get(f"/sources/{Source.objects.get().pk}/").status_code == 404


def test_a_renamed_record_is_found_at_its_old_address(client):
    measure = make_measure(slug="old-name")
    with workflow.change(measure, by=None, action=Action.EDITED):
        measure.slug = "new-name"
    response = client.get("/measures/old-name/")
    assert (response.status_code, response.headers["Location"]) == (301, "/measures/new-name/")


def test_the_old_address_of_a_withdrawn_record_leads_nowhere(client):
    measure = make_measure(slug="old-name", status="withdrawn")
    with workflow.change(measure, by=None, action=Action.EDITED):
        measure.slug = "new-name"
    assert client.get("/measures/old-name/").status_code == 404


# The list


def titles_on(response):
    return set(re.findall(r'class="row-title"><a href="[^"]*">([^<]*)</a>', response.content.decode()))


def test_the_list_shows_what_the_address_asks_for(client):
    make_measure(title="Of Kenya", countries=["KEN"])
    make_measure(title="Of Ghana", countries=["GHA"])
    make_measure(title="Of Peru", countries=["PER"])
    response = client.get("/measures/?country=ken&country=gha&country=")
    assert titles_on(response) == {"Of Kenya", "Of Ghana"}
    assert "2 measures" in text_of(response)


def test_each_chosen_value_has_a_link_that_takes_it_away_and_keeps_the_rest(client):
    make_measure(countries=["KEN"])
    make_measure(countries=["GHA"])
    body = client.get("/measures/?country=ken&country=gha&state=unknown&page=1").content.decode()
    chips = re.findall(r'class="chip" href="([^"]*)"', body)
    assert [chip.replace("&amp;", "&") for chip in chips] == [
        "?country=gha&state=unknown",
        "?country=ken&state=unknown",
        "?country=ken&country=gha",
    ]
    assert "Clear all" in body


@pytest.mark.parametrize(
    ("query", "field", "value"),
    [
        ("country=xx", "Country", "xx"),
        ("region=mars", "ITU region", "mars"),
        ("topic=nothing", "Topic", "nothing"),
        ("type=a&type=zero-rating", "Measure type", "a"),
        ("year=abc", "Year announced", "abc"),
        ("year=99999", "Year announced", "99999"),
        ("year=02020", "Year announced", "02020"),
        ("year=0202099999999999999999999", "Year announced", "0202099999"),
        ("announced_from=2020-13", "Announced from", "2020-13"),
        ("state=maybe", "State", "maybe"),
        ("tag=%00", "Tag", ""),
        ("country=%00", "Country", ""),
        ("q=%00", "Words", ""),
        ("sort=size", "Sort by", "size"),
        ("verified=perhaps", "Verified by an editor", "perhaps"),
        ("source_language=klingon", "Language of a source", "klingon"),
        ("organization=o'brien--", "Organization", "brien--"),
        (f"q={'x' * 10_000}", "Words", "200"),
        (f"country={'x' * 10_000}", "Country", "xxx"),
    ],
)
def test_a_value_that_is_not_valid_is_named_and_selects_nothing(client, query, field, value):
    make_measure(title="Public entry")
    response = client.get(f"/measures/?{query}")
    text = text_of(response)
    assert response.status_code == 400
    assert titles_on(response) == set()
    assert "not valid" in text
    assert field in text
    assert value in text


@pytest.mark.parametrize("number", ["0", "2", "9999", "-1", "abc", "1.5", "1e3", "١", "9" * 500, "%00"])
def test_a_page_that_is_not_there_says_which_pages_are(client, number):
    make_measure()
    response = client.get(f"/measures/?page={number}")
    assert response.status_code == 404
    assert "run from 1 to 1" in text_of(response)


def test_an_unknown_parameter_is_let_pass(client):
    make_measure(title="Public entry")
    assert titles_on(client.get("/measures/?utm_source=mail")) == {"Public entry"}


def test_pages_of_the_list_hold_twenty_and_keep_the_filters(client):
    for number in range(21):
        make_measure(title=f"Entry {number:02}", countries=["KEN"])
    first = client.get("/measures/?country=ken")
    second = client.get("/measures/?country=ken&page=2")
    assert len(titles_on(first)) == 20
    assert len(titles_on(second)) == 1
    assert titles_on(first).isdisjoint(titles_on(second))
    assert 'href="?country=ken&amp;page=2"' in first.content.decode()


def test_an_empty_list_offers_the_filter_to_drop(client):
    make_measure(countries=["KEN"])
    CountryFactory(iso3="GHA", name_en="Ghana")
    CountryFactory(iso3="PER", name_en="Peru")
    response = client.get("/measures/?country=gha&country=per&q=measure")
    assert response.status_code == 200
    assert "Nothing is recorded for this combination" in text_of(response)
    assert "Without “Ghana, Peru” : 1 measure" in text_of(response)
    offered = re.search(r'<a href="([^"]*)">Without', response.content.decode())[1]
    assert "1 measure" in text_of(client.get(f"/measures/{offered}"))


def test_who_finds_nothing_is_offered_to_be_told_when_something_is_recorded(client):
    CountryFactory(iso3="GHA", name_en="Ghana")
    page = client.get("/measures/?country=gha&q=roaming").content.decode()
    follow = html.unescape(re.search(r'href="(/follow/[^"]*)"', page)[1])
    assert "roaming, Ghana , now 0 measures" in text_of(client.get(follow))


def test_an_empty_catalogue_says_so(client):
    assert "The catalogue is still empty" in text_of(client.get("/"))
    assert "No measures match" in text_of(client.get("/measures/"))


def test_a_long_facet_shows_a_dozen_and_what_is_chosen_and_leads_to_the_rest(client):
    codes = [f"X{chr(65 + number // 26)}{chr(65 + number % 26)}" for number in range(30)]
    for code in codes:
        CountryFactory(iso3=code, name_en=f"Land {code}")
    make_measure(countries=codes)
    response = client.get(f"/measures/?country={codes[-1].lower()}")
    shown = set(re.findall(r'name="country" value="(\w+)"', response.content.decode()))
    assert shown == {code.lower() for code in [*codes[:12], codes[-1]]}
    whole = client.get(f"/measures/by/country/?country={codes[-1].lower()}")
    assert set(re.findall(r'name="country" value="(\w+)"', whole.content.decode())) == {code.lower() for code in codes}


def test_a_closed_facet_has_no_values_but_a_link_to_its_page_with_the_filters(client):
    make_measure(countries=["KEN"], measure_type=MeasureTypeFactory(code="roaming"))
    page = client.get("/measures/?country=ken&page=1").content.decode()
    assert 'name="country" value="ken"' in page
    assert 'name="type"' not in page
    address = html.unescape(re.search(r'<a href="([^"]*)">Show values: Measure type<', page)[1])
    assert address == "/measures/by/type/?country=ken"
    body = re.search(
        r'<fieldset class="facet-body" id="facet-type-body".*?</fieldset>',
        text := client.get(address).content.decode(),
        re.DOTALL,
    )
    assert 'name="type" value="roaming"' in body[0]
    assert 'name="country" value="ken"' in text  # the form of that page keeps the other filters


def test_a_facet_in_which_something_is_chosen_is_open(client):
    make_measure(measure_type=MeasureTypeFactory(code="roaming"))
    page = client.get("/measures/?type=roaming").content.decode()
    assert re.search(r'<details class="facet" id="facet-type" open>', page)
    assert re.search(r'name="type" value="roaming" checked', page)


def test_a_facet_that_is_not_there_is_missing(client):
    assert client.get("/measures/by/colour/").status_code == 404


def test_markup_in_a_record_is_shown_as_text(client):
    make_measure(slug="public-entry", title="<script>alert(1)</script> & co", summary="A <b>bold</b> claim.")
    for address in ("/", "/measures/", "/measures/public-entry/", "/measures/?q=%3Cscript%3E"):
        body = client.get(address).content.decode()
        assert "<script>alert" not in body
        assert "<b>bold" not in body


# The record


def test_a_summary_is_shown_in_its_paragraphs_and_lines(client):
    make_measure(slug="public-entry", summary="First & best.\n\nSecond,\nin two lines.")
    page = client.get("/measures/public-entry/").content.decode()
    assert re.search(r"<p>First &amp; best.</p>\s*<p>Second,<br>in two lines.</p>", page)


def test_a_date_is_shown_as_precisely_as_it_is_known_on_every_page(client, world):
    whole_measure(world, slug="public-entry", announced_on="2019", starts_on="2019-04", ends_on="2019-06")
    for name in PAGES:
        text = text_of(client.get(address_of(name)))
        assert not re.search(r"\b\d{1,2} \w+ 2019", text), name
        assert "January 2019" not in text
        assert "Jan 2019 " not in text.replace("Jan 2019 Apr", "")  # but for the axis of the timeline
    record = text_of(client.get("/measures/public-entry/"))
    assert "Announced 2019" in record
    assert "Starts April 2019" in record
    assert "Ends June 2019" in record


def test_a_date_that_is_not_known_is_not_stated(client):
    make_measure(slug="public-entry")
    assert "Announced not stated Starts not stated Ends not stated" in text_of(client.get("/measures/public-entry/"))


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "expected"),
    [
        (None, None, "State unknown"),
        ("2026-01-01", None, "State unknown"),
        (None, "2027-01-01", "State unknown"),
        ("2026", "2027-01-01", "State unknown"),
        ("2026-01-01", "2026-11", "State unknown"),
        ("2026-01-01", "2026", "State unknown"),
        ("2026-01-01", "2026-11-22", "Ended"),
        ("2026-01-01", "2026-11-23", "In force"),
        ("2026-10", "2026-12", "In force"),
        ("2026-11-24", None, "Planned"),
        ("2027", None, "Planned"),
    ],
)
def test_a_record_says_that_it_is_in_force_only_where_its_dates_prove_it(client, starts_on, ends_on, expected):
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False):
        make_measure(slug="public-entry", starts_on=starts_on, ends_on=ends_on)
        standing = re.search(r'state-long">([^<]*)<', client.get("/measures/public-entry/").content.decode())[1]
        row = re.search(r'class="state state-[\w-]+">([^<]*)<', client.get("/measures/").content.decode())[1]
    assert (standing, row) == (expected, expected)


def test_a_confirmation_in_force_says_when_it_was_made(client):
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False):
        make_measure(slug="public-entry", confirmed_in_force_on=date(2026, 5, 3), review_by=date(2026, 12, 1))
        assert "In force (confirmed 3 May 2026)" in text_of(client.get("/measures/public-entry/"))


def test_a_record_shows_its_sources_with_publisher_kind_language_and_link(client):
    source = Source.objects.create(
        url="https://regulator.example/décision?id=7",
        title="Décision sur les fréquences",
        publisher="ARCEP",
        kind="official",
        language="fr",
        published_on="2020-04",
    )
    make_measure(slug="public-entry", sources=[source])
    response = client.get("/measures/public-entry/")
    assert "in French ARCEP Official publication French April 2020" in text_of(response)
    assert 'lang="fr"' in response.content.decode()
    assert "Official source" in text_of(response)
    assert "Not yet verified by an editor" in text_of(response)


def test_a_verified_record_says_when_and_not_by_whom(client, editor):
    measure = make_measure(slug="public-entry")
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False):
        workflow.verify(measure, by=editor)
    text = text_of(client.get("/measures/public-entry/"))
    assert "Verified 23 November 2026" in text
    assert "editor@example.org" not in text


def test_the_history_begins_with_publication_and_names_nobody(client, editor):
    measure = make_measure(slug="public-entry", status="draft")
    with workflow.change(measure, by=editor, action=Action.EDITED, reason="Secret reason"):
        pass
    workflow.publish(measure, by=UserFactory(), reason="Another secret")
    with workflow.change(measure, by=editor, action=Action.CORRECTED, public_note="The end was added.", reason="Hush"):
        measure.ends_on = "2020-06"
    body = client.get("/measures/public-entry/").content.decode()
    history = text_of(client.get("/measures/public-entry/")).partition("History of this record")[2].partition("Cite")[0]
    assert re.findall(r"Corrected: The end was added\.|Published\.|Edited", history) == [
        "Corrected: The end was added.",
        "Published.",
    ]
    assert not any(word in body for word in ("Secret", "secret", "Hush", "editor@example.org"))


def test_the_edges_of_a_band_that_are_not_the_sources_are_marked(client):
    from practices.models import SpectrumBand, SpectrumRange

    measure = make_measure(slug="public-entry", bands=["700 MHz", "800 MHz"])
    first, second = SpectrumBand.objects.filter(measure=measure)
    SpectrumRange.objects.create(band=first, lower_mhz="694", upper_mhz="790", nominal=True, basis="Radio Regulations")
    SpectrumRange.objects.create(band=second, lower_mhz="791.5", upper_mhz="862")
    response = client.get("/measures/public-entry/")
    body = response.content.decode()
    assert re.findall(r'class="nominal">([^<]*)<', body) == ["694", "790"]
    assert "791.5" in body
    assert "700 MHz: Radio Regulations" in text_of(response)


def test_related_measures_are_of_the_same_type_in_like_countries_or_of_the_same_country_and_crisis(client):
    CountryFactory(iso3="KEN", itu_region="afr", income_group="lower-middle")
    CountryFactory(iso3="GHA", itu_region="afr", income_group="lower-middle")
    CountryFactory(iso3="ZAF", itu_region="afr", income_group="upper-middle")
    from tests.factories import MeasureTypeFactory

    other_type = MeasureTypeFactory(code="price-relief")
    make_measure(slug="public-entry", title="This one", countries=["KEN"])
    make_measure(title="Same type, like country", countries=["GHA"])
    make_measure(title="Same type, richer country", countries=["ZAF"])
    make_measure(title="Other type, like country", countries=["GHA"], measure_type=other_type)
    make_measure(title="Same country and crisis", countries=["KEN"], measure_type=other_type)
    make_measure(
        title="Same country, other crisis",
        countries=["KEN"],
        measure_type=other_type,
        crisis=CrisisFactory(slug="flood", kind="flood"),
    )
    assert titles_on(client.get("/measures/public-entry/")) == {"Same type, like country", "Same country and crisis"}


def test_a_record_in_another_language_is_shown_and_labelled(client):
    make_measure(slug="public-entry", title="", title_fr="Fréquences prêtées", summary="", summary_fr="Un prêt.")
    response = client.get("/measures/public-entry/")
    assert '<span lang="fr" dir="ltr">Fréquences prêtées</span>' in response.content.decode()
    assert "in French" in text_of(response)
    assert "Un prêt." in text_of(response)


def test_pages_in_arabic_run_from_right_to_left_and_keep_to_their_language(client):
    CountryFactory(iso3="KEN", name_en="Kenya", name_ar="كينيا")
    make_measure(title="Public entry", countries=["KEN"])
    body = client.get("/ar/measures/").content.decode()
    assert '<html lang="ar" dir="rtl">' in body
    assert "كينيا" in body
    assert '<span lang="en" dir="ltr">Public entry</span>' in body
    assert 'href="/ar/measures/' in body
    english = client.get("/measures/", headers={"accept-language": "ar"})
    assert '<html lang="en" dir="ltr">' in english.content.decode()


def test_organizations_are_narrowed_by_kind_and_words(client):
    make_measure(
        organizations=[
            OrganizationFactory(name_en="Alpha Telecom", kind="operator"),
            OrganizationFactory(name_en="Alpha Authority", acronym="AA", kind="regulator"),
            OrganizationFactory(name_en="Beta Authority", kind="regulator"),
        ]
    )
    OrganizationFactory(name_en="Alpha Idle", kind="regulator")
    text = text_of(client.get("/organizations/?kind=regulator&q=alpha"))
    assert "Alpha Authority" in text
    assert not any(name in text for name in ("Alpha Telecom", "Beta Authority", "Alpha Idle"))
    assert client.get("/organizations/?kind=nobody").status_code == 400
    assert client.get("/organizations/?page=2").status_code == 404


def test_a_page_that_is_only_read_refuses_anything_else(rf):
    make_measure()
    for address in ("/", "/measures/", "/countries/ken/"):
        assert Client(enforce_csrf_checks=True).post(address).status_code == 405


def test_a_slip_in_the_name_of_a_filter_does_not_show_everything(client):
    make_measure(title="Public entry")
    response = client.get("/measures/?contry=ken")
    assert response.status_code == 400
    assert titles_on(response) == set()
    assert "“contry” is not a filter. Right would be, perhaps, “country”." in text_of(response)


def test_a_period_that_ends_before_it_starts_is_refused(client):
    make_measure(announced_on="2020-06")
    response = client.get("/measures/?announced_from=2021&announced_to=2020")
    assert response.status_code == 400
    assert "“2020” is before “2021”" in text_of(response)
    assert client.get("/measures/?announced_from=2020-06-15&announced_to=2020").status_code == 200


@pytest.mark.parametrize("query", ["q=entry+", "q=+entry", "announced_from=+2020", "country=KEN", "year=2020"])
def test_whatever_way_a_value_was_written_its_chip_takes_it_away(client, query):
    make_measure(title="Public entry", announced_on="2020-06")
    body = client.get(f"/measures/?{query}").content.decode()
    assert re.findall(r'class="chip" href="([^"]*)"', body) == ["?"]


def test_an_address_names_only_what_is_chosen(client):
    make_measure(countries=["KEN"])
    body = client.get("/measures/?utm_source=mail&country=KEN&q=&sort=updated&page=1").content.decode()
    assert '<link rel="canonical" href="http://127.0.0.1:8000/measures/?country=ken&amp;sort=updated">' in body


def test_the_most_demanding_address_stays_within_the_budget_of_queries(client, world):
    for number in range(40):
        whole_measure(world, slug=f"entry-{number}", tags=["schools", f"seldom-{number}"])
    GroupFactory(code="eu", members=[world])
    tags = "".join(f"&tag=seldom-{number}" for number in range(40))
    catalogue.current()
    with CaptureQueriesContext(connection) as captured:
        response = client.get(
            "/measures/?q=measure+kenya&country=ken&region=afr&income=lower-middle&group=eu&group=eac&topic=affordability"
            "&type=zero-rating&crisis=covid-19&actor=regulator&organization=ke-ca&beneficiary=households&year=2020"
            f"&state=unknown&evidence=official&verified=no&source_language=en{tags}"
        )
    assert response.status_code == 200
    assert len(captured) <= LIST_QUERIES


def test_like_countries_are_other_countries(client):
    CountryFactory(iso3="KEN", itu_region="afr", income_group="lower-middle")
    make_measure(slug="public-entry", countries=["KEN"])
    make_measure(title="Of the same country", countries=["KEN"], crisis=CrisisFactory(slug="flood", kind="flood"))
    assert "Similar measures elsewhere" not in text_of(client.get("/measures/public-entry/"))


@pytest.mark.parametrize("status", ["draft", "in-review", "withdrawn"])
def test_names_that_only_unpublished_records_use_are_not_public(client, status):
    organization = OrganizationFactory(slug="secret-org")
    make_measure(status=status, organizations=[organization], tags=["secret"])
    for address in ("/organizations/secret-org/", "/tags/secret/"):
        assert client.get(address).status_code == 404
    for query in ("organization=secret-org", "tag=secret"):
        assert client.get(f"/measures/?{query}").status_code == 400


def test_a_regulator_is_public_before_any_measure_of_its_own(client, world):
    assert client.get("/organizations/ke-ca/").status_code == 200


@pytest.mark.parametrize("name", ["santé", "教育", "!!!", "Wi-Fi", "a_b"])
def test_a_tag_in_any_script_has_an_address(client, name):
    measure = make_measure(slug="public-entry", tags=[name])
    assert client.get("/measures/public-entry/").status_code == 200
    assert client.get(measure.tags.get().get_absolute_url()).status_code == 200
    assert client.get("/tags/").status_code == 200


def test_a_snippet_ends_with_a_whole_word(client):
    make_measure(summary="Supercalifragilistic " * 20)
    snippet = re.search(r'row-snippet">([^<]*)<', client.get("/measures/").content.decode())[1]
    assert snippet.endswith("Supercalifragilistic …")


def visited(**fields):
    return SourceFactory(last_checked_at=timezone.now(), **fields)


@pytest.mark.parametrize(
    ("source", "says", "is_silent_on"),
    [
        ({}, [], ["Link last", "no longer works", "Archived copy"]),
        ({"archived_url": "https://archive.example/1"}, ["Archived copy"], ["Link last", "no longer works"]),
        ({"last_check_result": "live", "works": True}, ["Link last seen working"], ["no longer works"]),
        ({"last_check_result": "refused", "works": True}, ["Link last seen working"], ["no longer works"]),
        ({"last_check_result": "refused"}, [], ["Link last", "no longer works"]),
        ({"last_check_result": "unreachable", "days_unreachable": 2}, [], ["Link last", "no longer works"]),
        ({"last_check_result": "unreachable", "days_unreachable": 3}, ["This link no longer works"], []),
        (
            {"last_check_result": "gone", "works": True, "archived_url": "https://archive.example/1"},
            ["This link no longer works", "last seen working on 2 November 2026", "Archived copy"],
            [],
        ),
    ],
)
def test_readers_are_told_whether_the_link_of_a_source_works(client, source, says, is_silent_on):
    if source.pop("works", False):
        source["last_working_at"] = datetime(2026, 11, 2, tzinfo=UTC)
    record = visited(**source)
    measure = make_measure(sources=[record])
    for page in (measure, record):
        text = text_of(client.get(page.get_absolute_url()))
        assert [words for words in says if words not in text] == []
        assert [words for words in is_silent_on if words in text] == []
