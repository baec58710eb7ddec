"""What counts as a change of a page."""

import time

import pytest

from practices.custody.digest import digest_of

HTML = "text/html; charset=utf-8"
PAGE = b"<html><script nonce='1'>a()</script><body class=x><p>It lent  spectrum.</p><!-- 12:00 --></body></html>"


@pytest.mark.parametrize(
    "other",
    [
        PAGE.replace(b"nonce='1'", b"nonce='2'"),
        PAGE.replace(b"a()", b"if (1 < 2) b('</p>')"),
        PAGE.replace(b"12:00", b"12:01 <p>"),
        PAGE.replace(b"class=x", b"class=y"),
        PAGE.replace(b"lent  spectrum", b"lent\n\tspectrum"),
        PAGE.replace(b"<body", b"<STYLE>p > a {}</style ><body"),
    ],
)
def test_what_readers_do_not_see_is_no_change(other):
    assert other != PAGE
    assert digest_of(other, HTML) == digest_of(PAGE, HTML)


@pytest.mark.parametrize("other", [PAGE.replace(b"lent", b"sold"), PAGE + b"!", PAGE.replace(b"</script>", b""), b""])
def test_other_words_are_a_change(other):
    assert digest_of(other, HTML) != digest_of(PAGE, HTML)


def test_of_anything_but_a_page_every_byte_counts():
    assert digest_of(b"%PDF <b>", "application/pdf") != digest_of(b"%PDF <i>", "application/pdf")


@pytest.mark.parametrize("piece", [b"<", b"<script>", b"<!--", b"</script", b"-->", b"<a ", b"<script <!--"])
def test_no_page_takes_long_to_compare(piece):
    began = time.monotonic()
    digest_of(piece * (2 * 2**20 // len(piece)), HTML)
    assert time.monotonic() - began < 5
