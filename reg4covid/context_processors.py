"""What every template may name."""

from django.conf import settings


def site(request):
    """Return who runs this portal, where it lives, and whether it serves this machine alone."""
    return {
        "site_url": settings.SITE_URL,
        "operator_name": settings.OPERATOR_NAME,
        "contact_email": settings.CONTACT_EMAIL,
        "is_local": settings.LOCAL,
    }
