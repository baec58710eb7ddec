"""The form of a record at the desk, as editors use it: from the keyboard, and two at once."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import expect

from practices import workflow
from practices.choices import Action
from practices.models import Measure
from tests.factories import SourceFactory, UserFactory, make_measure

FORM = "/admin/practices/measure/{}/change/"
LIST = re.compile(r"/admin/practices/measure/(#.*)?$")
ADD = "/admin/practices/measure/add/"


@pytest.fixture
def desk(browser, catalogue):
    """Opens pages of the desk, each in a browser of its own: ``desk(email)``."""
    contexts = []

    def sign_in(email="editor@example.org", **options):
        client = Client()
        client.force_login(UserFactory(email=email, is_superuser=True))
        context = browser.new_context(base_url=catalogue, viewport={"width": 1280, "height": 900}, **options)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": catalogue}])
        contexts.append(context)
        return context.new_page()

    yield sign_in
    for context in contexts:
        context.close()


@pytest.fixture
def draft(catalogue):
    measure = make_measure(status="draft", title="Old title", summary="Old summary.", slug="a-draft")
    with workflow.change(measure, by=None, action=Action.CREATED):
        pass
    return measure


def paste(page, text):
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+V")


def test_the_form_says_what_it_understood_of_a_date_while_it_is_typed(desk):
    page = desk()
    page.goto(ADD)
    page.get_by_role("button", name="When").click()
    announced = page.locator("#id_announced_on")
    announced.fill("17 avril 2020")
    line = page.locator("#id_announced_on_understood")
    expect(line).to_have_text("Understood: 17 April 2020")
    announced.fill("4.5.2020")
    expect(line).to_contain_text("Write 2020-05-04 or 2020-04-05")


def test_the_tabs_open_from_the_keyboard_and_an_error_behind_one_is_shown(desk, draft):
    page = desk()
    page.goto(FORM.format(draft.pk))
    when = page.get_by_role("button", name="When")
    when.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#id_starts_on")).to_be_visible()
    page.fill("#id_starts_on", "2020-05")
    page.fill("#id_ends_on", "soon")
    page.get_by_role("button", name="What happened").press(" ")
    expect(page.locator("#id_starts_on")).to_be_hidden()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#id_ends_on")).to_be_visible()
    expect(page.locator("#id_ends_on")).to_have_value("soon")
    expect(page.get_by_role("button", name="When")).to_contain_text("1")


def test_what_may_be_recorded_already_shows_while_a_record_is_written(desk):
    page = desk()
    page.goto(ADD)
    expect(page.locator("#duplicates")).to_be_empty()
    page.fill("#id_title_en", "Kenya lends operators spectrum")
    page.get_by_role("button", name="Where and who").click()
    for field, words in (("measure_type", "Temporary"), ("countries", "Kenya")):
        page.locator(f".field-{field} .select2-selection").click()
        page.keyboard.type(words)
        page.locator(".select2-results__option--highlighted", has_text=words).wait_for()
        page.keyboard.press("Enter")
    expect(page.locator("#duplicates a")).to_have_text("Kenya lends spectrum to operators")


def test_an_address_pasted_on_a_source_picks_it_without_a_mouse(desk, draft):
    known = SourceFactory(url="https://authority.example/decree", title="The decree")
    page = desk()
    page.goto(FORM.format(draft.pk) + "#citations")
    page.locator("#id_citations-1-source + .select2 .select2-selection").focus()
    paste(page, "https://AUTHORITY.example/decree#page=3")
    expect(page.locator("#id_citations-1-source")).to_have_value(str(known.pk))
    page.get_by_role("button", name="Save", exact=True).press("Enter")
    page.wait_for_url(LIST)
    assert known in draft.sources.all()


def test_an_address_that_the_catalogue_does_not_have_opens_a_new_source_with_it(desk, draft):
    page = desk()
    page.goto(FORM.format(draft.pk) + "#citations")
    page.locator("#id_citations-1-source + .select2 .select2-selection").focus()
    page.keyboard.press("Enter")
    page.locator(".select2-dropdown .select2-search__field").wait_for()
    paste(page, "https://new.example/decree")
    frame = page.frame_locator("iframe.related-modal-frame")
    expect(frame.locator("#id_url")).to_have_value("https://new.example/decree")
    frame.locator("#id_title").fill("A new decree")
    frame.locator("#id_publisher").fill("The authority")
    frame.locator("#id_kind").select_option("official")
    frame.locator("#id_language").fill("en")
    frame.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#citations-group .select2-selection", has_text="A new decree")).to_be_visible()


def test_the_menu_beside_a_choice_opens_from_the_keyboard(desk, draft):
    page = desk()
    page.goto(FORM.format(draft.pk) + "#citations")
    page.locator("#citations-group [role=button][aria-label*='⋮']").first.press("Enter")
    expect(page.get_by_role("link", name="Add another source").first).to_be_visible()
    expect(page.locator("nav:visible a:focus")).to_have_count(1)


def test_two_editors_write_at_once_and_neither_loses_a_word(desk, draft):
    one, other = desk("one@example.org"), desk("other@example.org")
    for page in (one, other):
        page.goto(FORM.format(draft.pk))
    other.fill("#id_title_en", "Their title")
    other.fill("#id_summary_en", "Their summary.")
    other.get_by_role("button", name="Save", exact=True).click()
    other.wait_for_url(LIST)
    one.fill("#id_summary_en", "My summary.")
    one.get_by_role("button", name="Save", exact=True).click()
    conflict = one.locator(".desk-conflict")
    expect(conflict).to_contain_text("other@example.org")
    for text in ("Old summary.", "Their summary.", "My summary.", "Their title"):
        expect(conflict).to_contain_text(text)
    assert Measure.objects.get(pk=draft.pk).summary == "Their summary."
    expect(one.locator("#id_title_en")).to_have_value("Their title")
    expect(one.locator("#id_summary_en")).to_have_value("My summary.")
    one.fill("#id_summary_en", "Their summary. My summary.")
    one.get_by_role("button", name="Save", exact=True).click()
    one.wait_for_url(LIST)
    saved = Measure.objects.get(pk=draft.pk)
    assert (saved.title, saved.summary) == ("Their title", "Their summary. My summary.")


def test_a_preview_opens_beside_the_form_and_keeps_nothing(desk, draft):
    page = desk()
    page.goto(FORM.format(draft.pk))
    page.fill("#id_title_en", "Never saved")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Preview").click()
    expect(opened.value.locator("h1")).to_have_text("Never saved")
    expect(page.locator("#id_title_en")).to_have_value("Never saved")
    assert Measure.objects.get(pk=draft.pk).title == "Old title"


def test_a_form_that_is_sent_when_the_session_has_ended_stays_and_can_be_sent_again(desk, draft):
    page = desk()
    page.goto(FORM.format(draft.pk))
    page.fill("#id_summary_en", "Hours of work.")
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#signed-out")).to_be_visible()
    expect(page.locator("#id_summary_en")).to_have_value("Hours of work.")
    page.context.add_cookies([cookie for cookie in cookies if cookie["name"] == "sessionid"])
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(LIST)
    assert Measure.objects.get(pk=draft.pk).summary == "Hours of work."


# What axe finds on unfold's own pages: no <main>, navigation without names, select2 without labels, a heading of no
# column, and the chosen tab and the link "Add another" in its dark colours.
STOCK = {
    *("landmark-one-main", "landmark-unique", "region"),
    *("aria-input-field-name", "empty-table-header", "color-contrast"),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_on_the_form_and_the_list_what_unfold_has_and_no_more(desk, draft, scheme):
    page = desk(color_scheme=scheme)
    found = {}
    for address in (FORM.format(draft.pk), FORM.format(draft.pk) + "#citations", "/admin/practices/measure/"):
        page.goto("about:blank")  # or the next would be the same page with another tab
        page.goto(address)
        for item in Axe().run(page).response["violations"]:
            found.setdefault(item["id"], []).extend((address, node["html"][:160]) for node in item["nodes"])
    assert {rule: nodes for rule, nodes in found.items() if rule not in STOCK} == {}


@pytest.mark.parametrize("width", [390, 1280])
def test_the_menu_that_narrow_windows_hide_opens_from_the_keyboard_and_shuts_again(desk, width):
    page = desk()
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/admin/practices/measure/")
    sidebar = page.locator("#nav-sidebar")
    page.get_by_role("button", name="Menu").press("Enter")
    expect(sidebar.locator("a:focus")).to_have_count(1)
    sidebar.get_by_role("button", name="editor@example.org").press("Enter")
    expect(sidebar.get_by_role("link", name="Change password")).to_be_visible()
    sidebar.get_by_role("button", name="Menu").press(" ")
    expect(sidebar).to_be_hidden()
    page.get_by_role("button", name="Filters").press("Enter")
    expect(page.locator("#changelist-filter")).to_be_visible()
