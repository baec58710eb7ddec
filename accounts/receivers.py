"""What follows from a change of an account."""

from allauth.account.internal.flows.login import record_authentication
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator


def keep_address(instance, raw, update_fields, **kwargs):
    """Have the one address of an account where allauth looks for it (post_save of ``User``).

    It counts as verified: an administrator gave it, and nobody enters without the link that was sent there.
    """
    if not raw and (update_fields is None or "email" in update_fields):
        EmailAddress.objects.update_or_create(
            user=instance, defaults={"email": instance.email.lower(), "primary": True, "verified": True}
        )


def trust_new_factor(request, user, authenticator, **kwargs):
    """Who has just enrolled a second factor has shown it, and need not show it again (``authenticator_added``)."""
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, user, "mfa", id=authenticator.pk, type=authenticator.type)
