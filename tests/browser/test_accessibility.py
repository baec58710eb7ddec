"""What axe-core finds on each kind of page: nothing."""

import pytest
from axe_playwright_python.sync_playwright import Axe

ADDRESSES = [
    "/",
    "/measures/",
    "/measures/?country=ken&topic=spectrum",
    "/measures/?country=ghana",
    "/measures/?country=gha&q=nothing",
    "/measures/?q=kenia+spectrum+2020",
    "/suggestions/?q=ken",
    "/measures/by/country/",
    "/measures/ke-spectrum/",
    "/countries/",
    "/countries/?by=shape",
    "/countries/ken/",
    "/countries/tuv/",
    "/groups/africa/",
    "/topics/",
    "/topics/spectrum/",
    "/types/temporary-spectrum/",
    "/crises/",
    "/crises/covid-19/",
    "/organizations/",
    "/organizations/ke-ca/",
    "/tags/",
    "/tags/schools/",
    "/data/",
    "/compare/?country=ken&country=gha",
    "/bands/?range=700+MHz",
    "/coverage/",
    "/follow/?country=ken",
    "/api/v1/",
    "/about/",
    "/embed/map/",
    "/embed/measures/?country=ken",
    "/embed/measures/ke-spectrum/",
    "/embed/countries/ken/?theme=dark",
    "/ar/embed/measures/",
    "/no-such-page/",
    "/ar/measures/",
    "/ar/countries/ken/",
]


@pytest.fixture(scope="module")
def axe():
    return Axe()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_on_any_kind_of_page(browser, catalogue, axe, width, scheme):
    page = browser.new_page(base_url=catalogue, viewport={"width": width, "height": 900}, color_scheme=scheme)
    found = {}
    for address in ADDRESSES:
        page.goto(address)
        violations = axe.run(page).response["violations"]
        if violations:
            found[address] = [(item["id"], [node["html"][:120] for node in item["nodes"]]) for item in violations]
    page.close()
    assert found == {}
