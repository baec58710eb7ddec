"""Invitations: a letter with a link on which somebody sets a password, once and within days."""

from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator


class LinkTokens(PasswordResetTokenGenerator):
    """Of invitations and of password resets alike. Used, or of an account that was switched off, they open nothing."""

    def check_token(self, user, token):
        return user.is_active and super().check_token(user, token)


def invite(user, *, by):
    """Send ``user`` the link. Raises ``OSError`` where the letter could not be handed over."""
    adapter = get_adapter()
    link = adapter.get_reset_password_from_key_url(f"{user_pk_to_url_str(user)}-{LinkTokens().make_token(user)}")
    days = settings.PASSWORD_RESET_TIMEOUT // (24 * 60 * 60)
    adapter.send_mail("account/email/invitation", user.email, {"user": user, "by": by, "link": link, "days": days})
