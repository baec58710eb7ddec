"""What pages say to machines as JSON-LD, and what links to them show elsewhere (Open Graph)."""

import json
import re
from html import unescape

import pytest
from django.conf import settings as portal

from tests.factories import CountryFactory, OrganizationFactory, SourceFactory, make_measure

pytestmark = pytest.mark.django_db


def json_ld(client, address):
    scripts = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>', client.get(address).content.decode(), re.DOTALL
    )
    assert len(scripts) == 1, address
    data = json.loads(scripts[0])
    assert data["@context"] == "https://schema.org"
    return data


def meta(client, address):
    """What the head says: by property and by name."""
    body = client.get(address).content.decode()
    pairs = re.findall(r'<meta (?:property|name)="([^"]*)" content="([^"]*)"( property="og:description")?', body)
    found = {"og:description" if og else name: unescape(content) for name, content, og in pairs}
    return found | {"canonical": unescape(re.search(r'<link rel="canonical" href="([^"]*)"', body)[1])}


def test_the_home_page_is_a_site_to_search_and_a_catalogue_of_data(client, time_machine):
    time_machine.move_to("2026-03-01")
    make_measure()
    site, data = json_ld(client, "/")["@graph"]
    assert (site["@type"], data["@type"]) == ("WebSite", "DataCatalog")
    assert site["potentialAction"]["target"]["urlTemplate"] == f"{portal.SITE_URL}/measures/?q={{words}}"
    assert data["dateModified"] == "2026-03-01"
    assert data["license"] == "https://creativecommons.org/licenses/by/4.0/"


def test_a_list_is_a_dataset_with_the_files_of_the_same_rows(client):
    make_measure(countries=[CountryFactory(iso3="KEN", name_en="Kenya")])
    data = json_ld(client, "/measures/?country=ken&page=1")
    assert (data["@type"], data["name"]) == ("Dataset", "Network Resiliency Practices: Kenya")
    assert data["@id"] == meta(client, "/measures/?country=ken&page=1")["canonical"]
    assert {part["encodingFormat"]: part["contentUrl"] for part in data["distribution"]} == {
        "text/csv": f"{portal.SITE_URL}/measures.csv?country=ken",
        "application/json": f"{portal.SITE_URL}/measures.json?country=ken",
    }


def test_a_measure_is_a_work_with_its_sources(client, time_machine):
    time_machine.move_to("2026-03-01")
    source = SourceFactory(url="https://ca.example/1", title="Notice", publisher="CA", published_on="2020-04")
    make_measure(
        slug="relief",
        title="Kenya lends spectrum",
        countries=[CountryFactory(iso3="KEN", name_en="Kenya")],
        organizations=[OrganizationFactory(name_en="Communications Authority")],
        sources=[source],
    )
    data = json_ld(client, "/measures/relief/")
    assert data["@type"] == "CreativeWork"
    assert data["@id"] == data["url"] == f"{portal.SITE_URL}/measures/relief/"
    assert (data["name"], data["inLanguage"]) == ("Kenya lends spectrum", "en")
    assert data["datePublished"] == data["dateModified"] == "2026-03-01"
    assert data["spatialCoverage"] == [{"@type": "Country", "name": "Kenya", "identifier": "KEN"}]
    assert [thing["url"].removeprefix(portal.SITE_URL) for thing in data["about"]] == [
        "/topics/affordability/",
        "/types/zero-rating/",
        "/crises/covid-19/",
    ]
    assert data["mentions"] == [{"@type": "Organization", "name": "Communications Authority"}]
    assert data["publisher"]["name"] == portal.OPERATOR_NAME
    assert data["isBasedOn"] == ["https://ca.example/1"]
    assert data["citation"] == [
        {
            "@type": "CreativeWork",
            "name": "Notice",
            "url": "https://ca.example/1",
            "inLanguage": "en",
            "publisher": {"@type": "Organization", "name": "CA"},
            "datePublished": "2020-04",
        }
    ]


def test_no_text_ends_the_script_that_it_stands_in(client):
    title = "Ends </script><!-- & <b>here</b>"
    make_measure(slug="ends", title=title)
    assert json_ld(client, "/measures/ends/")["name"] == title
    assert json_ld(client, "/measures/?q=%3C/script%3E%3C!--+spectrum")["@type"] == "Dataset"


def test_a_list_that_is_not_valid_is_no_dataset(client):
    body = client.get("/measures/?country=xx").content.decode()
    assert "ld+json" not in body
    assert "json+oembed" not in body


def test_a_link_to_a_page_shows_its_title_and_description(client):
    make_measure(slug="relief", title="“Relief” & more", countries=[CountryFactory(iso3="KEN", name_en="Kenya")])
    found = meta(client, "/measures/relief/")
    assert found["og:title"] == "“Relief” & more"
    assert found["og:description"] == "The regulator did something."
    assert found["og:url"] == found["canonical"] == f"{portal.SITE_URL}/measures/relief/"
    assert found["og:site_name"] == "Network Resiliency Practices"
    assert found["og:image"] == f"{portal.SITE_URL}/measures/relief.png"
    assert found["twitter:card"] == "summary_large_image"
    assert meta(client, "/countries/ken/")["og:image"] == f"{portal.SITE_URL}/countries/ken.png"
    about = meta(client, "/about/")
    assert (about["twitter:card"], "og:image" in about) == ("summary", False)


def test_a_measure_tells_of_itself_as_data(client):
    make_measure(slug="relief")
    assert '<link rel="alternate" type="application/json" href="/measures/relief.json">' in (
        client.get("/measures/relief/").content.decode()
    )


def test_a_filtered_list_has_one_address_however_it_was_asked_for(client):
    make_measure(countries=["KEN"])
    make_measure(countries=["GHA"])
    addresses = ["/measures/?country=ken&year=&page=1", "/measures/?utm_source=x&country=KEN"]
    assert {meta(client, address)["canonical"] for address in addresses} == {f"{portal.SITE_URL}/measures/?country=ken"}
