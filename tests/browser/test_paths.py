"""The main paths through the portal, as somebody clicks and types them."""

import re

import pytest
from playwright.sync_api import expect

from countries.models import Country
from tests.factories import CountryFactory, GroupFactory, MeasureTypeFactory, SpectrumBandFactory, make_measure


def count_of(page):
    return page.locator("#result-count")


def many_countries():
    names = ("Austria", "Belgium", "Chile", "Denmark", "Egypt", "Fiji", "Gabon", "Haiti", "Iceland", "Jordan", "Zambia")
    for number, name in enumerate(names):
        country = CountryFactory(iso2=f"X{name[0]}", iso3=f"X{name[:2].upper()}", name_en=name)
        make_measure(countries=[country], title=f"{number} of {name}")


def test_a_search_from_the_home_page_finds_a_record_and_its_source(portal):
    portal.goto("/")
    portal.get_by_role("combobox", name="Search measures").fill("lends spectrum")
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
    many_countries()
    portal.goto("/measures/")
    facet = portal.locator("#facet-country")
    expect(facet.get_by_role("checkbox", name=re.compile("^Zambia"))).to_have_count(0)
    facet.get_by_role("searchbox").press_sequentially("zam", delay=80)
    facet.get_by_role("checkbox", name=re.compile("^Zambia")).check()
    expect(count_of(portal)).to_have_text("1 measure")
    expect(facet.get_by_role("checkbox", name=re.compile("^Zambia"))).to_be_checked()
    assert portal.url.endswith("/measures/?country=xza")


def test_a_closed_facet_loads_when_it_is_opened_and_stays_open_and_loaded(portal):
    portal.goto("/measures/")
    facet = portal.locator("#facet-evidence")
    official = facet.get_by_role("checkbox", name=re.compile("^Official source"))
    expect(official).to_have_count(0)
    facet.locator("summary").click()
    expect(official).to_be_visible()
    assert portal.url.endswith("/measures/")
    with portal.expect_response("**/measures/by/evidence/**"):  # the counts among what is chosen now
        portal.get_by_role("checkbox", name=re.compile("^Ghana")).check()
    expect(count_of(portal)).to_have_text("1 measure")
    expect(official).to_be_visible()
    official.check()
    expect(portal.get_by_role("link", name="Remove filter: Evidence: Official source")).to_be_visible()
    official.press("Space")  # to the last value: its facet would be closed, were it not open already
    expect(portal.get_by_role("link", name="Remove filter: Evidence: Official source")).to_have_count(0)
    expect(official).to_be_focused()
    expect(official).not_to_be_checked()


def test_without_scripts_a_closed_facet_leads_to_its_page(browser, catalogue):
    page = browser.new_page(base_url=catalogue, java_script_enabled=False)
    page.goto("/measures/?country=ken")
    page.locator("#facet-evidence summary").click()
    page.get_by_role("link", name="Show values: Evidence").click()
    page.get_by_role("checkbox", name=re.compile("^Official source")).check()
    page.get_by_role("button", name="Show the measures").click()
    expect(page).to_have_url(re.compile(r"/measures/\?country=ken&evidence=official$"))
    page.close()


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
    expect(portal.get_by_role("combobox", name="Search measures")).to_have_value("")


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


def test_the_box_in_a_long_facet_says_when_nothing_is_called_so_and_not_before_it_knows(portal):
    many_countries()
    portal.goto("/measures/?country=ken")
    facet, none = portal.locator("#facet-country"), portal.locator("#facet-country-list-none")
    held = []
    portal.route("**/measures/by/country/**", lambda route: held.append(route))
    facet.get_by_role("searchbox").fill("zzz")
    expect(facet.locator("#facet-country-list")).to_have_attribute("aria-busy", "true")
    expect(facet.get_by_role("checkbox", name=re.compile("^Ghana"))).to_be_visible()
    portal.wait_for_timeout(700)
    expect(none).to_be_hidden()
    expect(portal.locator("#announce")).to_be_empty()
    held[0].continue_()
    expect(none).to_be_visible()
    expect(portal.locator("#announce")).to_have_text("Nothing in this list is called so.")
    expect(facet.get_by_role("checkbox", name=re.compile("^Kenya"))).to_be_visible()  # chosen, though not found
    expect(facet.get_by_role("checkbox", name=re.compile("^Ghana"))).to_be_hidden()
    facet.get_by_role("searchbox").fill("zam")
    expect(none).to_be_hidden()
    expect(portal.locator("#announce")).to_have_text("1 shown")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("status", [200, 404, 502])
def test_an_answer_without_the_list_replaces_nothing_and_says_so(browser, catalogue, width, status):
    page = browser.new_page(base_url=catalogue, viewport={"width": width, "height": 800})
    page.goto("/measures/")
    if width < 960:
        page.get_by_text("Filters", exact=True).click()
    page.route(
        "**/measures/?*", lambda route: route.fulfill(status=status, content_type="text/html", body="<h1>No</h1>")
    )
    page.get_by_role("checkbox", name=re.compile("^Spectrum")).check()
    again = page.get_by_role("link", name="Try again").locator("visible=true")
    expect(again.first).to_be_in_viewport()
    expect(page.locator("#announce")).to_contain_text("The list could not be updated.")
    expect(count_of(page)).to_have_text("30 measures")
    expect(page.locator(".row")).to_have_count(20)
    expect(page.get_by_role("checkbox", name=re.compile("^Spectrum"))).to_be_checked()
    page.unroute("**/measures/?*")
    again.first.click()
    expect(count_of(page)).to_have_text("2 measures")
    assert page.url.endswith("/measures/?topic=spectrum")
    page.close()


def test_a_lost_connection_is_told_and_forgotten_once_the_list_is_there(browser, catalogue):
    page = browser.new_page(base_url=catalogue)
    page.goto("/measures/")
    page.context.set_offline(True)
    page.get_by_role("checkbox", name=re.compile("^Spectrum")).check()
    expect(page.locator(".list > div > .failed")).to_contain_text("No connection")
    expect(page.locator("#announce")).to_contain_text("No connection")
    expect(page.locator("#results")).not_to_have_attribute("aria-busy", "true")
    page.context.set_offline(False)
    page.get_by_role("checkbox", name=re.compile("^Affordability")).check()
    expect(page.locator(".failed")).to_have_count(0)
    assert "topic=spectrum" in page.url
    page.close()


def test_the_list_is_busy_until_its_answer_is_there(portal):
    portal.goto("/measures/")
    held = []
    portal.route("**/measures/?*", lambda route: held.append(route))
    portal.get_by_role("checkbox", name=re.compile("^Spectrum")).check()
    expect(portal.locator("#results")).to_have_attribute("aria-busy", "true")
    expect(portal.locator("#results")).to_have_css("opacity", "0.55")
    held[0].continue_()
    expect(count_of(portal)).to_have_text("2 measures")
    expect(portal.locator("#results")).not_to_have_attribute("aria-busy", "true")


def test_on_a_phone_the_filter_panel_says_how_many_and_leads_to_them(portal):
    portal.set_viewport_size({"width": 390, "height": 700})
    portal.goto("/measures/")
    portal.get_by_text("Filters", exact=True).click()
    expect(portal.get_by_role("button", name="Show 30 measures")).to_be_in_viewport()
    portal.get_by_role("checkbox", name=re.compile("^Spectrum")).check()
    portal.get_by_role("button", name="Show 2 measures").click()
    expect(portal.get_by_role("checkbox", name=re.compile("^Spectrum"))).to_be_hidden()
    expect(count_of(portal)).to_be_focused()
    expect(count_of(portal)).to_be_in_viewport()


def test_on_a_phone_the_button_of_the_filter_panel_covers_nothing_that_has_the_focus(portal):
    portal.set_viewport_size({"width": 390, "height": 500})
    portal.emulate_media(reduced_motion="reduce")  # scroll at once
    portal.goto("/measures/")
    portal.get_by_text("Filters", exact=True).click()
    portal.get_by_role("checkbox", name=re.compile("^Spectrum")).focus()
    for _control in range(30):
        portal.keyboard.press("Tab")
        assert portal.evaluate(
            """() => {
                const bar = document.querySelector(".filters .actions");
                const frame = bar.getBoundingClientRect(), box = document.activeElement.getBoundingClientRect();
                return bar.contains(document.activeElement) || box.bottom <= frame.top || box.top >= frame.bottom;
            }"""
        ), portal.evaluate("document.activeElement.outerHTML")


def test_on_a_phone_the_panel_of_a_filter_with_an_error_is_open(browser, catalogue):
    page = browser.new_page(base_url=catalogue, viewport={"width": 390, "height": 800})
    page.goto("/measures/?legal=nonsense")
    expect(page.locator("#facet-legal .error")).to_be_visible()
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


def test_on_a_phone_every_country_of_the_map_is_in_a_table_that_narrows(portal):
    portal.set_viewport_size({"width": 390, "height": 800})
    portal.goto("/")
    table = portal.get_by_role("region", name="Measures recorded, by country")
    expect(table.get_by_role("link", name="Kenya")).to_be_visible()
    portal.get_by_role("searchbox", name="Find a country").press_sequentially("tuv")
    expect(table.get_by_role("link", name="Kenya")).to_be_hidden()
    assert table.get_by_role("link", name="Tuvalu").bounding_box()["height"] >= 24
    table.get_by_role("link", name="Tuvalu").click()
    expect(portal.get_by_role("heading", level=1)).to_have_text("Tuvalu")


def test_the_index_of_countries_narrows_while_typing(portal):
    portal.goto("/countries/")
    portal.locator("input[data-narrow]").press_sequentially("gha")
    expect(portal.get_by_role("main").get_by_role("link", name="Ghana")).to_be_visible()
    expect(portal.get_by_role("main").get_by_role("link", name="Kenya")).to_be_hidden()


def test_the_box_in_a_long_facet_leaves_the_title_of_the_page(portal):
    many_countries()
    portal.goto("/measures/?country=ken")
    title = portal.title()
    portal.locator("#facet-country").get_by_role("searchbox").press_sequentially("zam", delay=80)
    expect(portal.locator("#facet-country").get_by_role("checkbox", name=re.compile("^Zambia"))).to_be_visible()
    assert portal.title() == title


def asked(page):
    """The addresses of lists that ``page`` asks for from now on."""
    addresses = []
    page.on("request", lambda request: addresses.append(request.url) if "/measures/?" in request.url else None)
    return addresses


def test_words_are_asked_for_once_with_enter_and_with_the_button(portal):
    portal.goto("/measures/")
    addresses = asked(portal)
    box = portal.get_by_role("combobox", name="Search measures")
    box.fill("school")
    box.press("Enter")
    expect(count_of(portal)).to_have_text("1 measure")
    box.fill("lends spectrum")
    portal.get_by_role("button", name="Search").click()
    expect(count_of(portal)).to_have_text("2 measures")
    assert len(addresses) == 2


def test_a_date_is_asked_for_once_with_enter(portal):
    portal.goto("/measures/")
    addresses = asked(portal)
    portal.locator("#facet-announced summary").click()
    portal.get_by_label("From", exact=True).fill("2021")
    portal.keyboard.press("Enter")
    expect(count_of(portal)).to_have_text("25 measures")
    portal.wait_for_timeout(100)
    assert len(addresses) == 1


def test_the_chosen_order_outlives_an_empty_list(portal):
    portal.goto("/measures/?sort=announced&country=gha&topic=affordability")
    expect(count_of(portal)).to_have_text("No measures match")
    portal.get_by_role("checkbox", name=re.compile("^Spectrum")).check()
    expect(count_of(portal)).to_have_text("1 measure")
    expect(portal.get_by_label("Sort by")).to_have_value("announced")
    assert portal.url.count("sort=announced") == 1


def test_the_chosen_order_outlives_a_value_that_is_not_valid(browser, catalogue):
    page = browser.new_page(base_url=catalogue)
    page.goto("/measures/?sort=announced&country=gha&announced_from=2020-13")
    expect(page.get_by_label("Sort by")).to_have_count(0)
    page.get_by_label("From", exact=True).fill("2020-01")
    page.keyboard.press("Tab")
    expect(count_of(page)).to_have_text("1 measure")
    expect(page.get_by_label("Sort by")).to_have_value("announced")
    page.close()


def spectrum_of_three():
    measure = make_measure(slug="three-bands", bands=["700 MHz"])
    for position, holder in enumerate(("Northern Telecommunications Company", "Southern Mobile"), start=1):
        SpectrumBandFactory(
            measure=measure,
            label="2600 MHz",
            holder=holder,
            bandwidth="40 MHz in total",
            terms="fee waived until the end of the state of disaster; then pro-rated",
            position=position,
            ranges=[("2500", "2570"), ("2620", "2690")],
        )


def test_on_a_phone_spectrum_is_read_without_scrolling_sideways(portal):
    spectrum_of_three()
    portal.set_viewport_size({"width": 390, "height": 800})
    portal.goto("/measures/three-bands/")
    spectrum = portal.get_by_role("region", name="Bands, as the sources name them")
    assert spectrum.evaluate("(box) => box.scrollWidth <= box.clientWidth")
    labels = spectrum.locator("[data-label=Holder]").last.evaluate(
        "(cell) => getComputedStyle(cell, '::before').content"
    )
    assert labels == '"Holder"'


def test_shared_terms_of_bands_are_said_once_and_for_how_many(portal):
    spectrum_of_three()
    portal.set_viewport_size({"width": 1280, "height": 800})
    portal.goto("/measures/three-bands/")
    terms = portal.get_by_text("fee waived until")
    expect(terms).to_have_count(1)
    expect(terms).to_contain_text("Terms of the 2 entries above:")
    expect(portal.get_by_role("columnheader", name="Holder")).to_be_visible()
    portal.goto("/ar/measures/three-bands/")
    expect(portal.get_by_text("fee waived until")).to_have_attribute("dir", "ltr")


def test_tags_used_once_are_folded_and_found(portal):
    make_measure(tags=["lte"])
    portal.goto("/tags/")
    tags = portal.locator("#tags")
    expect(tags.get_by_role("link", name="lte")).to_be_visible()
    expect(tags.get_by_role("link", name="schools")).to_be_hidden()
    portal.get_by_role("searchbox", name="Find a tag").press_sequentially("scho")
    expect(tags.get_by_role("link", name="schools")).to_be_visible()
    expect(tags.get_by_role("link", name="lte")).to_be_hidden()


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


@pytest.mark.parametrize("width", [320, 390, 960, 1024, 1100, 1280])
@pytest.mark.parametrize(
    "address",
    ["/", "/measures/", "/measures/ke-spectrum/", "/countries/", "/countries/ken/", "/about/", "/ar/measures/"],
)
def test_no_page_scrolls_sideways(portal, address, width):
    portal.set_viewport_size({"width": width, "height": 800})
    portal.goto(address)
    assert portal.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize(
    "address",
    [
        "/measures/?q={word}",
        "/measures/?country={word}",
        "/measures/?announced_from={word}",
        "/measures/by/country/?q={word}",
        "/organizations/?q={word}",
        "/countries/{word}/",
        "/measures/{word}/",
    ],
)
def test_a_word_without_end_makes_no_page_scroll_sideways(browser, catalogue, address, width):
    page = browser.new_page(base_url=catalogue, viewport={"width": width, "height": 800})
    page.goto(address.format(word="q" * 190))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_long_names_of_topics_leave_room_for_their_bars(portal):
    kind = MeasureTypeFactory(code="long", topic__code="continuity", topic__name_en="Telecommunicationsinfrastructure")
    make_measure(countries=["KEN"], measure_type=kind)
    portal.set_viewport_size({"width": 320, "height": 800})
    portal.goto("/countries/ken/")
    assert portal.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_country_page_names_the_kind_of_each_region_and_needs_no_article(portal):
    GroupFactory(code="un-africa", name_en="Africa", kind="un-region", members=Country.objects.filter(iso3="KEN"))
    portal.goto("/countries/ken/")
    groupings = portal.get_by_role("list", name="Groupings")
    expect(groupings.get_by_role("link", name="ITU region: Africa")).to_be_visible()
    expect(groupings.get_by_role("link", name="UN region: Africa")).to_be_visible()
    expect(portal.get_by_role("heading", name="Recorded for Kenya")).to_be_visible()


def test_the_legend_of_the_map_names_land_without_an_entry_and_its_fill_is_its_own(portal):
    portal.goto("/")
    expect(portal.get_by_role("list", name="Measures recorded")).to_contain_text("No entry in this catalogue’s list")
    fill = "(selector) => getComputedStyle(document.querySelector(selector)).fill"
    fills = {portal.evaluate(fill, f".legend {step}") for step in (".step-0", ".step-1", ".step-2", ".no-entry")}
    assert len(fills) == 4
    assert portal.evaluate(fill, "svg.map .no-entry") in fills


def test_an_ordinary_record_is_printed_on_one_page_with_the_addresses_of_its_sources(portal):
    portal.goto("/measures/ke-spectrum/")
    assert len(re.findall(rb"/Type\s*/Page\b", portal.pdf(format="A4"))) == 1
    portal.emulate_media(media="print")
    after = portal.locator(".source-title a").first.evaluate("(link) => getComputedStyle(link, '::after').content")
    assert "http" in after
