"""What the list does for somebody who searched with words, as they click it."""

from playwright.sync_api import expect


def count_of(page):
    return page.locator("#result-count")


def box_of(page):
    return page.get_by_role("combobox", name="Search measures")


def test_a_filter_that_the_words_name_takes_their_place_without_a_reload(portal):
    portal.goto("/measures/?q=Kenya+lends+2020")
    portal.evaluate("window.same = true")
    portal.locator(".offered").get_by_role("link", name="Country: Kenya").click()
    expect(box_of(portal)).to_have_value("lends 2020")
    expect(portal.get_by_role("link", name="Remove filter: Country: Kenya")).to_be_visible()
    expect(count_of(portal)).to_have_text("1 measure")
    assert portal.url.endswith("/measures/?q=lends+2020&country=ken")
    assert portal.evaluate("window.same"), "the page was loaded anew"
    portal.go_back()
    expect(box_of(portal)).to_have_value("Kenya lends 2020")


def test_a_misspelt_word_is_corrected_and_the_correction_can_be_taken_over(portal):
    portal.goto("/measures/?q=specrum")
    expect(count_of(portal)).to_have_text("2 measures")
    expect(portal.locator(".searched")).to_contain_text("Showing results for “spectrum”. No record has “specrum”.")
    expect(portal.locator("mark").first).to_have_text("spectrum")
    portal.get_by_role("link", name="“spectrum”").click()
    expect(box_of(portal)).to_have_value("spectrum")
    expect(portal.get_by_text("Showing results for")).to_have_count(0)


def test_an_empty_list_leads_on_to_what_finds_something(portal):
    portal.goto("/measures/?q=lends+spectrum&country=per")
    expect(count_of(portal)).to_have_text("No measures match")
    portal.get_by_role("link", name="Without “Peru”").click()
    expect(count_of(portal)).to_have_text("2 measures")


def test_matches_are_told_apart_by_more_than_colour(portal):
    portal.goto("/measures/?q=emergency")
    texts = portal.locator(".row-snippet:has(mark), .row-snippet mark")
    weights = texts.evaluate_all("(all) => all.map((it) => getComputedStyle(it).fontWeight)")
    assert set(weights) == {"400", "600"}
    portal.goto("/measures/?q=spectrum")
    expect(portal.locator(".row-title mark").first).to_have_css("text-decoration-line", "underline")


def test_matches_and_the_chosen_suggestion_can_be_seen_in_forced_colours(browser, catalogue):
    context = browser.new_context(base_url=catalogue, forced_colors="active")
    page = context.new_page()
    page.goto("/measures/?q=emergency")
    colours = "(it) => [getComputedStyle(it).color, getComputedStyle(document.body).backgroundColor]"
    assert len(set(page.locator(".row-snippet mark").first.evaluate(colours))) == 2
    box_of(page).fill("ken")
    expect(page.get_by_role("listbox")).to_be_visible()
    page.keyboard.press("ArrowDown")
    backgrounds = page.get_by_role("option").evaluate_all(
        "(all) => all.map((it) => getComputedStyle(it).backgroundColor)"
    )
    assert backgrounds[0] not in backgrounds[1:]
    context.close()
