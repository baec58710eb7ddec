"""Suggestions while somebody types in a search box: by keyboard, by mouse, for screen readers, and not at all."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.factories import make_measure


def box_of(page):
    return page.get_by_role("combobox", name="Search measures")


def list_of(page):
    return page.get_by_role("listbox", name="Suggestions")


def type_in(page, words, address="/"):
    page.goto(address)
    box_of(page).press_sequentially(words)
    expect(list_of(page)).to_be_visible()


def chosen(page):
    """The option that the box says is chosen; None where none is."""
    name = box_of(page).get_attribute("aria-activedescendant")
    return name and page.locator(f"#{name}")


def test_suggestions_stand_in_groups_and_lead_to_their_pages(portal):
    type_in(portal, "ken")
    expect(list_of(portal).get_by_role("option").first).to_have_text("Search for “ken”")
    countries = list_of(portal).get_by_role("group", name="Countries")
    expect(countries.get_by_role("option")).to_have_text("Kenya 3 measures")
    expect(list_of(portal).get_by_role("group", name="Measures").get_by_role("option")).to_have_count(3)
    countries.get_by_role("option").click()
    expect(portal).to_have_url(re.compile("/countries/ken/$"))


def test_arrows_home_and_end_choose_and_the_box_keeps_focus_and_words(portal):
    type_in(portal, "ken")
    options = list_of(portal).get_by_role("option")
    assert chosen(portal) is None
    portal.keyboard.press("ArrowDown")
    portal.keyboard.press("ArrowDown")
    expect(chosen(portal)).to_contain_text("Kenya")
    expect(chosen(portal)).to_have_attribute("aria-selected", "true")
    expect(list_of(portal).locator("[aria-selected=true]")).to_have_count(1)
    portal.keyboard.press("End")
    assert chosen(portal).get_attribute("id") == options.last.get_attribute("id")
    portal.keyboard.press("ArrowDown")
    assert chosen(portal) is None
    portal.keyboard.press("ArrowUp")
    assert chosen(portal).get_attribute("id") == options.last.get_attribute("id")
    portal.keyboard.press("Home")
    expect(chosen(portal)).to_have_text("Search for “ken”")
    expect(box_of(portal)).to_be_focused()
    expect(box_of(portal)).to_have_value("ken")


def test_without_a_choice_home_and_enter_are_the_boxs_own(portal):
    type_in(portal, "ken")
    portal.keyboard.press("Home")
    assert chosen(portal) is None
    assert box_of(portal).evaluate("(box) => box.selectionStart") == 0
    portal.keyboard.press("Enter")
    expect(portal).to_have_url(re.compile(r"/measures/\?q=ken$"))


def test_enter_opens_what_is_chosen(portal):
    type_in(portal, "ken")
    portal.keyboard.press("ArrowDown")
    portal.keyboard.press("ArrowDown")
    portal.keyboard.press("Enter")
    expect(portal.get_by_role("heading", level=1)).to_have_text("Kenya")


def test_escape_closes_and_keeps_the_words_and_an_arrow_opens_again(portal):
    type_in(portal, "ken")
    expect(box_of(portal)).to_have_attribute("aria-expanded", "true")
    expect(box_of(portal)).to_have_attribute("aria-controls", "suggestions")
    portal.keyboard.press("Escape")
    expect(list_of(portal)).to_have_count(0)
    expect(box_of(portal)).to_have_value("ken")
    expect(box_of(portal)).to_have_attribute("aria-expanded", "false")
    assert box_of(portal).get_attribute("aria-controls") is None
    portal.keyboard.press("ArrowDown")
    expect(list_of(portal)).to_be_visible()


def test_tab_and_a_click_elsewhere_close(portal):
    type_in(portal, "ken")
    portal.keyboard.press("Tab")
    expect(list_of(portal)).to_have_count(0)
    expect(portal.get_by_role("search").get_by_role("button", name="Search")).to_be_focused()
    type_in(portal, "ken")
    portal.get_by_role("heading", level=1).click()
    expect(list_of(portal)).to_have_count(0)


def test_the_number_of_suggestions_is_said_once_typing_has_paused(portal):
    type_in(portal, "ken")
    expect(portal.locator("#announce")).to_have_text("4 suggestions")


def test_on_the_list_search_for_applies_without_a_reload_and_keeps_the_filters(portal):
    type_in(portal, "lends", "/measures/?country=ken")
    portal.evaluate("window.same = true")
    portal.keyboard.press("ArrowDown")
    portal.keyboard.press("Enter")
    expect(portal.locator("#result-count")).to_have_text("1 measure")
    assert portal.url.endswith("/measures/?country=ken&q=lends") or portal.url.endswith("?q=lends&country=ken")
    assert portal.evaluate("window.same"), "the page was loaded anew"
    expect(list_of(portal)).to_have_count(0)
    expect(portal.locator("mark").first).to_have_text("lends")


def test_a_search_box_that_was_replaced_suggests_as_before(portal):
    portal.goto("/measures/?q=school")
    portal.get_by_role("link", name="Remove filter: Words: school").click()
    expect(portal.locator("#result-count")).to_have_text("30 measures")
    box_of(portal).press_sequentially("gha")
    expect(list_of(portal)).to_be_visible()


def test_a_late_answer_is_dropped(portal):
    portal.goto("/")
    held = []
    portal.route("**/suggestions/?q=ken", lambda route: held.append(route))
    box_of(portal).press_sequentially("ken")
    portal.wait_for_timeout(300)
    assert held
    box_of(portal).fill("gha")
    expect(list_of(portal).get_by_role("option").first).to_have_text("Search for “gha”")
    held[0].abort()
    portal.wait_for_timeout(200)
    expect(list_of(portal).get_by_role("option").first).to_have_text("Search for “gha”")
    portal.faults.clear()  # the request that was given up


def test_an_answer_that_comes_after_leaving_the_box_opens_nothing(portal):
    portal.goto("/")
    held = []
    portal.route("**/suggestions/*", lambda route: held.append(route))
    box_of(portal).press_sequentially("ken")
    portal.wait_for_timeout(300)
    portal.keyboard.press("Tab")
    for route in held:
        route.continue_()
    portal.wait_for_timeout(300)
    expect(list_of(portal)).to_have_count(0)
    portal.faults.clear()


@pytest.mark.parametrize("status", [0, 404, 500])
def test_without_an_answer_the_box_is_as_it_was_and_no_error_is_shown(browser, catalogue, status):
    page = browser.new_page(base_url=catalogue)
    page.goto("/")
    page.route("**/suggestions/*", lambda route: route.fulfill(status=status, body="No") if status else route.abort())
    box_of(page).press_sequentially("ken")
    page.wait_for_timeout(500)
    expect(list_of(page)).to_have_count(0)
    expect(page.locator("#announce")).to_be_empty()
    page.keyboard.press("Enter")
    expect(page.locator("#result-count")).to_have_text("3 measures")
    page.close()


def test_an_empty_box_suggests_nothing(portal):
    type_in(portal, "ken")
    box_of(portal).fill("")
    expect(list_of(portal)).to_have_count(0)


def test_what_an_input_method_composes_is_left_alone_until_it_is_done(portal):
    portal.goto("/")
    box_of(portal).focus()
    asked = []
    portal.on("request", lambda request: asked.append(request.url) if "/suggestions/" in request.url else None)
    session = portal.context.new_cdp_session(portal)
    session.send("Input.imeSetComposition", {"text": "ghan", "selectionStart": 4, "selectionEnd": 4})
    portal.wait_for_timeout(400)
    assert asked == []
    session.send("Input.insertText", {"text": "ghana"})
    expect(list_of(portal).get_by_role("option", name="Ghana 1 measure")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("address", "width"),
    # On a phone the header has a link to the list in place of the box.
    [
        *(pair for address in ("/", "/measures/", "/ar/") for pair in [(address, 390), (address, 1280)]),
        ("/about/", 1280),
    ],
)
def test_axe_finds_nothing_where_suggestions_are_open(browser, catalogue, address, width, scheme):
    page = browser.new_page(base_url=catalogue, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(address)
    page.locator("input[data-suggest]").press_sequentially("spec")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    violations = Axe().run(page).response["violations"]
    assert [(item["id"], [node["html"][:200] for node in item["nodes"]]) for item in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


def test_long_suggestions_stay_within_the_width_of_a_phone(portal):
    make_measure(title="Kenya" + "x" * 150, countries=["KEN"])
    portal.set_viewport_size({"width": 320, "height": 700})
    type_in(portal, "ken")
    assert portal.evaluate("document.documentElement.scrollWidth") <= 320
    assert list_of(portal).evaluate("(list) => list.scrollWidth <= list.clientWidth")


def test_without_script_the_box_is_a_plain_field(no_script):
    no_script.goto("/")
    expect(no_script.get_by_role("searchbox", name="Search measures")).to_be_visible()
    expect(no_script.locator("[role=combobox], [role=listbox], #suggestions")).to_have_count(0)
    no_script.goto("/suggestions/?q=ken")
    no_script.get_by_role("link", name=re.compile("^Kenya 3 measures")).click()
    expect(no_script.get_by_role("heading", level=1)).to_have_text("Kenya")
