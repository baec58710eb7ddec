"""Finds in texts what matches a search."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from practices.catalogue.analysis import OTHER_STEMS, STEMMERS, is_chinese, plain, stem, stem_languages, tokens
from practices.catalogue.ranking import Part, Unit

SNIPPET_CHARACTERS = 220
STEM_ENDING = 2  # letters at the end of a stem in which it may not be how its word begins: "die" and "dying"

Pieces = list[tuple[str, bool]]  # of a text, each with whether it matches


class Wanted(NamedTuple):
    """A word to be marked: itself, one that has its stem in the language of the text, or one that begins with it."""

    form: str
    stems: dict[str, str]
    is_prefix: bool = False

    def is_met_by(self, word: "TextWord", language: str) -> bool:
        form = plain(word.text)
        return (
            form == self.form
            or stem(word.text, language) == self.stems.get(language, self.form)
            or (self.is_prefix and form.startswith(self.form))
        )


class TextWord(NamedTuple):
    """A word of a text, and where it is."""

    text: str
    start: int
    end: int


class Reading(NamedTuple):
    """A text, the spans of it that match, and the numbers of the parts of a search that it has."""

    text: str
    spans: list[tuple[int, int]]
    met: set[int]

    def pieces(self, start: int = 0, end: int | None = None) -> Pieces:
        """Return the text in pieces, or from ``start`` to ``end``."""
        end = len(self.text) if end is None else end
        found, place = [], start
        for begin, stop in self.spans:
            if begin >= place and stop <= end:
                found += [(self.text[place:begin], False), (self.text[begin:stop], True)]
                place = stop
        return [piece for piece in [*found, (self.text[place:end], False)] if piece[0]]

    def snippet(self, length: int = SNIPPET_CHARACTERS) -> Pieces:
        """Return about ``length`` characters of the text, where most of the words are, in pieces."""
        if len(self.text) <= length:
            return self.pieces()
        start, end = self._window(length)
        before, after = [("… ", False)] * (start > 0), [(" …", False)] * (end < len(self.text))
        return [*before, *self.pieces(start, end), *after]

    def _window(self, length: int) -> tuple[int, int]:
        best, most = 0, 0
        for number, (start, _end) in enumerate(self.spans):
            within = {self.text[a:b].casefold() for a, b in self.spans[number:] if b <= start + length * 3 // 4}
            if len(within) > most:
                best, most = start, len(within)
        start = max(0, min(best - length // 4, len(self.text) - length))
        end = min(len(self.text), start + length)
        # At blanks, but for scripts without.
        if start and (blank := self.text.find(" ", start, start + 30)) >= 0:
            start = blank + 1
        if end < len(self.text) and (blank := self.text.rfind(" ", end - 30, end)) > start:
            end = blank
        return start, end


class Highlighter:
    """Reads texts for the ``parts`` of a search."""

    def __init__(self, parts: Iterable[Part]):
        self.units = [part.unit for part in parts]
        self._sequences = [(number, some) for number, unit in enumerate(self.units) for some in _sequences(unit)]
        self._longest = max((len(sequence) for _number, sequence in self._sequences), default=0)
        self._begun: dict[tuple[str, str], list[tuple[int, tuple[Wanted, ...]]]] = {}
        self._heads = _heads(sequence[0] for _number, sequence in self._sequences)

    def read(self, text: str, language: str) -> Reading:
        """Return what ``text`` has of the search. ``language`` is the text's, as pages or fields write it."""
        language = language if language in STEMMERS else OTHER_STEMS
        spans, met = set(), set()
        words = self._words(text) if self._sequences else []
        for place, first in enumerate(words):
            for number, sequence in self._begun_by(first, language):
                found = words[place : place + len(sequence)]
                pairs = zip(sequence[1:], found[1:], strict=False)
                if len(found) == len(sequence) and all(wanted.is_met_by(word, language) for wanted, word in pairs):
                    met.add(number)
                    spans.update((word.start, word.end) for word in found)
        return Reading(text, _joined(sorted(spans)), met)

    def _begun_by(self, word: TextWord, language: str) -> list[tuple[int, tuple[Wanted, ...]]]:
        """Return the sequences that may begin with a word of a text: the rows of a list have the same few words."""
        key = word.text, language
        if key not in self._begun:
            self._begun[key] = [pair for pair in self._sequences if pair[1][0].is_met_by(word, language)]
        return self._begun[key]

    def _words(self, text: str) -> list[TextWord]:
        """Return the words of ``text`` that may match, and those after them."""
        if self._heads is None or not text.isascii():
            return list(_text_words(text, 0))
        found, end = [], 0
        for match in self._heads.finditer(text):
            if match.start() >= end:
                start, end = text.rfind(" ", 0, match.start()) + 1, match.end()
                for _word in range(self._longest):
                    end = text.find(" ", end + 1) if end < len(text) else -1
                    if end < 0:
                        end = len(text)
                found += _text_words(text[start:end], start)
        return found


def _sequences(unit: Unit) -> Iterator[tuple[Wanted, ...]]:
    """Yield the words that match a unit: each alone, or several that have to follow one another."""
    wanted = tuple(_wanted(word.text, word.is_prefix) for word in (unit.words if unit.is_phrase else unit.significant))
    if unit.is_phrase:
        yield wanted
    else:
        yield from ((word,) for word in wanted)
    for words in unit.synonyms:
        yield tuple(Wanted(plain(word), {"en": stem(word, "en")}) for word in words)


def _wanted(text: str, is_prefix: bool) -> Wanted:
    return Wanted(plain(text), {language: stem(text, language) for language in stem_languages(text)}, is_prefix)


def _heads(words: Iterable[Wanted]) -> re.Pattern[str] | None:
    """Return how the words of a text of ASCII begin that may match; None where these have digits."""
    heads = set()
    for word in words:
        if not word.form.isalpha():
            return None
        stems = (term[: max(1, len(term) - STEM_ENDING)] for term in word.stems.values())
        # A hyphen or an apostrophe within: e-learning, Wi-Fi, O'Brien.
        heads.update("[-']?".join(map(re.escape, (*head[:2], head[2:]))) for head in (word.form, *stems))
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(sorted(heads))})", re.IGNORECASE)


def _text_words(text: str, offset: int) -> Iterator[TextWord]:
    for token in tokens(text):
        is_chinese_run = len(token.words) > 1 and all(map(is_chinese, token.words))
        for place, word in enumerate(token.words):
            if is_chinese_run:
                start, end = token.start + place, min(token.start + place + len(word), token.end)
            else:
                start, end = token.start, token.end
            yield TextWord(word, offset + start, offset + end)


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return ``spans`` with those joined that overlap."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined
