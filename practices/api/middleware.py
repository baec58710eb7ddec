"""What every request of the API passes through: scripts of any site may read it, and nobody may ask without end."""

import ipaddress
import logging
import math
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from redis.exceptions import RedisError
from rest_framework.throttling import BaseThrottle

from practices.api import PREFIX
from practices.api.problems import problem

logger = logging.getLogger(__name__)

METHODS = "GET, HEAD, OPTIONS"
DAY = 86_400  # seconds for which a browser need not ask again
# Django-cors-headers would do the same with settings for cookies and for certain sites, which there are not here.
OPEN = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Last-Modified, Link, Retry-After",
}
PREFLIGHT = {
    "Allow": METHODS,
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "Accept, Accept-Language, Content-Type, If-Modified-Since, If-None-Match",
    "Access-Control-Max-Age": str(DAY),
}


class ApiMiddleware:
    """Let the scripts of any site read the API, and answer 429 to a client that has asked as much as it may."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        if request.method == "OPTIONS":
            response = HttpResponse(status=204, headers=PREFLIGHT)
        elif wait := seconds_to_wait(request):
            detail = f"These are too many requests from one address. Ask again in {wait} s."
            response = problem(429, detail, headers={"Retry-After": str(wait), "Cache-Control": "no-store"})
        else:
            response = self.get_response(request)
        for name, value in OPEN.items():
            response.headers[name] = value
        return response


def seconds_to_wait(request):
    """Count one request; after how many seconds its client may ask again, 0 if it may go on.

    Each of ``API_LIMITS`` is of a span of so many seconds; spans begin at whole multiples. Counting is one step of the
    cache, so that workers which count at once miss nothing. Without its cache the API answers everybody.
    """
    client, now, wait = client_of(request), time.time(), 0
    for seconds, most in settings.API_LIMITS.items():
        span, passed = divmod(now, seconds)
        key = f"api:{client}:{seconds}:{int(span)}"
        try:
            cache.add(key, 0, seconds)
            count = cache.incr(key)
        except ValueError:  # it was dropped in between
            continue
        except RedisError:
            logger.exception("The cache does not answer, so the requests of the API are not counted.")
            return 0
        if count > most:
            wait = max(wait, math.ceil(seconds - passed))
    return wait


def client_of(request):
    """Whose request it is: the address, of IPv6 the network, all of whose addresses one host may have."""
    ident = BaseThrottle().get_ident(request)
    try:
        address = ipaddress.ip_address(ident)
    except ValueError:
        return "unknown"
    return ipaddress.ip_network((address, 64), strict=False) if address.version == 6 else address
