"""What a page says, in 64 characters: equal for two visits to a page that did not change."""

import hashlib
import re

NAMES = b"script|style|template|noscript|svg"
# Where begins and where ends what readers do not see; and tags, or what would be tags if they ended. None of these
# passes over the same bytes twice, or a hostile page would take minutes.
UNSEEN = re.compile(rb"<(!--|(?:NAMES)\b)|</(NAMES)\b[^<>]*>?|--(>)".replace(b"NAMES", NAMES), re.IGNORECASE)
TAGS = re.compile(rb"(?:<[^<>]*+>?+)++")


def digest_of(body, content_type):
    """SHA-256, in hexadecimal, of ``body`` (bytes): of HTML its words alone, of anything else every byte.

    Scripts, styles, comments, tags with their attributes and the space between words do not count: tokens,
    counters and dates of making in them change with each visit.
    """
    if content_type.partition(";")[0].strip().lower() in ("text/html", "application/xhtml+xml"):
        body = b" ".join(TAGS.sub(b" ", _seen(body)).split())
    return hashlib.sha256(body).hexdigest()


def _seen(html):
    """``html`` without the elements that readers do not see, and without comments."""
    seen, begin, unseen = [], 0, None
    for mark in UNSEEN.finditer(html):
        opened, closed, ended = mark.groups()
        if unseen is None and opened:
            seen.append(html[begin : mark.start()])
            unseen = b">" if opened == b"!--" else opened.lower()
        elif unseen is not None and unseen == (ended or (closed or b"").lower()):
            begin, unseen = mark.end(), None
    if unseen is None:
        seen.append(html[begin:])
    return b" ".join(seen)
