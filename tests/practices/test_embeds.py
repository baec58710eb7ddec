"""What other sites frame: the pages, who may frame them, and the code that oEmbed gives."""

import re
from html import unescape

import pytest
from django.conf import settings as portal
from django.urls import get_resolver, reverse

from practices import workflow
from practices.choices import Action
from tests.factories import CountryFactory, make_measure

pytestmark = pytest.mark.django_db

EMBEDS = {"map": [], "measure_list": [], "measure_detail": ["relief"], "country_detail": ["ken"]}
ELSEWHERE = [
    *("/", "/measures/", "/measures/relief/", "/countries/ken/", "/about/", "/suggestions/?q=k", "/no-such-page/"),
    *("/measures/?country=xx", "/oembed/", "/admin/", "/sitemap.xml", "/measures/relief.png"),
]


@pytest.fixture
def relief():
    kenya = CountryFactory(iso3="KEN", iso2="KE", name_en="Kenya", name_ar="كينيا")
    return make_measure(slug="relief", title="Kenya lends spectrum", countries=[kenya], announced_on="2020-04-17")


def oembed(client, path, **parameters):
    return client.get("/oembed/", {"url": f"{portal.SITE_URL}{path}", **parameters})


def titles_in(response):
    return re.findall(r'class="row-title"><a href="[^"]*">([^<]*)</a>', response.content.decode())


@pytest.mark.parametrize("name", EMBEDS)
@pytest.mark.parametrize("language", ["", "/ar"])
def test_any_site_may_frame_an_embed(client, relief, name, language):
    response = client.get(language + reverse(f"embeds:{name}", args=EMBEDS[name]))
    body = response.content.decode()
    assert response.status_code == 200
    assert "X-Frame-Options" not in response
    assert "frame-ancestors *" in response["Content-Security-Policy"]
    assert "default-src 'self'" in response["Content-Security-Policy"]
    assert not response.cookies
    assert "<header" not in body
    assert "<script" not in body
    assert f'dir="{"rtl" if language else "ltr"}"' in body
    assert 'rel="license noopener">CC BY 4.0</a>' in body
    assert f'href="{portal.SITE_URL}/' in body


@pytest.mark.parametrize("address", ELSEWHERE)
def test_nobody_may_frame_anything_else(client, relief, address):
    response = client.get(address)
    assert response["X-Frame-Options"] == "DENY"
    if "Content-Security-Policy" in response and address != "/admin/":
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]


def test_an_embed_shows_what_its_list_shows(client, relief):
    make_measure(title="Ghana lends spectrum", countries=["GHA"])
    query = "?country=ken&sort=announced&theme=dark"
    assert titles_in(client.get(f"/embed/measures/{query}")) == titles_in(client.get(f"/measures/{query}"))
    assert titles_in(client.get(f"/embed/measures/{query}")) == ["Kenya lends spectrum"]


def test_a_long_list_goes_on_within_the_frame(client):
    for number in range(21):
        make_measure(title=f"Measure {number}")
    first = client.get("/embed/measures/?country=ken&theme=dark").content.decode()
    following = unescape(re.search(r'href="([^"]*page=2)" target="_self"', first)[1])
    assert "theme=dark" in following
    assert titles_in(client.get(f"/embed/measures/{following}")) == ["Measure 0"]


def test_a_map_counts_what_the_parameters_select(client, relief):
    make_measure(countries=["KEN"], announced_on="2021")
    assert "Kenya: 2 measures" in client.get("/embed/map/").content.decode()
    assert "Kenya: 1 measure<" in client.get("/embed/map/?year=2021").content.decode()


@pytest.mark.parametrize(
    ("address", "status", "reason"),
    [
        ("/embed/measures/?country=xx", 400, "“xx” is not"),
        ("/embed/map/?region=mars", 400, "“mars” is not"),
        ("/embed/measures/?page=9", 404, "There is no page “9”"),
        ("/embed/measures/relief/?theme=pink", 400, "“pink” is not a theme. Right would be: auto, light, dark."),
        ("/embed/measures/none/", 404, "There is no public record “none”"),
        ("/embed/countries/xxx/", 404, "There is no country “xxx”"),
    ],
)
def test_what_is_wrong_is_said_inside_the_frame(client, relief, address, status, reason):
    response = client.get(address)
    assert response.status_code == status
    assert reason in response.content.decode()
    assert "Kenya lends" not in response.content.decode()
    assert "X-Frame-Options" not in response


@pytest.mark.parametrize("theme", ["light", "dark", "auto"])
def test_a_site_can_choose_the_theme(client, relief, theme):
    assert f'data-theme="{theme}"' in client.get(f"/embed/countries/ken/?theme={theme}").content.decode()


@pytest.mark.parametrize("status", ["draft", "in-review", "withdrawn"])
def test_what_is_not_published_is_in_no_frame(client, relief, status):
    hidden = make_measure(slug="hidden", title="Hidden entry", status=status)
    for name, arguments in EMBEDS.items():
        assert "Hidden entry" not in client.get(reverse(f"embeds:{name}", args=arguments)).content.decode()
    response = client.get("/embed/measures/hidden/")
    assert response.status_code == 404
    assert "Hidden entry" not in response.content.decode()
    assert oembed(client, hidden.get_absolute_url()).status_code == 404


def test_a_renamed_record_stays_in_its_frames(client, relief):
    with workflow.change(relief, by=None, action=Action.EDITED):
        relief.slug = "renamed"
    response = client.get("/embed/measures/relief/?theme=dark")
    assert (response.status_code, response["Location"]) == (301, "/embed/measures/renamed/?theme=dark")


def test_markup_in_a_record_is_shown_as_text(client):
    make_measure(slug="markup", title="<script>alert(1)</script>", summary='"><img src=x>')
    for address in ("/embed/measures/", "/embed/measures/markup/", "/measures/markup/"):
        body = client.get(address).content.decode()
        assert "<script>alert" not in body
        assert "<img" not in body


PAGES = {
    "/measures/relief/": ("/embed/measures/relief/", "Kenya lends spectrum · Network Resiliency Practices"),
    "/fr/measures/relief/": ("/fr/embed/measures/relief/", "Kenya lends spectrum · Network Resiliency Practices"),
    "/countries/ken/": ("/embed/countries/ken/", "Kenya · Network Resiliency Practices"),
    "/measures/?country=ken&page=1": (
        "/embed/measures/?country=ken",
        "Measures: Kenya · Network Resiliency Practices",
    ),
    "/": ("/embed/map/", "Where measures are recorded · Network Resiliency Practices"),
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_and_oembed_give_the_same_code(client, relief, path):
    address, title = PAGES[path]
    answer = oembed(client, path, format="json")
    data = answer.json()
    assert answer["Content-Type"] == "application/json"
    assert {name: data[name] for name in ("version", "type", "title", "width")} == {
        "version": "1.0",
        "type": "rich",
        "title": title,
        "width": 640,
    }
    assert f'<iframe src="{portal.SITE_URL}{address}" title="{title}" width="640"' in unescape(data["html"])
    body = client.get(path).content.decode()
    code = unescape(re.search(r'<pre id="embed-code"[^>]*>(.*?)</pre>', body, re.DOTALL)[1])
    assert unescape(code) == unescape(data["html"]).replace('width="640"', 'width="100%"')
    discovery = unescape(re.search(r'type="application/json\+oembed" href="([^"]*)"', body)[1])
    assert client.get(discovery).json() == data


@pytest.mark.parametrize("name", EMBEDS)
def test_oembed_knows_the_embeds_themselves_with_their_theme(client, relief, name):
    path = f"{reverse(f'embeds:{name}', args=EMBEDS[name])}?theme=dark"
    assert f'src="{portal.SITE_URL}{path}"' in oembed(client, path).json()["html"]


def test_oembed_keeps_within_the_size_that_is_asked_for(client, relief):
    data = oembed(client, "/", maxwidth="300", maxheight="200").json()
    assert (data["width"], data["height"]) == (300, 200)
    assert 'width="300" height="200"' in data["html"]
    assert oembed(client, "/", maxwidth="wide").status_code == 400


@pytest.mark.parametrize(
    "url",
    [
        f"{portal.SITE_URL}/measures/none/",
        f"{portal.SITE_URL}/measures/?country=xx",
        f"{portal.SITE_URL}/countries/xxx/",
        f"{portal.SITE_URL}/about/",
        f"{portal.SITE_URL}/nowhere",
        "https://elsewhere.example/measures/relief/",
        "http://[",
    ],
)
def test_oembed_has_nothing_for_another_address(client, relief, url):
    assert client.get("/oembed/", {"url": url}).status_code == 404


def test_oembed_says_what_it_cannot_do(client, relief):
    assert oembed(client, "/", format="xml").status_code == 501
    assert client.get("/oembed/").status_code == 400


def test_every_embed_is_visited_by_these_tests():
    names = {name for name in get_resolver().namespace_dict["embeds"][1].reverse_dict if isinstance(name, str)}
    assert names == {*EMBEDS, "opensearch", "suggestions"}
