"""The second factor: who needs one, and whether this session was signed in with it."""

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.urls import reverse

# Whoever may do one of these to what the public reads, or to the accounts of others.
NEEDING = ("practices.publish_measure", "accounts.change_user")


def is_missing(request):
    """Whether the user of ``request`` needs a second factor and has not signed in with one that still counts."""
    if not settings.REQUIRE_SECOND_FACTOR or not any(request.user.has_perm(name) for name in NEEDING):
        return False
    used = [record.get("id") for record in get_authentication_records(request, request.user)]
    return not Authenticator.objects.filter(user=request.user, pk__in=used).exists()


def page_for(user):
    """Where somebody whose second factor is missing shows it, or enrols one who has none."""
    ways = [way for way in get_adapter().get_reauthentication_methods(user) if way["id"].startswith("mfa_")]
    return ways[0]["url"] if ways else reverse("mfa_index")
