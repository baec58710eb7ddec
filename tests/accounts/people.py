"""People with roles, their passwords and their authenticator apps."""

import time

from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.auth.models import Group

from tests.factories import UserFactory

PASSWORD = "long and secret"  # noqa: S105


def person(role, **fields):
    """Somebody of the desk with a role, who signs in with ``PASSWORD``."""
    user = UserFactory(password=PASSWORD, **fields)
    user.groups.add(Group.objects.get(name=role))
    return user


def enrol_app(user):
    """Let ``user`` have an authenticator app. Returns its secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def code_of(secret):
    """What an authenticator app with ``secret`` shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def sign_in(client, user, password=PASSWORD, **fields):
    return client.post("/accounts/login/", {"login": user.email, "password": password, **fields})
