"""The least that Django can do: a view that answers as many bytes as it is told to, without any middleware.

What the portal is compared with as the limit of its server. BYTES says how many.
"""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import re_path

BODY = b"x" * int(os.environ.get("BYTES", "0"))

settings.configure(ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, SECRET_KEY="bare", USE_I18N=False)  # noqa: S106


def answer(request):
    return HttpResponse(BODY)


urlpatterns = [re_path("", answer)]
application = get_wsgi_application()
