"""Public pages, made once: they change with the catalogue, the day and the release, and with nothing else."""

import contextlib
import datetime
import hashlib
import threading
from functools import lru_cache

from cachetools import LRUCache
from django.conf import settings
from django.http import HttpResponse, HttpResponseNotModified
from django.utils.cache import add_never_cache_headers
from django.utils.http import http_date, parse_etags

from practices import catalogue
from practices.querysets import today
from reg4covid.middleware import encoding_for
from reg4covid.release import release

# Readers ask each time whether a page is still the latest; a cache in front asks once a minute, and keeps its copies
# up for a week when the portal cannot answer.
CACHE_CONTROL = "public, max-age=0, s-maxage=60, stale-while-revalidate=60, stale-if-error=604800"

# Threads that make pages at once take the interpreter from each other in the middle of them, which costs all of them:
# lists come a sixth slower, the slowest a quarter later. So a page waits for the one before it, but not for a slow one.
TURN_SECONDS = 0.1

# What Django puts on a request that refers to it again: with that, all that a page was made from would stay in memory
# until Python looks for such circles, the catalogue as it was among them.
CIRCULAR = ("user", "auser", "_messages")


class PageCacheMiddleware:
    """Answer for public pages that have not changed: 304 where the reader has the page, else the page as it was made.

    That costs one query, the catalogue's version. ``request.catalogue`` is the ``Snapshot`` that a page is to be
    made from. Only what ``reg4covid.pages.PublicPage`` marks is kept; in DEBUG nothing is, so that a change of a
    template shows. The pages of accounts, some of which hold secrets, are kept by nobody.
    What is streamed may be of any length: it is made anew for each reader who does not have it.
    A process makes one page at a time, and one that several ask for at once only once.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.pages = LRUCache(settings.PAGE_CACHE_BYTES, getsizeof=lambda page: len(page[0]))
        self.lock = threading.Lock()
        self.turn = threading.Lock()
        self.not_public = (f"/{settings.STATIC_URL.strip('/')}/", "/admin/")

    def __call__(self, request):
        if request.path_info.startswith("/accounts/"):
            response = self.get_response(request)
            add_never_cache_headers(response)
            return response
        if request.path_info.startswith(self.not_public) or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        request.catalogue = catalogue.current()
        if settings.DEBUG:
            return _for_method(request, self.get_response(request))
        day = today()
        etag = _etag(request, day)
        known = request.headers.get("If-None-Match", "")
        if any(tag.removeprefix("W/") == etag.removeprefix("W/") for tag in parse_etags(known)):
            return HttpResponseNotModified(headers=_validators(request, day, etag) | {"Vary": "Accept-Encoding"})
        key = etag, encoding_for(request)
        if kept := self._kept(key):
            return _for_method(request, kept)
        with self._turn():
            response = self._kept(key) or self._made(request, day, etag, key)
        return _for_method(request, response)

    @contextlib.contextmanager
    def _turn(self):
        """After the page that is being made, or beside it where it takes longer than ``TURN_SECONDS``."""
        is_mine = self.turn.acquire(timeout=TURN_SECONDS)
        try:
            yield
        finally:
            if is_mine:
                self.turn.release()

    def _kept(self, key):
        """The response with a page that was made, or None."""
        with self.lock:
            page = self.pages.get(key)
        return page and HttpResponse(page[0], headers=page[1])

    def _made(self, request, day, etag, key):
        """The response of the view, kept where it may be."""
        response = self.get_response(request)
        for name in CIRCULAR:
            vars(request).pop(name, None)
        is_public = getattr(response, "is_public_page", False)
        if is_public and response.status_code == 301:
            response.headers["Cache-Control"] = CACHE_CONTROL
        elif not is_public or response.status_code != 200:
            response.headers.setdefault("Cache-Control", "no-store")  # what is missing may be there the next moment
        else:
            for name, value in _validators(request, day, etag).items():
                response.headers[name] = value
            if not response.streaming and len(response.content) <= self.pages.maxsize:
                with self.lock:
                    self.pages[key] = response.content, dict(response.headers)
        return response


def _for_method(request, response):
    """Whoever asks for the headers alone gets those of the page; what would be streamed is not even begun."""
    if request.method == "HEAD" and response.streaming:
        response.streaming_content = ()
    elif request.method == "HEAD":
        response.content = b""
    return response


def _etag(request, day):
    """A weak one: the same page compressed in another way has it too."""
    shown = request.catalogue
    names = [release(), shown.version, shown.changed_at, shown.is_behind, day, request.get_full_path()]
    return f'W/"{hashlib.blake2b(repr(names).encode(), digest_size=12).hexdigest()}"'


def _validators(request, day, etag):
    modified = _last_modified(day, request.catalogue.changed_at)
    return {"ETag": etag, "Last-Modified": modified, "Cache-Control": CACHE_CONTROL}


@lru_cache(8)
def _last_modified(day, changed_at):
    midnight = datetime.datetime.combine(day, datetime.time(), datetime.UTC)
    return http_date(max(midnight, changed_at or midnight).timestamp())
