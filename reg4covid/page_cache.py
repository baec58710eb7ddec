"""Public pages, made once: they change with the catalogue, the day and the release, and with nothing else."""

import datetime
import hashlib
import threading

from cachetools import LRUCache
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.utils.cache import add_never_cache_headers, get_conditional_response, patch_vary_headers
from django.utils.http import http_date

from practices import catalogue
from practices.querysets import today
from reg4covid.middleware import encoding_for
from reg4covid.release import release

# Readers ask each time whether a page is still the latest; a cache in front asks once a minute, and keeps its copies
# up for a week when the portal cannot answer.
CACHE_CONTROL = "public, max-age=0, s-maxage=60, stale-while-revalidate=60, stale-if-error=604800"
RETRY_SECONDS = 10


class PageCacheMiddleware:
    """Answer for public pages that have not changed: 304 where the reader has the page, else the page as it was made.

    That costs one query, the catalogue's version. ``request.catalogue`` is the ``Catalogue`` that a page is to be
    made from. Only what ``reg4covid.pages.PublicPage`` marks is stored; in DEBUG nothing is, so that a change of a
    template shows. The pages of accounts, some of which hold secrets, are stored by nobody.
    What is streamed may be of any length: it is made again for each reader who does not have it.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.pages = LRUCache(settings.PAGE_CACHE_BYTES, getsizeof=lambda page: len(page[0]))
        self.lock = threading.Lock()
        self.not_public = (f"/{settings.STATIC_URL.strip('/')}/", "/accounts/", "/admin/", "/health/")
        release()  # of the code that has been read, and not of what a later deployment puts in its place

    def __call__(self, request):
        is_page = request.method in ("GET", "HEAD") and not request.path_info.startswith(self.not_public)
        if not is_page and not connection.is_usable():
            connection.close()  # the database has ended it; pages find that out when they read the version
        if request.path_info.startswith("/accounts/"):
            response = self.get_response(request)
            add_never_cache_headers(response)
            return response
        if not is_page:
            return self.get_response(request)
        try:
            request.catalogue = catalogue.current()
        except catalogue.NotReadyError:
            return _not_ready()
        if settings.DEBUG:
            return _for_method(request, self.get_response(request))
        validators = _validators(request)
        if unchanged := get_conditional_response(request, etag=validators["ETag"]):
            for name, value in validators.items():
                unchanged.headers[name] = value
            patch_vary_headers(unchanged, ["Accept-Encoding"])
            return unchanged
        key = validators["ETag"], encoding_for(request)
        response = self._stored(key) or self._made(request, key, validators)
        return _for_method(request, response)

    def _stored(self, key):
        """Return the response with a page that was made before, or None."""
        with self.lock:
            page = self.pages.get(key)
        return page and HttpResponse(page[0], headers=page[1])

    def _made(self, request, key, validators):
        """Return the response of the view, and store it where it may be."""
        response = self.get_response(request)
        is_public = getattr(response, "is_public_page", False)
        if is_public and response.status_code == 301:
            response.headers["Cache-Control"] = CACHE_CONTROL
        elif not is_public or response.status_code != 200:
            response.headers.setdefault("Cache-Control", "no-store")  # what is missing may be there the next moment
        else:
            for name, value in validators.items():
                response.headers[name] = value
            if not response.streaming and len(response.content) <= self.pages.maxsize:
                with self.lock:
                    self.pages[key] = response.content, dict(response.headers)
        return response


def _for_method(request, response):
    """Return the headers alone to whoever asks for these; what would be streamed is not even begun."""
    if request.method == "HEAD" and response.streaming:
        response.streaming_content = ()
    elif request.method == "HEAD":
        response.content = b""
    return response


def _validators(request):
    """Return the headers by which a reader or a cache knows a page. The ETag is weak: compressed pages have it too."""
    shown, day = request.catalogue, today()
    names = [release(), shown.status["catalogue"], shown.version, shown.changed_at, day, request.get_full_path()]
    etag = f'W/"{hashlib.blake2b(repr(names).encode(), digest_size=12).hexdigest()}"'
    midnight = datetime.datetime.combine(day, datetime.time(), datetime.UTC)
    modified = http_date(max(midnight, shown.changed_at or midnight).timestamp())
    return {"ETag": etag, "Last-Modified": modified, "Cache-Control": CACHE_CONTROL}


def _not_ready():
    """Return the answer while the index is being built, which takes longer than a reader waits."""
    return HttpResponse(
        "The catalogue is being prepared. Please try again in a moment.",
        status=503,
        content_type="text/plain; charset=utf-8",
        headers={"Retry-After": str(RETRY_SECONDS), "Cache-Control": "no-store"},
    )
