"""What every request and response of the portal passes through."""

import re

import brotli
from django.conf import settings
from django.middleware.gzip import GZipMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers

try:
    from compression import zstd  # Python 3.14
except ImportError:
    from backports import zstd

# In the order in which they are preferred. A client that says `br;q=0` does not take it.
TAKES = {
    name: re.compile(rf"(?:^|,)\s*{name}\s*(?:$|,|;(?!\s*q\s*=\s*0(?:\.0*)?\s*(?:$|,)))", re.IGNORECASE)
    for name in ("zstd", "br", "gzip")
}

# Brotli takes half the time at 3 that it does at 4, for pages a twentieth larger; zstd at 3 less than half of that, for
# two in a hundred more. Files are compressed once, by WhiteNoise, at the best.
BROTLI_QUALITY = ZSTD_LEVEL = 3
STREAM_WINDOW = 20  # brotli looks back over 2**20 bytes of a stream, and needs memory for them


def encoding_for(request):
    """How ``CompressionMiddleware`` compresses pages for a ``request``: ``zstd``, ``br``, ``gzip`` or ``""``."""
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
    """Compress pages with zstd or brotli for the clients that take it, with gzip for the rest; what is streamed, part
    by part.

    A part that cannot be made ends the answer there, without the mark that ends what is compressed.
    """

    MINIMUM_BYTES = 200
    # These are compressed already.
    COMPRESSED = ("application/zip", "application/vnd.openxmlformats-officedocument.", "image/png")

    def process_response(self, request, response):
        encoding = encoding_for(request)
        if not encoding or response.headers.get("Content-Type", "").startswith(self.COMPRESSED):
            patch_vary_headers(response, ("Accept-Encoding",))
            return response
        is_short = not response.streaming and len(response.content) < self.MINIMUM_BYTES
        if is_short or response.has_header("Content-Encoding") or encoding == "gzip":
            return super().process_response(request, response)
        patch_vary_headers(response, ("Accept-Encoding",))
        whole, parts = WAYS[encoding]
        if response.streaming:
            response.streaming_content = parts(response.streaming_content)
            del response.headers["Content-Length"]
        else:
            response.content = whole(response.content)
            response.headers["Content-Length"] = str(len(response.content))
        response.headers["Content-Encoding"] = encoding
        etag = response.headers.get("ETag", "")
        if etag.startswith('"'):  # a strong one would promise the same bytes as without compression
            response.headers["ETag"] = f"W/{etag}"
        return response


# Each of some parts is compressed and sent at once: left to themselves, compressors wait for megabytes.


def _brotli_parts(parts):
    compressor = brotli.Compressor(quality=BROTLI_QUALITY, lgwin=STREAM_WINDOW)
    for part in parts:
        yield compressor.process(part) + compressor.flush()
    yield compressor.finish()


def _zstd_parts(parts):
    compressor = zstd.ZstdCompressor(level=ZSTD_LEVEL)
    for part in parts:
        yield compressor.compress(part, mode=compressor.FLUSH_BLOCK)
    yield compressor.flush()


# How a page is compressed whole, and how in parts.
WAYS = {
    "zstd": (lambda content: zstd.compress(content, level=ZSTD_LEVEL), _zstd_parts),
    "br": (lambda content: brotli.compress(content, quality=BROTLI_QUALITY), _brotli_parts),
}
