import gzip

import brotli
import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.utils import translation

from reg4covid.middleware import CompressionMiddleware, PathLanguageMiddleware, zstd

TEXT = "Networks stayed up. " * 50


def ask(rf, respond=lambda: HttpResponse(TEXT), **headers):
    return CompressionMiddleware(lambda request: respond())(rf.get("/", headers=headers))


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("/", "en"),
        ("/measures/", "en"),
        ("/fr/measures/", "fr"),
        ("/zh-hans/", "zh-hans"),
        ("/ar/", "ar"),
        ("/de/measures/", "en"),
        ("/french/", "en"),
    ],
)
def test_the_address_alone_decides_the_language(rf, path, language):
    seen = []

    def respond(request):
        seen.append((translation.get_language(), request.LANGUAGE_CODE))
        return HttpResponse(TEXT)

    request = rf.get(path, headers={"Accept-Language": "ru"})
    request.COOKIES["django_language"] = "es"
    response = PathLanguageMiddleware(respond)(request)
    assert seen == [(language, language)]
    assert response["Content-Language"] == language
    assert "Vary" not in response
    assert translation.get_language() == "en"


def test_a_page_may_name_its_own_language(rf):
    respond = PathLanguageMiddleware(lambda request: HttpResponse(TEXT, headers={"Content-Language": "ru"}))
    assert respond(rf.get("/fr/"))["Content-Language"] == "ru"


@pytest.mark.parametrize("accepted", ["zstd", "gzip, deflate, br, zstd", "ZSTD;q=0.5, br"])
def test_pages_are_compressed_with_zstd_where_it_is_taken(rf, accepted):
    response = ask(rf, **{"Accept-Encoding": accepted})
    assert (response["Content-Encoding"], response["Vary"]) == ("zstd", "Accept-Encoding")
    assert zstd.decompress(response.content).decode() == TEXT
    assert int(response["Content-Length"]) == len(response.content) < len(TEXT)


@pytest.mark.parametrize(
    "accepted", ["br", "gzip, deflate, br", "gzip;q=0.5, br;q=1.0", "BR", "br;q=0.1,gzip", "br, zstd;q=0"]
)
def test_pages_are_compressed_with_brotli_where_it_is_taken_and_zstd_is_not(rf, accepted):
    response = ask(rf, **{"Accept-Encoding": accepted})
    assert (response["Content-Encoding"], response["Vary"]) == ("br", "Accept-Encoding")
    assert brotli.decompress(response.content).decode() == TEXT
    assert int(response["Content-Length"]) == len(response.content) < len(TEXT)


@pytest.mark.parametrize("accepted", ["gzip", "gzip, br;q=0", "br; q=0.00, gzip", "gzip, abr", "brotli, gzip"])
def test_pages_are_compressed_with_gzip_for_the_rest(rf, accepted):
    response = ask(rf, **{"Accept-Encoding": accepted})
    assert (response["Content-Encoding"], response["Vary"]) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(response.content).decode() == TEXT


@pytest.mark.parametrize("accepted", ["", "identity", "br;q=0", "zstd;q=0"])
def test_who_takes_none_gets_the_page_as_it_is(rf, accepted):
    response = ask(rf, **{"Accept-Encoding": accepted})
    assert "Content-Encoding" not in response
    assert response.content.decode() == TEXT


@pytest.mark.parametrize("accepted", ["zstd", "br", "gzip"])
def test_short_answers_and_compressed_ones_are_left_alone(rf, accepted):
    short = ask(rf, lambda: HttpResponse("short"), **{"Accept-Encoding": accepted})
    assert (short.content, "Content-Encoding" in short) == (b"short", False)
    packed = gzip.compress(TEXT.encode() * 9, compresslevel=0)
    response = ask(
        rf, lambda: HttpResponse(packed, headers={"Content-Encoding": "gzip"}), **{"Accept-Encoding": accepted}
    )
    assert response.content == packed


@pytest.mark.parametrize(
    ("accepted", "decompress"),
    [("zstd, br", zstd.decompress), ("br, gzip", brotli.decompress), ("gzip", gzip.decompress)],
)
def test_a_stream_stays_a_stream(rf, accepted, decompress):
    response = ask(rf, lambda: StreamingHttpResponse([TEXT.encode()] * 3), **{"Accept-Encoding": accepted})
    assert response.streaming
    assert decompress(b"".join(response)).decode() == TEXT * 3


@pytest.mark.parametrize("accepted", ["zstd", "br", "gzip"])
def test_an_etag_does_not_promise_the_same_bytes_compressed_or_not(rf, accepted):
    response = ask(rf, lambda: HttpResponse(TEXT, headers={"ETag": '"v1"'}), **{"Accept-Encoding": accepted})
    assert response["ETag"] == 'W/"v1"'


def parts_then(error=None):
    yield from (TEXT.encode(), TEXT.encode())
    if error:
        raise error


@pytest.mark.parametrize(
    ("encoding", "reading"),
    [("zstd", lambda: zstd.ZstdDecompressor().decompress), ("br", lambda: brotli.Decompressor().process)],
)
def test_what_is_streamed_is_compressed_part_by_part_as_it_comes(rf, encoding, reading):
    response = ask(rf, lambda: StreamingHttpResponse(parts_then()), **{"Accept-Encoding": f"gzip, {encoding}"})
    assert (response["Content-Encoding"], response["Vary"]) == (encoding, "Accept-Encoding")
    read = reading()
    assert [read(part).decode() for part in response.streaming_content] == [TEXT, TEXT, ""]


@pytest.mark.parametrize(
    ("encoding", "decompress", "error"),
    [("zstd", zstd.decompress, zstd.ZstdError), ("br", brotli.decompress, brotli.error)],
)
def test_a_stream_that_fails_does_not_end_as_one_that_is_whole(rf, encoding, decompress, error):
    response = ask(rf, lambda: StreamingHttpResponse(parts_then(OSError("gone"))), **{"Accept-Encoding": encoding})
    received = []
    with pytest.raises(OSError, match="gone"):
        received.extend(response.streaming_content)
    with pytest.raises(error):
        decompress(b"".join(received))


@pytest.mark.parametrize("media_type", ["application/zip", "image/png"])
def test_what_is_compressed_already_stays_as_it_is(rf, media_type):
    response = ask(rf, lambda: HttpResponse(TEXT, content_type=media_type), **{"Accept-Encoding": "gzip, br"})
    assert (response.content.decode(), response["Vary"]) == (TEXT, "Accept-Encoding")
    assert not response.has_header("Content-Encoding")
