"""The page about the data: what it says works."""

import html
import re
import shutil
import subprocess

import pytest
from django.urls import reverse

from practices.exports import FORMATS
from practices.exports.tables import MEASURES
from tests.factories import CountryFactory, make_measure


@pytest.fixture
def page(live_server, settings, transactional_db):
    """The page, on the server that its recipes ask, with two measures to find."""
    settings.SITE_URL = live_server.url
    kenya, turkey = CountryFactory(iso3="KEN"), CountryFactory(iso3="TUR")
    make_measure(slug="both", countries=[kenya, turkey])
    make_measure(slug="one", countries=[kenya])

    def get(client):
        return client.get("/data/").content.decode()

    return get


def recipe(page, name):
    (code,) = re.findall(rf'<pre id="recipe-{name}"[^>]*><code>(.*?)</code></pre>', page, re.DOTALL)
    return html.unescape(code)


def test_the_recipe_for_pandas_counts_measures_by_country(client, page, capsys):
    code = recipe(page(client), "python")
    exec(compile(code, "recipe", "exec"), {})  # noqa: S102 (it is the page's own)
    printed = capsys.readouterr().out
    assert re.findall(r"^(ken|tur) .* (\d+)$", printed, re.MULTILINE) == [("ken", "2"), ("tur", "1")]


def test_the_recipe_for_curl_saves_the_files(client, page, tmp_path):
    code = recipe(page(client), "curl")
    subprocess.run(["sh", "-ec", code], cwd=tmp_path, check=True, capture_output=True, timeout=60)  # noqa: S603, S607
    assert (tmp_path / "measures.csv").read_text("utf-8-sig").startswith("slug,url,title,")
    assert len((tmp_path / "measures.jsonl").read_text().splitlines()) == 2


def test_the_recipe_for_r_counts_measures_by_country(client, page):
    code = recipe(page(client), "r")
    if shutil.which("Rscript") is None:
        (address,) = re.findall(r'"(http[^"]+)"', code)
        assert client.get(address).status_code == 200
        assert "countries" in {column.name for column in MEASURES.columns}
        pytest.skip("R is not here, so only what its recipe names is looked at")
    done = subprocess.run(["Rscript", "-e", code], check=True, capture_output=True, text=True, timeout=60)  # noqa: S603, S607
    assert re.search(r"ken\s+tur\s+2\s+1", done.stdout)


def test_the_recipe_for_spreadsheets_names_a_file_that_is_there(client, page):
    (address,) = re.findall(r'^=IMPORTDATA\("(http[^"]+)"\)$', recipe(page(client), "spreadsheet"))
    assert client.get(address)["Content-Type"] == FORMATS["csv"].media_type


@pytest.mark.django_db
def test_the_page_names_every_format_and_every_column(client):
    body = client.get("/data/").content.decode()
    for ending, form in FORMATS.items():
        assert f'href="{reverse("practices:download", args=[ending])}" download>{form.name}</a>' in body
    for column in MEASURES.columns:
        assert f"<dt><code>{column.name}</code></dt>" in body
