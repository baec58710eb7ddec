"""What readers see of the portal on other sites."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@pytest.fixture
def page(browser):
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture
def another_site(catalogue):
    """The address of a page of another origin that frames ``?path`` of the portal."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            _page, _mark, path = self.path.partition("?")
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            if path:
                self.wfile.write(f'<!DOCTYPE html><iframe src="{catalogue}{path}" width="400"></iframe>'.encode())

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("width", [300, 1200])
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/embed/map/", "Where measures are recorded"),
        ("/embed/measures/?country=ken", "Kenya lends spectrum to operators"),
        ("/embed/measures/ke-spectrum/?theme=dark", "Kenya lends spectrum to operators"),
        ("/ar/embed/countries/ken/", "كينيا"),
        ("/embed/measures/?country=xx", "“xx” is not a code of the catalogue"),
    ],
)
def test_an_embed_shows_on_another_site(page, another_site, path, words, width):
    page.goto(f"{another_site}?{path}")
    frame = page.frame_locator("iframe")
    page.locator("iframe").evaluate("(frame, width) => { frame.width = width; }", width)
    assert words in frame.locator("main").inner_text()
    assert frame.locator("html").evaluate("root => root.scrollWidth <= root.clientWidth")


def test_no_other_page_shows_on_another_site(page, another_site):
    page.goto(f"{another_site}?/measures/ke-spectrum/")
    assert "Kenya lends" not in page.frames[1].locator("body").inner_text()


def test_a_link_leaves_the_frame_and_knows_nothing_of_it(page, another_site):
    page.goto(f"{another_site}?/embed/measures/?country=ken")
    with page.expect_popup() as opened:
        page.frame_locator("iframe").get_by_role("link", name="Kenya lends spectrum to operators").click()
    opened.value.wait_for_load_state()
    assert opened.value.url.endswith("/measures/ke-spectrum/")
    assert opened.value.evaluate("window.opener") is None


def test_the_colours_are_those_that_the_site_asks_for(page, catalogue):
    def background(theme, scheme):
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{catalogue}/embed/measures/ke-spectrum/?theme={theme}")
        return page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")

    light, dark = "rgb(255, 255, 255)", "rgb(17, 22, 28)"
    assert [background("light", "dark"), background("dark", "light")] == [light, dark]
    assert [background("auto", "light"), background("auto", "dark")] == [light, dark]


def test_the_code_can_be_copied(portal, catalogue):
    for address in ("/", "/measures/?country=ken", "/measures/ke-spectrum/", "/countries/ken/"):
        portal.goto(address)
        portal.get_by_text("Embed this on another site").click()
        portal.get_by_role("button", name="Copy the code").click()
        portal.get_by_role("button", name="Copied").wait_for()
        assert portal.evaluate("navigator.clipboard.readText()").startswith("<iframe src=")
