"""The pictures that other sites show beside a link: 1200 by 630 pixels, a title and a few facts, in our blue."""

from functools import cache
from io import BytesIO
from pathlib import Path

import unfold
from PIL import Image, ImageDraw, ImageFont

from practices.citing import PORTAL_NAME

SIZE = WIDTH, HEIGHT = 1200, 630
MARGIN = 72
BLUE = (11, 79, 138)
# Drawn as shades from 0, the blue, to 255, white; a picture of 16 of them takes a few kilobytes.
WHITE, SOFT, LINE = 255, 204, 102
SHADES = 16
TITLE_SIZES = (68, 60, 52, 44)
MOST_LINES = 4
# The desk's own font has Latin, Greek and Cyrillic letters. A system may have fonts for the other scripts.
OURS = Path(unfold.__file__).parent / "static/unfold/fonts/inter"
FONTS = {
    "bold": [f"{OURS}/Inter-Bold.woff2", "DejaVuSans-Bold.ttf", "NotoSansArabic-Bold.ttf", "NotoSansCJK-Bold.ttc"],
    "medium": [f"{OURS}/Inter-Medium.woff2", "DejaVuSans.ttf", "NotoSansArabic-Medium.ttf", "NotoSansCJK-Medium.ttc"],
}


def picture(titles, above, below):
    """A PNG, as bytes: the first of ``titles`` that fonts at hand can write, as large as fits; a line above and below.

    The last of ``titles`` is in Latin letters.
    """
    title = next((title for title in titles if _font(title, "bold", TITLE_SIZES[0])), titles[-1])
    image = Image.new("L", SIZE, 0)
    draw = ImageDraw.Draw(image)
    _write(draw, above, y=MARGIN, size=34, shade=SOFT)
    lines, font = _fitted(title)
    y = 150
    for line in lines:
        draw.text((MARGIN, y), line, font=font, fill=WHITE)
        y += font.size * 1.22
    _write(draw, below, y=478, size=34, shade=WHITE)
    draw.line([(MARGIN, 545), (WIDTH - MARGIN, 545)], fill=LINE, width=2)
    _logo(draw, MARGIN, 562)
    _write(draw, PORTAL_NAME, y=567, size=28, shade=WHITE, x=MARGIN + 52, weight="bold")
    return _png(image)


def _write(draw, text, *, y, size, shade, x=MARGIN, weight="medium"):
    font = _font(text, weight, size)
    if font:
        draw.text((x, y), _cut(_wrapped(text, font, WIDTH - MARGIN - x), 1, font)[0], font=font, fill=shade)


def _fitted(title):
    """The lines of a title in the largest size that takes few enough of them, and its font."""
    for size in TITLE_SIZES:
        font = _font(title, "bold", size)
        lines = _wrapped(title, font, WIDTH - 2 * MARGIN)
        if len(lines) <= MOST_LINES:
            break
    return _cut(lines, MOST_LINES, font), font


def _cut(lines, most, font):
    """At most so many ``lines``, the last with an ellipsis in place of the words that do not fit."""
    if len(lines) <= most:
        return lines
    last = lines[most - 1]
    while font.getlength(f"{last} …") > WIDTH - 2 * MARGIN:
        last = last.rpartition(" ")[0] or last[:-1]
    return [*lines[: most - 1], f"{last} …"]


def _wrapped(text, font, width):
    """``text`` in lines of at most ``width`` pixels, broken at spaces, or within what is too long for a line."""
    lines, line = [], ""
    for word in text.split():
        if font.getlength(f"{line} {word}".strip()) <= width:
            line = f"{line} {word}".strip()
            continue
        if line:
            lines.append(line)
        while font.getlength(word) > width:
            length = next(n for n in range(len(word) - 1, 0, -1) if font.getlength(word[:n]) <= width)
            lines.append(word[:length])
            word = word[length:]
        line = word
    return [*lines, line] if line else lines


def _font(text, weight, size):
    """The first font that has all letters of ``text``, or None."""
    letters = {char for char in text if not char.isspace()}
    for name in FONTS[weight]:
        font = _opened(name, size)
        if font and not any(_is_missing(name, char) for char in letters):
            return font
    return None


@cache
def _opened(name, size):
    try:
        return ImageFont.truetype(name, size)
    except OSError:  # not on this system
        return None


@cache
def _is_missing(name, char):
    """Whether a font draws the box of an unknown letter."""
    font = _opened(name, 20)
    return bytes(font.getmask(char)) == bytes(font.getmask("\uffff"))


def _logo(draw, x, y):
    """The logo, three stations linked to a fourth, 40 pixels wide: as in ``static/img/favicon.svg``."""
    top, left, right, bottom = ((x + 20, y + 6), (x + 6, y + 20), (x + 34, y + 20), (x + 20, y + 34))
    for end in (left, right, bottom):
        draw.line([top, end], fill=WHITE, width=4)
    draw.line([left, bottom], fill=WHITE, width=3)
    for station in (top, left, right, bottom):
        draw.circle(station, 5, fill=WHITE)


def _png(image):
    step = 255 // (SHADES - 1)
    image = image.point([round(shade / step) for shade in range(256)])
    parts = [shade / (SHADES - 1) for shade in range(SHADES)]
    image.putpalette([round(blue + (255 - blue) * part) for part in parts for blue in BLUE])
    written = BytesIO()
    image.save(written, "PNG", optimize=True, bits=4)
    return written.getvalue()
