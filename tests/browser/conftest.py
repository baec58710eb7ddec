"""A real browser on a catalogue of real size in small: Debian's Chromium, or what CHROMIUM names."""

import os
import sqlite3
from contextlib import closing

import pytest
from django.db import connection

from countries.models import Country
from practices.models import CatalogueVersion
from tests.factories import (
    BeneficiaryFactory,
    CountryFactory,
    CrisisFactory,
    GroupFactory,
    MeasureTypeFactory,
    OrganizationFactory,
    make_measure,
)

# Playwright runs an event loop in this thread, beside which Django would refuse the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {
        **browser_type_launch_args,
        "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    }


@pytest.fixture(scope="session")
def browser(live_server, browser):
    """The browser, which ends before the server does, and the server after its last connection.

    A connection that ended later would be without its database, and pytest would see an exception in a thread.
    """
    live_server.thread.httpd.daemon_threads = False  # server_close() waits for those that are not
    return browser


@pytest.fixture(scope="session")
def filled():
    """A copy of the database with the catalogue in it, for the tests after the one that made it."""
    with closing(sqlite3.connect(":memory:")) as copy:
        yield copy


@pytest.fixture
def catalogue(live_server, filled):
    """A served catalogue: Kenya with three measures, Ghana and Peru with some, and a region's."""
    connection.ensure_connection()
    if filled.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,):
        make_catalogue()
        connection.connection.backup(filled)
    else:
        filled.backup(connection.connection)
        CatalogueVersion.advance()  # no page that an earlier test had made is of this catalogue
    return live_server.url


def make_catalogue():
    kenya = CountryFactory(iso3="KEN", iso2="KE", name_en="Kenya", name_ar="كينيا")
    CountryFactory(iso3="GHA", iso2="GH", name_en="Ghana")
    CountryFactory(iso3="PER", iso2="PE", name_en="Peru", itu_region="ams", income_group="upper-middle")
    CountryFactory(iso3="TUV", iso2="TV", name_en="Tuvalu", itu_region="asp", income_group="upper-middle")
    africa = GroupFactory(code="africa", name_en="Africa", members=Country.objects.filter(itu_region="afr"))
    CrisisFactory(slug="covid-19", name_en="COVID-19 pandemic", ended_on="2023-05-05")
    authority = OrganizationFactory(
        slug="ke-ca", name_en="Communications Authority", country=kenya, regulator_of=kenya, url="https://ca.example/"
    )
    spectrum = MeasureTypeFactory(
        code="temporary-spectrum", name_en="Temporary spectrum", topic__code="spectrum", topic__name_en="Spectrum"
    )
    MeasureTypeFactory(
        code="zero-rating", name_en="Zero-rating", topic__code="affordability", topic__name_en="Affordability"
    )
    make_measure(
        slug="ke-spectrum",
        title="Kenya lends spectrum to operators",
        summary="The authority lent spectrum for the length of the emergency, free of charge.",
        outcome="Networks held.",
        measure_type=spectrum,
        organizations=[authority],
        beneficiaries=[BeneficiaryFactory(code="operators", name_en="Operators")],
        bands=["700 MHz"],
        tags=["lte"],
        sources=["official", "news"],
        announced_on="2020-04-17",
        starts_on="2020-04-17",
        ends_on="2020-12",
        legal_nature="authorization",
    )
    make_measure(title="Kenya frees school sites", tags=["schools"], announced_on="2020-05")
    make_measure(title="Kenya frees health sites", announced_on="2020")
    make_measure(title="Ghana lends spectrum", countries=["GHA"], measure_type=spectrum, announced_on="2020-06-01")
    for number in range(25):
        make_measure(title=f"Peru does thing {number:02}", countries=["PER"], announced_on="2021-02")
    make_measure(title="Africa sets out guidelines", areas=[africa], scope="regional")


@pytest.fixture
def no_script(browser, catalogue):
    """A page of a browser that runs no script."""
    context = browser.new_context(java_script_enabled=False, base_url=catalogue)
    yield context.new_page()
    context.close()


@pytest.fixture
def portal(browser, catalogue):
    """A page that fails the test when its console reports an error or a request leaves the site."""
    context = browser.new_context(base_url=catalogue)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on(
        "request", lambda request: None if request.url.startswith((catalogue, "data:")) else faults.append(request.url)
    )
    page.faults = faults
    yield page
    context.close()
    assert faults == []
