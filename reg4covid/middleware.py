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

STREAM_WINDOW = 20  # brotli looks back over 2**20 bytes of a stream, and needs memory for them


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
    """Compress pages with brotli for the clients that take it, with gzip for the rest; what is streamed, part by part.

    A part that cannot be made ends the answer there, without the mark that ends what is compressed.
    """

    MINIMUM_BYTES = 200
    # These are compressed already.
    COMPRESSED = ("application/zip", "application/vnd.openxmlformats-officedocument.", "image/png")
    QUALITY = 3  # a twentieth larger than at 4 in half the time; files are compressed once, by WhiteNoise, at 11

    def process_response(self, request, response):
        encoding = encoding_for(request)
        if not encoding or response.headers.get("Content-Type", "").startswith(self.COMPRESSED):
            patch_vary_headers(response, ("Accept-Encoding",))
            return response
        is_short = not response.streaming and len(response.content) < self.MINIMUM_BYTES
        if is_short or response.has_header("Content-Encoding") or encoding == "gzip":
            return super().process_response(request, response)
        patch_vary_headers(response, ("Accept-Encoding",))
        if response.streaming:
            response.streaming_content = _brotli_parts(response.streaming_content, self.QUALITY)
            del response.headers["Content-Length"]
        else:
            response.content = brotli.compress(response.content, quality=self.QUALITY)
            response.headers["Content-Length"] = str(len(response.content))
        response.headers["Content-Encoding"] = "br"
        etag = response.headers.get("ETag", "")
        if etag.startswith('"'):  # a strong one would promise the same bytes as without compression
            response.headers["ETag"] = f"W/{etag}"
        return response


def _brotli_parts(parts, quality):
    """Each of ``parts`` compressed and sent at once: left to itself, brotli waits for megabytes."""
    compressor = brotli.Compressor(quality=quality, lgwin=STREAM_WINDOW)
    for part in parts:
        yield compressor.process(part) + compressor.flush()
    yield compressor.finish()
