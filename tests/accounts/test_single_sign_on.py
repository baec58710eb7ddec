"""Single sign-on opens accounts that were invited, and makes none."""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter

from accounts.models import User
from tests.accounts.people import enrol_app, person

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/oidc/sso/login/"


@pytest.fixture
def server(settings, monkeypatch):
    """A server that says who somebody is: what it tells of them is in the dictionary."""
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": "The Authority",
                    "client_id": "portal",
                    "secret": "secret",
                    "settings": {"server_url": "https://sso.example"},
                }
            ]
        }
    }
    places = {
        "authorization_endpoint": "https://sso.example/authorize",
        "token_endpoint": "https://sso.example/token",
        "userinfo_endpoint": "https://sso.example/me",
    }
    told = {"sub": "42", "email": "Amina@example.org", "email_verified": True}
    monkeypatch.setattr(OpenIDConnectOAuth2Adapter, "openid_config", places)
    monkeypatch.setattr(OpenIDConnectOAuth2Adapter, "_fetch_user_info", lambda self, token: told)
    monkeypatch.setattr(OAuth2Client, "get_access_token", lambda *args, **kwargs: {"access_token": "token"})
    return told


def come_back(client, **query):
    """Go to the server and come back from it. Returns the last page."""
    leaving = client.get(LOGIN, query)
    assert leaving.headers["Location"].startswith("https://sso.example/authorize?")
    state = parse_qs(urlsplit(leaving.headers["Location"]).query)["state"][0]
    return client.get(f"{LOGIN}callback/", {"code": "code", "state": state})


def test_it_is_off_unless_a_server_is_named(client):
    assert "oidc" not in client.get("/accounts/login/").content.decode()
    assert client.get(LOGIN).status_code == 404


def test_it_is_offered_where_people_sign_in(client, server):
    body = client.get("/accounts/login/").content.decode()
    assert f'href="{LOGIN}' in body
    assert "The Authority" in body


def test_an_invited_address_is_let_in(client, server):
    amina = person("editor", email="amina@example.org")
    assert come_back(client).headers["Location"] == "/admin/"
    assert client.get("/admin/practices/measure/").status_code == 200
    assert SocialAccount.objects.get().user == amina


def test_an_address_that_was_not_invited_gets_no_account(client, server):
    response = come_back(client)
    assert "Accounts are by invitation" in response.content.decode()
    assert not User.objects.exists()


def test_an_address_that_the_server_has_not_verified_opens_nothing(client, server):
    person("editor", email="amina@example.org")
    server["email_verified"] = False
    come_back(client)
    assert client.get("/admin/").status_code == 302
    assert not SocialAccount.objects.exists()


def test_an_account_that_was_switched_off_is_not_let_in(client, server):
    person("editor", email="amina@example.org", is_active=False)
    come_back(client)
    assert client.get("/admin/").status_code == 302


def test_nobody_ties_a_foreign_account_to_theirs(client, server):
    client.force_login(person("editor", email="ben@example.org"))
    come_back(client, process="connect")
    assert not SocialAccount.objects.exists()


def test_the_second_factor_is_asked_for_all_the_same(client, server):
    enrol_app(person("publisher", email="amina@example.org"))
    assert come_back(client).headers["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/admin/").status_code == 302
