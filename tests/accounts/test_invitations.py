"""An administrator invites people, gives them roles and nothing beyond, and locks nobody out unawares."""

import datetime
import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.urls import reverse

from accounts.models import User
from tests.accounts.people import enrol_app, person, sign_in
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    """The client signed in as an administrator who is no superuser."""
    user = person("administrator", first_name="Ruth")
    client.force_login(user)
    return user


@pytest.fixture
def superuser(client):
    user = UserFactory(is_superuser=True)
    client.force_login(user)
    return user


def roles(*names):
    return list(Group.objects.filter(name__in=names).values_list("pk", flat=True))


def invite(client, email="amina@example.org", groups=("editor",), **fields):
    data = {"email": email, "first_name": "Amina", "groups": roles(*groups), **fields}
    return client.post(reverse("admin:accounts_user_add"), data, follow=True)


def change(client, user, **fields):
    data = {"email": user.email, "is_active": "on", "groups": [group.pk for group in user.groups.all()], **fields}
    return client.post(reverse("admin:accounts_user_change", args=[user.pk]), data, follow=True)


def link_of(letter):
    return re.search(r"http://\S+/accounts/\S+", letter.body)[0]


def set_password(client, link):
    page = client.get(link, follow=True)
    fields = {"password1": "another and secret", "password2": "another and secret"}
    return client.post(page.request["PATH_INFO"], fields)


def test_the_invited_gets_a_letter_sets_a_password_and_enters_the_desk(client, administrator):
    response = invite(client)
    assert "A letter went to amina@example.org" in response.content.decode()
    amina = User.objects.get(email="amina@example.org")
    assert (amina.is_staff, amina.has_usable_password(), amina.is_superuser) == (True, False, False)
    assert [group.name for group in amina.groups.all()] == ["editor"]
    letter = mail.outbox[-1]
    assert letter.to == ["amina@example.org"]
    assert "Ruth invites you" in letter.body
    assert "within 3 days" in letter.body
    client.logout()
    assert set_password(client, link_of(letter)).headers["Location"] == "/admin/"
    assert client.get("/admin/practices/measure/").status_code == 200


def test_the_link_ends_after_its_days_and_after_its_use(client, administrator):
    invite(client)
    link = link_of(mail.outbox[-1])
    client.logout()
    with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=4)):
        assert "link was invalid" in client.get(link, follow=True).content.decode()
    set_password(client, link)
    client.logout()
    assert "link was invalid" in client.get(link, follow=True).content.decode()


def test_the_link_of_an_account_that_was_switched_off_opens_nothing(client, administrator):
    invite(client)
    amina = User.objects.get(email="amina@example.org")
    change(client, amina, is_active="")
    client.logout()
    assert "link was invalid" in client.get(link_of(mail.outbox[-1]), follow=True).content.decode()


def test_the_letter_is_sent_again_from_the_page_of_the_account(client, administrator):
    invite(client)
    amina = User.objects.get(email="amina@example.org")
    response = change(client, amina, accounts_user_send_link="1")
    assert "A letter went to" in response.content.decode()
    assert len(mail.outbox) == 2
    client.logout()
    assert set_password(client, link_of(mail.outbox[-1])).status_code == 302


def test_a_letter_that_cannot_be_sent_leaves_the_account_and_is_said(client, administrator, settings):
    settings.MAILERS = {"default": {"OPTIONS": {"host": "127.0.0.1", "port": 9}}}
    assert "no letter could be sent to amina@example.org" in invite(client).content.decode()
    assert User.objects.filter(email="amina@example.org").exists()


def test_without_a_mail_server_the_desk_says_where_the_letter_is(client, administrator, settings, capsys):
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
    assert "stands in the log" in invite(client).content.decode()
    assert "/accounts/password/reset/key/" in capsys.readouterr().out


def test_an_account_without_a_role_is_refused(client, administrator):
    assert "Choose at least one role" in invite(client, groups=()).content.decode()
    assert not User.objects.filter(email="amina@example.org").exists()


def test_an_address_is_invited_once(client, administrator):
    UserFactory(email="amina@example.org")
    assert "exists already" in invite(client, email="Amina@example.org").content.decode()


def test_an_administrator_makes_nobody_a_superuser_and_grants_no_single_permission(client, administrator):
    permission = Permission.objects.get(codename="publish_measure")
    beyond = {"is_superuser": "on", "user_permissions": [permission.pk], "is_staff": "on"}
    invite(client, **beyond)
    amina = User.objects.get(email="amina@example.org")
    change(client, amina, **beyond)
    change(client, administrator, **beyond, groups=roles("publisher"))
    for user in (amina, administrator):
        user.refresh_from_db()
        assert not user.is_superuser
        assert not user.user_permissions.exists()
    assert [group.name for group in administrator.groups.all()] == ["administrator"]


def test_an_administrator_grants_no_group_that_is_no_role(client, administrator):
    other = Group.objects.create(name="everything")
    other.permissions.set(Permission.objects.all())
    assert "not one of the available choices" in invite(client, groups=("everything",)).content.decode()


def test_an_administrator_leaves_superusers_alone(client, administrator):
    root = UserFactory(is_superuser=True, email="root@example.org")
    enrol_app(root)
    page = client.get(reverse("admin:accounts_user_change", args=[root.pk])).content.decode()
    assert "send_link" not in page
    assert "remove_second_factor" not in page
    change(client, root, email="mine@example.org", accounts_user_remove_second_factor="1", is_active="")
    client.post(reverse("admin:accounts_user_delete", args=[root.pk]), {"post": "yes"})
    root.refresh_from_db()
    assert (root.email, root.is_active, Authenticator.objects.filter(user=root).exists()) == (
        "root@example.org",
        True,
        True,
    )


def test_nobody_changes_their_own_standing_or_deletes_themselves(client, superuser):
    change(client, superuser, is_active="", is_superuser="", groups=[])
    client.post(reverse("admin:accounts_user_delete", args=[superuser.pk]), {"post": "yes"})
    superuser.refresh_from_db()
    assert (superuser.is_active, superuser.is_superuser) == (True, True)


def test_a_superuser_makes_another(client, superuser):
    invite(client, groups=(), is_superuser="on")
    assert User.objects.get(email="amina@example.org").is_superuser


def test_nobody_sets_the_password_of_somebody_else(client, superuser):
    editor = person("editor")
    address = f"/admin/accounts/user/{editor.pk}/password/"
    client.post(address, {"password1": "known to two", "password2": "known to two"}, follow=True)
    client.logout()
    assert sign_in(client, editor).status_code == 302


def test_an_administrator_helps_who_lost_their_telephone(client, administrator, settings):
    publisher = person("publisher")
    enrol_app(publisher)
    change(client, publisher, accounts_user_remove_second_factor="1")
    assert not Authenticator.objects.filter(user=publisher).exists()
    settings.REQUIRE_SECOND_FACTOR = True
    client.logout()
    sign_in(client, publisher)
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/accounts/2fa/?next=/admin/"


def test_the_list_of_accounts_costs_the_same_however_long(client, administrator, django_assert_max_num_queries):
    for _time in range(3):
        person("publisher")
    with django_assert_max_num_queries(10):
        body = client.get(reverse("admin:accounts_user_changelist")).content.decode()
    assert body.count("publisher") >= 3
