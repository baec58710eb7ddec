"""What is written about the API is so, and all of it is written."""

import json
import re
from urllib.parse import urlencode, urlsplit

import jsonschema
import pytest
from django.conf import settings as project
from django.test import override_settings

from practices.api.parameters import LIST, PageForm
from practices.api.schema import describe
from practices.filters import MeasureFilter
from tests.practices.test_api import _no_limits, ask, world  # noqa: F401 (fixtures)

pytestmark = pytest.mark.django_db

TEXT = (project.BASE_DIR / "docs" / "api.md").read_text()
SITE = "https://portal.example.org"
EXAMPLES = re.findall(r"^    curl '([^'\n]*)'\n\n```json\n(.*?)```", TEXT, re.MULTILINE | re.DOTALL)


def section(heading):
    return re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^##|\Z)", TEXT, re.MULTILINE | re.DOTALL)[1]


def names(heading):
    """The names in the first column of the table of a section."""
    return re.findall(r"^\| `(\w+)` \|", section(heading), re.MULTILINE)


def shape(value):
    """What JSON is made of: lists by their first entry, texts and numbers by their type, whatever they say."""
    if isinstance(value, dict):
        return {name: shape(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [shape(entry) for entry in value[:1]]
    return type(value).__name__


@override_settings(SITE_URL=SITE)
@pytest.mark.parametrize(("address", "answer"), EXAMPLES, ids=[address for address, _answer in EXAMPLES])
def test_the_examples_answer_what_is_written_below_them(world, client, address, answer):  # noqa: F811
    response = client.get(address.removeprefix(SITE))
    written = json.loads(answer)
    assert response.status_code == written.get("status", 200)
    assert shape(json.loads(response.content)) == shape(written)


def test_every_curl_line_is_an_example_that_is_run():
    assert len(EXAMPLES) == TEXT.count("curl '") > 5


def test_every_address_parameter_and_field_is_written_down_and_no_other():
    described = describe()
    operations = re.findall(r"^### `GET (.*)`$", TEXT, re.MULTILINE)
    assert operations == list(described["paths"])
    for path in operations:
        written = names(f"`GET {path}`")
        text = section(f"`GET {path}`")
        written += names("The list's parameters") if "(#the-lists-parameters)" in text else []
        written += names("Pages of a list") if "(#pages-of-a-list)" in text else []
        parameters = described["paths"][path]["get"].get("parameters", [])
        assert sorted(written) == sorted(parameter["name"] for parameter in parameters), path
    objects = {name: kind for name, kind in described["components"]["schemas"].items() if "properties" in kind}
    assert re.findall(r"^### (\w+)$", TEXT, re.MULTILINE) == list(objects)
    for name, kind in objects.items():
        assert names(name) == list(kind["properties"]), name
    assert names("The list's parameters") == list(LIST) == list(MeasureFilter.base_filters)
    assert names("Pages of a list") == list(PageForm.base_fields)


def test_every_parameter_says_what_it_means_with_an_example_that_is_right(world, ask):  # noqa: F811
    for path, methods in describe()["paths"].items():
        parameters = methods["get"].get("parameters", [])
        in_path = {}
        for parameter in parameters:
            assert parameter["description"], (path, parameter["name"])
            examples = [example["value"] for example in parameter.get("examples", {}).values()]
            assert examples or parameter["name"] == "cursor", (path, parameter["name"])
            for example in examples:
                jsonschema.validate(example, parameter["schema"])
            if parameter["in"] == "path":
                in_path[parameter["name"]] = examples[0]
        address = path.removeprefix("/api/v1/").format(**in_path)
        for parameter in parameters:
            for example in parameter.get("examples", {}).values():
                if parameter["in"] == "query" and parameter["name"] != "page":
                    ask(f"{address}?{urlencode({parameter['name']: example['value']}, doseq=True)}")
        ask(address)


def test_closed_sets_and_codes_of_the_codebook_are_published_as_they_are_now(world):  # noqa: F811
    parameters = {
        parameter["name"]: parameter["schema"]
        for parameter in describe()["paths"]["/api/v1/measures/"]["get"]["parameters"]
    }
    values = {name: schema.get("items", schema).get("enum") for name, schema in parameters.items()}
    assert values["state"] == ["planned", "in-force", "ended", "unknown"]
    assert values["country"] == ["fra", "ken"]
    assert values["topic"] == ["affordability", "spectrum"]
    assert values["source_language"] == ["en", "fr"]
    open_sets = {"q", "organization", "tag", "year", "announced_from", "announced_to", "page", "per_page", "cursor"}
    open_sets |= {"as_of", "changed_since"}
    assert {name for name, enum in values.items() if not enum} == open_sets


def test_the_page_has_every_address_parameter_and_field_and_loads_nothing_from_elsewhere(world, client):  # noqa: F811
    response = client.get("/api/v1/")
    body = response.content.decode()
    described = describe()
    for path, methods in described["paths"].items():
        assert path in body
        assert all(f"<code>{parameter['name']}</code>" in body for parameter in methods["get"].get("parameters", []))
    for name, kind in described["components"]["schemas"].items():
        assert f'id="object-{name}"' in body or kind == {"type": "null"}
    targets = re.findall(r'href="#([^"]+)"', body)
    assert [target for target in targets if f'id="{target}"' not in body] == []
    loaded = re.findall(r'(?:src|href)="(https?:[^"]+)"', re.sub(r"<a .*?>", "", body))
    assert {urlsplit(address).netloc for address in loaded} <= {urlsplit(project.SITE_URL).netloc}
    assert client.get("/api/")["Location"] == "/api/v1/"


def test_the_description_is_of_openapi_3_1_and_says_where_the_portal_is(world, client):  # noqa: F811
    described = client.get("/api/v1/schema/").json()
    assert described["openapi"].startswith("3.1.")
    assert described["servers"] == [{"url": project.SITE_URL}]
    assert client.get("/api/v1/schema.yaml")["Content-Type"] == "application/yaml"
    assert client.get("/api/v1/schema.yaml").content.startswith(b"openapi: 3.1.")
