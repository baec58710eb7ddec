"""Signing in and out, one's password, and that nobody makes an account for themselves."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command

from accounts.models import User
from tests.accounts.people import PASSWORD, person, sign_in
from tests.factories import UserFactory, make_measure

pytestmark = pytest.mark.django_db


def test_whoever_comes_to_the_desk_signs_in_and_goes_on_where_they_wanted_to(client):
    editor = person("editor")
    response = client.get("/admin/practices/measure/", follow=True)
    assert response.redirect_chain[-1][0] == "/accounts/login/?next=/admin/practices/measure/"
    response = sign_in(client, editor, next="/admin/practices/measure/")
    assert response.headers["Location"] == "/admin/practices/measure/"
    assert client.get("/admin/practices/measure/").status_code == 200


def test_signing_in_leads_to_no_other_site(client):
    assert sign_in(client, person("editor"), next="https://evil.example/").headers["Location"] == "/admin/"


def test_the_address_may_be_written_in_any_case(client):
    person("editor", email="Amina@example.org")
    assert client.post("/accounts/login/", {"login": "aMINA@Example.ORG", "password": PASSWORD}).status_code == 302


def test_after_five_wrong_passwords_the_right_one_has_to_wait(client):
    editor = person("editor")
    for _time in range(5):
        assert sign_in(client, editor, "wrong").status_code == 200
    body = sign_in(client, editor).content.decode()
    assert "Too many failed login attempts" in body
    assert client.get("/admin/").status_code == 302


def test_many_tries_from_one_place_are_stopped_whatever_the_account(client):
    answers = [sign_in(client, UserFactory.build(), "wrong") for _time in range(31)]
    assert answers[-1].status_code == 429
    assert "Wait a minute" in answers[-1].content.decode()


def test_an_account_that_was_switched_off_is_not_let_in(client):
    editor = person("editor", is_active=False)
    sign_in(client, editor)
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_signs_up(client, method):
    fields = {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}
    response = getattr(client, method)("/accounts/signup/", fields)
    assert "Accounts are by invitation" in response.content.decode()
    assert not User.objects.exists()


def test_a_forgotten_password_is_set_anew_by_a_link_that_works_once(client):
    editor = person("editor")
    client.post("/accounts/password/reset/", {"email": editor.email})
    link = re.search(r"http://\S+", mail.outbox[-1].body)[0]
    page = client.get(link, follow=True)
    fields = {"password1": "another and secret", "password2": "another and secret"}
    response = client.post(page.request["PATH_INFO"], fields)
    assert response.headers["Location"] == "/admin/"
    client.post("/accounts/logout/")
    assert sign_in(client, editor).status_code == 200
    assert sign_in(client, editor, "another and secret").status_code == 302
    client.post("/accounts/logout/")
    assert "link was invalid" in client.get(link, follow=True).content.decode()


def test_letters_about_an_account_name_the_portal_and_not_the_host_that_was_asked(client):
    editor = person("editor")
    client.post("/accounts/password/reset/", {"email": editor.email})
    sign_in(client, editor)
    fields = {"oldpassword": PASSWORD, "password1": "another and secret", "password2": "another and secret"}
    client.post("/accounts/password/change/", fields)
    asked, changed = mail.outbox
    assert asked.subject == "A new password for the editorial desk of Network Resiliency Practices"
    for letter in (asked, changed):
        assert "The editorial desk of Network Resiliency Practices\n" in letter.body
        assert "Hello from" not in letter.body


def test_strangers_who_ask_for_a_new_password_learn_nothing_and_get_no_letter(client):
    editor = person("editor")
    known = client.post("/accounts/password/reset/", {"email": editor.email})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert [letter.to for letter in mail.outbox] == [[editor.email]]


def test_a_password_is_changed_and_its_owner_is_told(client):
    editor = person("editor")
    sign_in(client, editor)
    fields = {"oldpassword": PASSWORD, "password1": "another and secret", "password2": "another and secret"}
    client.post("/accounts/password/change/", fields)
    editor.refresh_from_db()
    assert editor.check_password("another and secret")
    assert mail.outbox[-1].to == [editor.email]


def test_a_mail_server_that_is_down_does_not_keep_a_password_from_being_changed(client, settings, caplog):
    editor = person("editor")
    sign_in(client, editor)
    settings.MAILERS = {"default": {"OPTIONS": {"host": "127.0.0.1", "port": 9}}}
    fields = {"oldpassword": PASSWORD, "password1": "another and secret", "password2": "another and secret"}
    assert client.post("/accounts/password/change/", fields).status_code == 302
    assert "could not be told" in caplog.text


def test_createsuperuser_makes_an_account_that_signs_in(client, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", email="Root@example.org", interactive=False, verbosity=0)
    root = User.objects.get()
    assert EmailAddress.objects.filter(user=root, email="root@example.org", verified=True, primary=True).exists()
    sign_in(client, root)
    assert client.get("/admin/").status_code == 200


def test_a_changed_address_is_the_one_that_counts():
    user = UserFactory(email="old@example.org")
    user.email = "new@example.org"
    user.save()
    assert list(EmailAddress.objects.values_list("email", "verified")) == [("new@example.org", True)]


@pytest.mark.parametrize("is_local", [True, False])
def test_only_a_portal_of_ones_own_machine_says_how_to_make_an_account(client, settings, is_local):
    settings.LOCAL = is_local
    assert ("createsuperuser" in client.get("/accounts/login/").content.decode()) is is_local


@pytest.mark.parametrize(
    "address",
    ["login/", "signup/", "inactive/", "password/reset/", "password/reset/done/", "password/reset/key/1-none/", "2fa/"],
)
def test_pages_of_accounts_are_kept_by_nobody_and_load_nothing_from_elsewhere(client, address):
    response = client.get(f"/accounts/{address}")
    assert "no-store" in response.headers["Cache-Control"]
    assert "script-src" not in response.headers["Content-Security-Policy"]  # 'self', as on public pages
    assert not response.has_header("ETag")
    assert not re.search(r"<script(?! src=\"/static/)(?![^>]* type=\"application/json\")", response.content.decode())


def test_readers_get_no_session_and_cost_no_query_more(client, django_assert_num_queries):
    make_measure()
    first = client.get("/measures/")
    with django_assert_num_queries(1):
        again = client.get("/measures/")
    assert not first.cookies
    assert not again.cookies
    assert first["Vary"] == again["Vary"] == "Accept-Encoding"
