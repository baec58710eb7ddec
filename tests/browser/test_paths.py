"""The main paths through the portal, as somebody clicks and types them."""

import re

import pytest
from playwright.sync_api import expect

from tests.factories import CountryFactory, make_measure


def count_of(page):
    return page.locator("#result-count")


def test_a_search_from_the_home_page_finds_a_record_and_its_source(portal):
    portal.goto("/")
    portal.get_by_role("searchbox", name="Search measures").fill("lends spectrum")
    portal.keyboard.press("Enter")
    expect(count_of(portal)).to_have_text("2 measures")
    portal.get_by_role("link", name="Kenya lends spectrum to operators").click()
    expect(portal.get_by_role("heading", level=1)).to_have_text("Kenya lends spectrum to operators")
    expect(portal.locator("#source-1")).to_contain_text("Official publication")
    expect(portal.locator(".facts")).to_contain_text("December 2020")


def test_a_filter_applies_at_once_and_the_address_follows(portal):
    portal.goto("/measures/")
    portal.evaluate("window.same = true")
    portal.get_by_role("checkbox", name=re.compile("^Spectrum")).check()
    expect(count_of(portal)).to_have_text("2 measures")
    assert portal.url.endswith("/measures/?topic=spectrum")
    assert portal.evaluate("window.same"), "the page was loaded anew"
    expect(portal.locator("#announce")).to_have_text("2 measures")
    expect(portal.get_by_role("checkbox", name=re.compile("^Spectrum"))).to_be_checked()
    expect(portal.get_by_role("checkbox", name=re.compile("^Spectrum"))).to_be_focused()


def test_a_second_value_widens_and_another_filter_narrows(portal):
    portal.goto("/measures/?country=ken")
    expect(count_of(portal)).to_have_text("3 measures")
    portal.get_by_role("checkbox", name=re.compile("^Ghana")).check()
    expect(count_of(portal)).to_have_text("4 measures")
    portal.get_by_role("checkbox", name=re.compile("^Spectrum")).check()
    expect(count_of(portal)).to_have_text("2 measures")


def test_the_box_in_a_long_facet_finds_a_value_that_is_not_printed(portal):
    names = ("Austria", "Belgium", "Chile", "Denmark", "Egypt", "Fiji", "Gabon", "Haiti", "Iceland", "Jordan", "Zambia")
    for number, name in enumerate(names):
        make_measure(countries=[CountryFactory(iso3=f"X{name[:2].upper()}", name_en=name)], title=f"{number} of {name}")
    portal.goto("/measures/")
    facet = portal.locator("#facet-country")
    expect(facet.get_by_role("checkbox", name=re.compile("^Zambia"))).to_have_count(0)
    facet.get_by_role("searchbox").press_sequentially("zam", delay=80)
    facet.get_by_role("checkbox", name=re.compile("^Zambia")).check()
    expect(count_of(portal)).to_have_text("1 measure")
    expect(facet.get_by_role("checkbox", name=re.compile("^Zambia"))).to_be_checked()
    assert portal.url.endswith("/measures/?country=xza")


def test_a_chip_takes_its_filter_away_and_back_brings_it_again(portal):
    portal.goto("/measures/?country=ken&topic=spectrum")
    expect(count_of(portal)).to_have_text("1 measure")
    portal.get_by_role("link", name="Remove filter: Topic: Spectrum").click()
    expect(count_of(portal)).to_have_text("3 measures")
    expect(portal.get_by_role("checkbox", name=re.compile("^Spectrum"))).not_to_be_checked()
    portal.go_back()
    expect(count_of(portal)).to_have_text("1 measure")
    expect(portal.get_by_role("checkbox", name=re.compile("^Spectrum"))).to_be_checked()
    portal.get_by_role("link", name="Clear all").click()
    expect(count_of(portal)).to_have_text("30 measures")
    assert portal.url.endswith("/measures/")


def test_words_of_the_search_can_be_taken_away_like_any_filter(portal):
    portal.goto("/measures/?q=school")
    portal.get_by_role("link", name="Remove filter: Words: school").click()
    expect(count_of(portal)).to_have_text("30 measures")
    expect(portal.get_by_role("searchbox", name="Search measures")).to_have_value("")


def test_pages_turn_without_a_reload_and_the_order_can_be_chosen(portal):
    portal.goto("/measures/")
    portal.get_by_role("link", name="Next").click()
    expect(portal.get_by_role("link", name="Page 2")).to_have_attribute("aria-current", "page")
    portal.get_by_label("Sort by").select_option("announced")
    expect(portal.locator(".row-title").first).to_have_text("Kenya frees health sites")
    assert "sort=announced" in portal.url
    assert "page=" not in portal.url


def test_a_value_that_is_not_valid_shows_its_error_and_another_can_be_chosen(browser, catalogue):
    page = browser.new_page(base_url=catalogue)
    page.goto("/measures/?country=atlantis")
    expect(page.get_by_role("alert")).to_contain_text("“atlantis” is not a code of the catalogue")
    page.get_by_role("link", name="Remove filter: Country: atlantis").click()
    expect(count_of(page)).to_have_text("30 measures")
    page.close()


def test_a_date_that_is_not_valid_shows_its_error_without_a_reload(browser, catalogue):
    page = browser.new_page(base_url=catalogue)
    page.goto("/measures/")
    page.locator("#facet-announced summary").click()
    page.get_by_label("From", exact=True).fill("2020-13")
    page.keyboard.press("Tab")
    expect(page.locator("#announced-error")).to_contain_text("“2020-13” is not a date")
    page.close()


def test_the_list_works_from_the_keyboard_alone(portal):
    portal.goto("/measures/")
    portal.keyboard.press("Tab")
    expect(portal.get_by_role("link", name="Skip to content")).to_be_focused()
    portal.keyboard.press("Enter")
    portal.get_by_role("checkbox", name=re.compile("^Spectrum")).focus()
    portal.keyboard.press("Space")
    expect(count_of(portal)).to_have_text("2 measures")


def test_a_citation_can_be_copied(portal):
    portal.goto("/measures/ke-spectrum/")
    portal.get_by_role("button", name="Copy citation").click()
    expect(portal.locator("#announce")).to_have_text("Copied")
    assert "Kenya lends spectrum to operators" in portal.evaluate("navigator.clipboard.readText()")


def test_a_country_is_reached_from_the_map_and_from_its_table(portal):
    portal.goto("/")
    portal.locator("svg.map a[href='/countries/per/']").focus()
    portal.keyboard.press("Enter")
    expect(portal.get_by_role("heading", level=1)).to_have_text("Peru")
    portal.go_back()
    portal.get_by_text("The same numbers as a table").click()
    portal.get_by_role("row", name="Kenya 3").get_by_role("link").click()
    expect(portal.get_by_role("heading", level=1)).to_have_text("Kenya")


def test_the_index_of_countries_narrows_while_typing(portal):
    portal.goto("/countries/")
    portal.locator("input[data-narrow]").press_sequentially("gha")
    expect(portal.get_by_role("main").get_by_role("link", name="Ghana")).to_be_visible()
    expect(portal.get_by_role("main").get_by_role("link", name="Kenya")).to_be_hidden()


# Without script


def test_without_script_filters_apply_with_a_button(no_script):
    no_script.goto("/measures/")
    no_script.get_by_role("checkbox", name=re.compile("^Spectrum")).check()
    no_script.get_by_role("button", name="Apply filters").click()
    expect(count_of(no_script)).to_have_text("2 measures")
    no_script.get_by_role("link", name="Remove filter: Topic: Spectrum").click()
    expect(count_of(no_script)).to_have_text("30 measures")


def test_without_script_a_search_a_page_and_an_order_can_be_asked_for(no_script):
    no_script.goto("/")
    no_script.get_by_role("searchbox", name="Search measures").fill("peru does")
    no_script.get_by_role("button", name="Search").click()
    expect(count_of(no_script)).to_have_text("25 measures")
    no_script.get_by_role("link", name="Next").click()
    expect(no_script.locator(".row")).to_have_count(5)
    no_script.get_by_label("Sort by").select_option("announced")
    no_script.get_by_role("button", name="Sort", exact=True).click()
    assert "sort=announced" in no_script.url
    expect(count_of(no_script)).to_have_text("25 measures")


def test_without_script_a_country_is_found_by_its_name(no_script):
    no_script.goto("/countries/")
    no_script.locator("main input[name=q]").fill("gha")
    no_script.keyboard.press("Enter")
    no_script.get_by_role("main").get_by_role("link", name="Ghana").click()
    expect(no_script.get_by_role("heading", level=1)).to_have_text("Ghana")


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize(
    "address",
    ["/", "/measures/", "/measures/ke-spectrum/", "/countries/", "/countries/ken/", "/about/", "/ar/measures/"],
)
def test_no_page_scrolls_sideways(portal, address, width):
    portal.set_viewport_size({"width": width, "height": 800})
    portal.goto(address)
    assert portal.evaluate("document.documentElement.scrollWidth") <= width
