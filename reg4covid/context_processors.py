"""What every template may name."""

from django.conf import settings
from django.utils.translation import get_language_bidi


def site(request):
    """Who runs this portal, where it lives, whether for this machine alone, and which way its script runs."""
    return {
        "site_url": settings.SITE_URL,
        "operator_name": settings.OPERATOR_NAME,
        "contact_email": settings.CONTACT_EMAIL,
        "is_local": settings.LOCAL,
        "text_direction": "rtl" if get_language_bidi() else "ltr",
    }
