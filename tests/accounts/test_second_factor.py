"""Who publishes or administers accounts enters the desk with a second factor, and with that alone."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

from tests.accounts.people import PASSWORD, code_of, enrol_app, person, sign_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _required(settings):
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.fixture
def publisher():
    return person("publisher")


def superuser():
    return UserFactory(password=PASSWORD, is_superuser=True)


def where_the_desk_leads(client):
    return client.get("/admin/practices/measure/", follow=True).redirect_chain[-1][0].partition("?")[0]


@pytest.mark.parametrize("make", [lambda: person("publisher"), lambda: person("administrator"), superuser])
def test_who_has_none_is_led_to_enrol_one(client, make):
    sign_in(client, make())
    assert where_the_desk_leads(client) == "/accounts/2fa/"
    assert "Your role enters the desk with a second factor" in client.get("/admin/", follow=True).content.decode()


@pytest.mark.parametrize("role", ["contributor", "editor"])
def test_contributors_and_editors_need_none(client, role):
    sign_in(client, person(role))
    assert client.get("/admin/practices/measure/").status_code == 200


def test_nothing_of_the_desk_can_be_sent_without_it(client, publisher):
    sign_in(client, publisher)
    for address in ("/admin/practices/measure/", "/admin/practices/measure/add/", "/admin/practices/source/add/"):
        assert client.post(address, {"action": "publish"}).headers["Location"].startswith("/admin/login/")


@pytest.mark.django_db(transaction=True)
def test_who_enrols_an_app_enters_the_desk_at_once(client, publisher):
    sign_in(client, publisher)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'id="authenticator_secret"[^>]* value="(\w+)"', page)[1]
    response = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)}, follow=True)
    assert response.redirect_chain[-1][0] == "/accounts/2fa/recovery-codes/"
    assert 'href="/admin/"' in response.content.decode()
    assert client.get("/admin/practices/measure/").status_code == 200


def test_enrolling_asks_for_the_password_again(client, publisher):
    client.force_login(publisher)
    response = client.get("/accounts/2fa/totp/activate/")
    assert response.headers["Location"].startswith("/accounts/reauthenticate/")


def test_signing_in_with_the_password_alone_is_not_enough(client, publisher):
    secret = enrol_app(publisher)
    assert sign_in(client, publisher, next="/admin/practices/measure/").headers["Location"] == (
        "/accounts/2fa/authenticate/"
    )
    assert where_the_desk_leads(client) == "/accounts/2fa/authenticate/"
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert client.get("/admin/").status_code == 302
    response = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert response.headers["Location"] == "/admin/practices/measure/"
    assert client.get("/admin/practices/measure/").status_code == 200


def test_a_session_from_before_the_factor_was_enrolled_has_to_show_it(client, publisher):
    client.force_login(publisher)
    secret = enrol_app(publisher)
    response = client.get("/admin/practices/measure/", follow=True)
    assert response.redirect_chain[-1][0] == "/accounts/2fa/reauthenticate/?next=/admin/practices/measure/"
    fields = {"code": code_of(secret), "next": "/admin/practices/measure/"}
    response = client.post("/accounts/2fa/reauthenticate/", fields)
    assert response.headers["Location"] == "/admin/practices/measure/"
    assert client.get("/admin/practices/measure/").status_code == 200


def test_a_factor_that_was_removed_counts_no_more(client, publisher):
    secret = enrol_app(publisher)
    sign_in(client, publisher)
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert client.get("/admin/").status_code == 200
    Authenticator.objects.all().delete()
    assert where_the_desk_leads(client) == "/accounts/2fa/"


def test_a_role_that_needs_one_asks_for_it_from_the_next_page_on(client):
    editor = person("editor")
    sign_in(client, editor)
    assert client.get("/admin/").status_code == 200
    editor.groups.add(person("publisher").groups.get())
    assert where_the_desk_leads(client) == "/accounts/2fa/"


def test_an_editor_who_enrolled_one_is_asked_for_it_too(client):
    editor = person("editor")
    enrol_app(editor)
    assert sign_in(client, editor).headers["Location"] == "/accounts/2fa/authenticate/"


def test_a_recovery_code_lets_in_once_whoever_lost_the_telephone(client, publisher):
    enrol_app(publisher)
    code = RecoveryCodes.activate(publisher).get_unused_codes()[0]
    sign_in(client, publisher)
    assert "type one of your recovery codes" in client.get("/accounts/2fa/authenticate/").content.decode()
    assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    assert client.get("/admin/").status_code == 200
    client.post("/accounts/logout/")
    sign_in(client, publisher)
    assert "Incorrect code" in client.post("/accounts/2fa/authenticate/", {"code": code}).content.decode()


def test_wrong_codes_are_limited(client, publisher):
    secret = enrol_app(publisher)
    sign_in(client, publisher)
    for _time in range(5):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    response = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert "Too many failed login attempts" in response.content.decode()


def test_a_desk_may_do_without(client, publisher, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    sign_in(client, publisher)
    assert client.get("/admin/practices/measure/").status_code == 200
