"""The parts of a query: words, phrases in quotes, what a minus excludes, and ranges of frequencies."""

import re
from functools import lru_cache
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from practices.catalogue.analysis import Token, is_chinese, plain, tokens
from practices.catalogue.word_lists import stop_words

MAX_CHARACTERS = 200
MAX_WORDS = 12
MIN_PREFIX_CHARACTERS = 2
MAX_CODE_CHARACTERS = 3

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»〝〞「」＂", '"'))
# A quoted phrase, or what a minus excludes. A quote that is not closed reaches to the end.
_SPECIAL = re.compile(r'(?<!\S)[-−](?=["\w])(?:"[^"]*"?|\S+)|"[^"]*"?')
_UP_TO = re.compile(r"\s*(?:[-‐‑–—−…]|\bto\b|\bà\b|\ba\b|\bдо\b|\bإلى\b|至)\s*", re.IGNORECASE)
_EDGES = re.compile(r"[\d.,\u00a0\u2007\u2009\u202f ]*\d")


class Word(NamedTuple):
    """A word of a query. ``text`` has its accents, ``form`` has not; ``span`` is its place in the query.

    With ``is_prefix``, words that begin with it match too. With ``is_code`` it is typed like the code of a country: in
    capitals, or as three letters and nothing else. A stop word ("the") does not have to match. ``khz`` are the edges of
    the range of frequencies that it is an edge of.
    """

    text: str
    form: str
    span: tuple[int, int]
    is_prefix: bool = False
    is_code: bool = False
    is_stop: bool = False
    khz: tuple[int, int] | None = None


class ParsedQuery(NamedTuple):
    """A query in parts. ``runs`` are the words between phrases and what is excluded."""

    runs: tuple[tuple[Word, ...], ...]
    phrases: tuple[tuple[Word, ...], ...]
    excluded: tuple[tuple[Word, ...], ...]


def prepared(text: str) -> str:
    """Return ``text`` as spans count its characters: cut to the limit, with straight quotes."""
    return text[:MAX_CHARACTERS].translate(_QUOTES)


@lru_cache(1 << 10)
def parse(text: str) -> ParsedQuery:
    """Return the parts of a query. Any text is one."""
    text = prepared(text)
    runs, phrases, excluded = [], [], []
    # In a query that is all in capitals, capitals do not tell codes from words; but "US" is seldom a shouted "us".
    is_shouted = text.isupper() and not text.strip().isalpha()
    start = 0
    for match in _SPECIAL.finditer(text):
        runs.append(_words(text, start, match.start(), is_shouted))
        start = match.end()
        if found := tuple(word._replace(is_prefix=False) for word in _words(text, *match.span(), is_shouted)):
            (excluded if match[0][0] in "-−" else phrases).append(found)
    runs.append(_words(text, start, len(text), is_shouted))
    if phrases or any(not word.is_stop for run in runs for word in run):
        runs = [run for run in runs if any(not word.is_stop for word in run)]
    else:  # a query of nothing but stop words is about these
        runs = [tuple(word._replace(is_stop=False) for word in run) for run in runs if run]
    return ParsedQuery(tuple(runs), tuple(phrases), tuple(excluded))


def _words(text: str, start: int, end: int, is_shouted: bool) -> tuple[Word, ...]:
    found: list[Word] = []
    ranges = _ranges(text)
    for token in tokens(text[start:end]):
        raw, span = text[start:end][token.start : token.end], (start + token.start, start + token.end)
        is_capital = raw.isupper() and raw.isascii() and len(raw) > 1 and (not is_shouted or raw == "US")
        is_alone = text.strip() == raw and raw.isalpha()
        limit = len(raw) <= MAX_CODE_CHARACTERS
        khz = next((edges for place, edges in ranges.items() if place[0] <= span[0] and span[1] <= place[1]), None)
        pieces = token.frequencies or token.words
        for number, piece in enumerate(pieces, start=1):
            form = plain(piece)
            is_last = span[1] == end == len(text) and number == len(pieces) and form.isalpha()
            shortest = 1 if is_chinese(form) else MIN_PREFIX_CHARACTERS
            word = Word(
                piece,
                form,
                span,
                is_prefix=is_last and len(form) >= shortest,
                is_code=limit and (is_capital or (is_alone and len(raw) == MAX_CODE_CHARACTERS)),
                is_stop=form in stop_words() and not is_capital,
                khz=khz,
            )
            if form:
                found.append(word)
    return tuple(found)


def _ranges(text: str) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the ranges of frequencies in ``text`` in kHz, by their place: "694-790 MHz", "3.4 GHz to 3.8 GHz"."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    previous: Token | None = None
    for token in tokens(text):
        edges = [_khz(word) for word in token.frequencies]
        start = token.start
        if len(edges) == 2:
            numbers = list(_EDGES.finditer(text, token.start, token.end))
            is_range = len(numbers) == 2 and _UP_TO.fullmatch(text, numbers[0].end(), numbers[1].start())
        elif previous and len(previous.frequencies) == len(edges) == 1:
            edges = [_khz(previous.frequencies[0]), *edges]
            start, is_range = previous.start, _UP_TO.fullmatch(text, previous.end, token.start)
        else:
            is_range = None
        if is_range and edges[0] < edges[1]:
            found[start, token.end] = (edges[0], edges[1])
        previous = token if edges else previous
    return found


def _khz(frequency: str) -> int:
    return round(float(frequency[:-3].replace("·", ".")) * (1 if frequency.endswith("khz") else 1000))


def validate(text: str) -> None:
    """Refuse a query of too many words with a ValidationError. Stop words do not count."""
    query = parse(text)
    spans = {word.span for run in query.runs for word in run if not word.is_stop}
    spans |= {word.span for words_ in query.phrases + query.excluded for word in words_}
    if len(spans) > MAX_WORDS:
        raise ValidationError(
            _("The search has %(number)d words; the limit is %(limit)d."),
            code="words",
            params={"number": len(spans), "limit": MAX_WORDS},
        )
