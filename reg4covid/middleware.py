"""What every request and response of the portal passes through."""

import re

import brotli
from django.conf import settings
from django.middleware.gzip import GZipMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers

# A client that says `br;q=0` does not take it.
TAKES = {
    name: re.compile(rf"(?:^|,)\s*{name}\s*(?:$|,|;(?!\s*q\s*=\s*0(?:\.0*)?\s*(?:$|,)))", re.IGNORECASE)
    for name in ("br", "gzip")
}


def encoding_for(request):
    """How ``CompressionMiddleware`` compresses a page for whoever sent ``request``: ``br``, ``gzip`` or ``""``."""
    accepted = request.headers.get("Accept-Encoding", "")
    return next((name for name, takes in TAKES.items() if takes.search(accepted)), "")


class PathLanguageMiddleware:
    """Show a page in the language that its address names, and in no other.

    Django's LocaleMiddleware asks cookies and Accept-Language too and so varies on both, which would
    keep shared caches from serving one address to everybody.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class CompressionMiddleware(GZipMiddleware):
    """Compress pages with brotli for the clients that take it, with gzip for the rest."""

    MINIMUM_BYTES = 200
    QUALITY = 4  # smaller than gzip's best in half the time; files are compressed once, by WhiteNoise, at 11

    def process_response(self, request, response):
        if response.headers.get("Content-Type") == "image/png":  # compressed already
            return response
        encoding = encoding_for(request)
        if not encoding:
            patch_vary_headers(response, ("Accept-Encoding",))
            return response
        if (
            response.streaming
            or len(response.content) < self.MINIMUM_BYTES
            or response.has_header("Content-Encoding")
            or encoding == "gzip"
        ):
            return super().process_response(request, response)
        patch_vary_headers(response, ("Accept-Encoding",))
        response.content = brotli.compress(response.content, quality=self.QUALITY)
        response.headers["Content-Length"] = str(len(response.content))
        response.headers["Content-Encoding"] = "br"
        etag = response.headers.get("ETag", "")
        if etag.startswith('"'):  # a strong one would promise the same bytes as without compression
            response.headers["ETag"] = f"W/{etag}"
        return response
