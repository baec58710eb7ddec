"""Signing in and one's own account, in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.accounts.people import PASSWORD, code_of, enrol_app, person

VISITOR = ["login/", "signup/", "inactive/", "password/reset/", "password/reset/done/", "password/reset/key/1-none/"]
OWN = [
    *("2fa/", "2fa/totp/deactivate/", "2fa/recovery-codes/generate/", "2fa/webauthn/", "2fa/webauthn/add/"),
    *("password/change/", "logout/"),
]


@pytest.fixture(autouse=True)
def _required(settings):
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.fixture
def publisher(db):
    return person("publisher")


@pytest.fixture
def page(browser, live_server):
    """A page with an authenticator of its own, which fails the test when its console reports an error."""
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    faults = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options | {"isUserVerified": True}})
    yield page
    page.wait_for_load_state("networkidle")  # what the last page still asks for reads the database
    context.close()
    assert faults == []


def sign_in(page, user):
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_publisher_enrols_a_passkey_and_signs_in_with_it_alone(page, publisher):
    page.goto("/admin/practices/source/")
    sign_in(page, publisher)
    page.locator("section", has_text="Security Keys").get_by_role("link", name="Add").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add").click()
    page.get_by_role("link", name="Continue to the editorial desk").click()
    assert page.url.endswith("/admin/")
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/admin/practices/source/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/admin/practices/source/")


def test_a_code_of_the_app_lets_a_publisher_go_on_where_they_wanted_to(page, publisher):
    secret = enrol_app(publisher)
    page.goto("/admin/practices/source/")
    sign_in(page, publisher)
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/practices/source/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_on_the_pages_of_accounts_and_none_is_too_wide(page, publisher, width, scheme):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    axe, found = Axe(), {}

    def look(name):
        violations = axe.run(page).response["violations"]
        found[name] = [(item["id"], [node["html"][:120] for node in item["nodes"]]) for item in violations]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[name].append("too wide")

    for address in VISITOR:
        page.goto(f"/accounts/{address}")
        look(address)
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill("nobody@example.org")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in", exact=True).click()
    look("a wrong password")
    page.goto("/accounts/login/")
    sign_in(page, publisher)
    page.goto("/accounts/2fa/totp/activate/")
    look("reauthenticate/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    look("2fa/totp/activate/")
    page.get_by_label("Authenticator code").fill(code_of(page.get_by_label("Authenticator secret").input_value()))
    page.get_by_role("button", name="Activate").click()
    look("2fa/recovery-codes/")
    for address in OWN:
        page.goto(f"/accounts/{address}")
        look(address)
    assert {name: faults for name, faults in found.items() if faults} == {}
