"""The pictures of measures and countries that other sites show beside a link."""

from io import BytesIO

import pytest
from PIL import Image

from practices import pictures, workflow
from tests.factories import CountryFactory, make_measure

pytestmark = pytest.mark.django_db


def opened(content):
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture


@pytest.mark.parametrize("address", ["/measures/relief.png", "/countries/ken.png"])
def test_a_picture_has_the_size_that_sites_ask_for_and_is_small(client, address):
    kenya = CountryFactory(iso3="KEN", name_en="Kenya")
    make_measure(slug="relief", title="Kenya lends spectrum " * 9, countries=[kenya], announced_on="2020-04-17")
    response = client.get(address, headers={"Accept-Encoding": "br, gzip"})
    picture = opened(response.content)
    assert (response["Content-Type"], picture.format, picture.size) == ("image/png", "PNG", (1200, 630))
    assert "Content-Encoding" not in response
    assert len(response.content) < 60_000
    assert picture.convert("RGB").getpixel((5, 5)) == pictures.BLUE


def test_a_picture_is_not_sent_again_until_the_catalogue_changes(client):
    measure = make_measure(slug="relief")
    first = client.get("/measures/relief.png")
    again = client.get("/measures/relief.png", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, first["Cache-Control"].split(",")[0]) == (304, "public")
    workflow.withdraw(measure, by=None, reason="Recorded twice.")
    gone = client.get("/measures/relief.png", headers={"If-None-Match": first["ETag"]})
    assert gone.status_code == 404


@pytest.mark.parametrize("status", ["draft", "in-review", "withdrawn"])
def test_what_is_not_published_has_no_picture_and_is_in_none(client, status):
    kenya = CountryFactory(iso3="KEN", name_en="Kenya")
    make_measure(countries=[kenya])
    before = client.get("/countries/ken.png").content
    make_measure(slug="hidden", status=status, countries=[kenya])
    assert client.get("/countries/ken.png").content == before
    assert client.get("/measures/hidden.png").status_code == 404
    assert client.get("/countries/xxx.png").status_code == 404


def lines_of(title, monkeypatch):
    drawn = []
    monkeypatch.setattr(
        pictures.ImageDraw.ImageDraw, "text", lambda self, xy, text, **kwargs: drawn.append((text, kwargs["font"].size))
    )
    pictures.picture(title, "above", "below")
    return [line for line in drawn if line[0] not in ("above", "below", pictures.PORTAL_NAME)]


def test_a_long_title_is_set_smaller_and_at_last_cut(monkeypatch):
    short, long, endless = (lines_of([text], monkeypatch) for text in ("Relief", "Relief " * 22, "Relief " * 60))
    assert short == [("Relief", 68)]
    assert long[0][1] < 68
    assert " ".join(line for line, _size in long) == ("Relief " * 22).strip()
    assert len(endless) == 4
    assert endless[-1][0].endswith("…")


def test_a_word_that_is_too_long_is_broken(monkeypatch):
    assert "".join(line for line, _size in lines_of(["x" * 90], monkeypatch)) == "x" * 90


def test_letters_that_no_font_has_are_not_drawn_as_boxes(monkeypatch):
    assert lines_of(["\U0001e900\U0001e901", "Zero-rating"], monkeypatch) == [("Zero-rating", 68)]


def test_accents_and_cyrillic_are_drawn_with_our_own_font():
    ours = pictures.FONTS["bold"][0]
    assert not any(pictures._is_missing(ours, char) for char in "éèçñüßğşőřÅøияїҐ–“”’…·€")
