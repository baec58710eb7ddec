"""Why a record was found: the words that matched, marked in its texts."""

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from itertools import accumulate, chain, islice
from typing import NamedTuple

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from practices.search.matching import reader_of, search
from practices.search.vocabulary import KINDS
from practices.search.words import HYPHENATED, STEM_ENDING, TOKEN, invisible_in, is_chinese, words_in

LABELS = {
    "country": _("Country"),
    "area": _("Area"),
    "group": _("Group of countries"),
    "topic": _("Topic"),
    "type": _("Measure type"),
    "crisis": _("Crisis"),
    "organization": _("Organization"),
    "beneficiary": _("Beneficiaries"),
    "tag": pgettext_lazy("keyword", "Tag"),
    "year": _("Year announced"),
}

# Blanks beside a digit, or beside what may be one: those within a frequency ("700 and 800 MHz") are among them.
BESIDE_DIGITS = re.compile(r"(?<=[\d?])\s|\s(?=[\d?])")
NONE = frozenset()
BETWEEN = "\0"  # texts that are read at one go: no token has it, and no blank


class Wanted(NamedTuple):
    """A word to be marked: itself, a word of one of the ``stems``, or, with ``is_prefix``, one that begins so."""

    form: str
    stems: frozenset
    is_prefix: bool = False

    def is_met_by(self, word):
        return word.form == self.form or word.stem in self.stems or (self.is_prefix and word.form.startswith(self.form))


class Part(NamedTuple):
    """A part of a query: any of ``sequences``, and by kind the records that it names.

    A sequence is a tuple of ``Wanted``; a ``Highlighter`` has numbers for them.
    """

    sequences: tuple
    records: dict
    year: int


class Reading(NamedTuple):
    """A text, with its characters composed; the spans of it that match; and the numbers of the sequences it has.

    Spans are ascending, and none is within another. What it gives are pieces: pairs of a text and whether it matches.
    """

    text: str
    spans: list
    met: set | frozenset

    def marked(self):
        """The whole text."""
        return _marked(self.text, self.spans, 0, len(self.text))

    def excerpt(self, length=220):
        """About ``length`` characters of the text, where most of the query's words are."""
        if len(self.text) <= length:
            return self.marked()
        start, end = _window(self.text, self.spans, length)
        before = (("… ", False),) if start else ()
        after = ((" …", False),) if end < len(self.text) else ()
        return before + _marked(self.text, self.spans, start, end) + after


def highlighter(text, snapshot):
    """The ``Highlighter`` of what ``search`` takes ``text`` for. Made once for the same text."""
    reader = reader_of(snapshot)
    return reader.remember(("marks", text), lambda: Highlighter(search(text, snapshot).query, reader))


class Highlighter:
    """Reads texts for what a query matches. They are plain, and have a language each: that of the text, as the page or
    a field of a model writes it (``zh-hans``, ``zh_hans``).
    """

    def __init__(self, query, reader):
        self._parts = [_part(unit, reader) for run in query.runs for unit in reader.units(run)]
        self._parts += [
            Part((tuple(Wanted(word.form, word.stems) for word in phrase.words),), {}, 0) for phrase in query.phrases
        ]
        self._sequences = list(dict.fromkeys(sequence for part in self._parts for sequence in part.sequences))
        numbers = {sequence: number for number, sequence in enumerate(self._sequences)}
        self._parts = [
            part._replace(sequences=frozenset(numbers[sequence] for sequence in part.sequences)) for part in self._parts
        ]
        # By what a sequence begins with: its number.
        self._by_form, self._by_stem, self._by_prefix = {}, {}, []
        for sequence, number in numbers.items():
            first = sequence[0]
            self._by_form.setdefault(first.form, set()).add(number)
            for stem in first.stems:
                self._by_stem.setdefault(stem, set()).add(number)
            if first.is_prefix:
                self._by_prefix.append((first.form, number))
        self._heads = _heads(sequence[0] for sequence in self._sequences)
        self._names, self._begun = {}, {}

    def read(self, texts):
        """The ``Reading`` of each of ``texts``, pairs of a text and its language: those of a page at one go."""
        composed = [_composed(text) for text, _language in texts]
        visible, places = zip(*map(invisible_in, composed), strict=True) if texts else ((), ())
        joined = BETWEEN.join(visible)
        ends = list(accumulate(len(text) + len(BETWEEN) for text in visible))
        languages = [language.replace("-", "_") for _text, language in texts]
        spans, met = defaultdict(set), defaultdict(set)  # by the text's place
        for piece in self._pieces(joined):
            which = bisect_right(ends, piece.start())
            words, beginnings = self._beginnings(piece[0], languages[which])
            for start, number in beginnings:
                sequence = self._sequences[number]
                found = _placed(piece, words)
                if len(sequence) > 1:
                    following = TOKEN.finditer(joined, piece.end(), ends[which] - len(BETWEEN))
                    for after in islice(following, len(sequence) - 1):
                        found += _placed(after, words_in(after[0], languages[which]))
                found = found[start : start + len(sequence)]
                if _goes_on(sequence, found):
                    met[which].add(number)
                    place_of, before = places[which], ends[which] - len(BETWEEN) - len(visible[which])
                    spans[which].update(
                        (place_of[begin - before], place_of[end - 1 - before] + 1) for _word, begin, end in found
                    )
        return [
            Reading(text, _joined(sorted(spans[place])), met[place]) if place in met else Reading(text, [], NONE)
            for place, text in enumerate(composed)
        ]

    def unmet(self, readings):
        """The parts of the query that match none of the texts that were read."""
        return [part for part in self._parts if all(reading.met.isdisjoint(part.sequences) for reading in readings)]

    def reasons(self, parts, snapshot, row, facts=()):
        """Why the measure of ``row`` was found, for ``parts`` of the query.

        ``facts`` are what else the record has: a label, a text and its language, such as ("Source", "Décret 2020-1",
        "fr"). Returns pairs of a label and marked text, in pieces, each once.
        """
        found = (self._reason(part, snapshot, row, facts) for part in parts)
        return list(dict.fromkeys(filter(None, found)))

    def _reason(self, part, snapshot, row, facts):
        if part.year and snapshot.announced[row] // 10000 == part.year:
            return str(LABELS["year"]), _marked(str(part.year), [(0, 4)], 0, 4)
        for kind, indexes in part.records.items():
            for index in snapshot.columns[kind].of(row):
                if index in indexes:
                    return self._name(kind, snapshot.records[kind][index], get_language() or "")
        for label, text, language in facts:
            if text:
                [reading] = self.read([(text, language)])
                if not reading.met.isdisjoint(part.sequences):
                    return str(label), reading.marked()
        return None

    def _name(self, kind, record, language):
        """The label of a kind and what a record is called, marked. Many measures of a page are found by the same."""
        key = kind, record.pk, language
        if key not in self._names:
            [reading] = self.read([(str(record), language)])
            self._names[key] = str(LABELS[kind]), reading.marked()
        return self._names[key]

    def _pieces(self, text):
        """The pieces of ``text``, matches of ``TOKEN``, that may begin a sequence: few, in no particular order.

        No piece has any of ``BETWEEN``.
        """
        # No piece reaches across a blank of these: what stands between two is read alone, and seldom needs to.
        plain = f" {' '.join(map(_plain, text.split(BETWEEN)))} "
        stretches = {}
        for head in self._heads:
            place = plain.find(head, 1)
            while place > 0:
                if head[0].isalpha() and plain[place - 1].isalpha():
                    end = place + 1  # no word begins here
                else:
                    end = plain.find(" ", place)
                    stretches[plain.rfind(" ", 0, place)] = end - 1
                place = plain.find(head, end)
        return chain.from_iterable(TOKEN.finditer(text, start, end) for start, end in stretches.items())

    def _beginnings(self, piece, language):
        """The words of a piece of a text; and where in these a sequence may begin: pairs of a place and its number.

        Most of a page's pieces are the same few words.
        """
        if (known := self._begun.get((piece, language))) is None:
            words = words_in(piece, language)
            pairs = [(start, number) for start, word in enumerate(words) for number in self._beginning_with(word)]
            known = self._begun[piece, language] = words, pairs
        return known

    def _beginning_with(self, word):
        """The numbers of the sequences whose first word ``word`` meets."""
        numbers = self._by_form.get(word.form, NONE) | self._by_stem.get(word.stem, NONE)
        for prefix, number in self._by_prefix:
            if word.form.startswith(prefix):
                numbers = numbers | {number}
        return numbers


def _part(unit, reader):
    telling = unit.telling
    sequences = [(Wanted(word.form, word.stems, word.is_prefix),) for word in telling]
    sequences += [tuple(Wanted(word.form, frozenset([word.stem])) for word in words) for words in unit.synonyms]
    records = {kind: set(indexes) for kind, indexes in unit.records.items()}
    for kind, indexes in unit.synonym_records.items():
        records.setdefault(kind, set()).update(indexes)
    for kind in KINDS:
        names = reader.names[kind]
        for word in telling:
            forms = {word.form, *(names.starting_with(word.form) if word.is_prefix else ())}
            entries = [entry for form in forms for entry in names.forms.get(form, ())]
            entries += [entry for stem in word.stems for entry in names.stems.get(stem, ())]
            if entries:
                records.setdefault(kind, set()).update(entry.index for entry in entries)
    if "area" in records:
        records["group"] = records["area"]
    number = telling[0].form
    return Part(tuple(sequences), records, int(number) if number.isdigit() and len(number) == 4 else 0)


def _heads(firsts):
    """What is in any stretch of text that has a word which meets one of ``firsts``: how such words begin, or a sign.

    Texts are in small letters, with "?" for what is not ASCII; stretches with that, or an apostrophe, are all read.
    """
    heads = set("'`?")
    for wanted in firsts:
        for form in {wanted.form, *(stem[: max(1, len(stem) - STEM_ENDING)] for stem in wanted.stems)}:
            if form.endswith("hz"):
                heads.update(("khz", "mhz", "ghz"))
            heads.add(form[0] if form[0].isdigit() else form)
            heads.update(f"{prefix}-" for prefix in HYPHENATED if form.startswith(prefix))
    return [head for head in heads if not any(head.startswith(other) for other in heads if other != head)]


def _composed(text):
    """``text`` with its characters composed, in one line."""
    if "\n" in text or "  " in text:
        text = " ".join(text.split())
    return unicodedata.normalize("NFC", text)


def _plain(text):
    """``text`` in small letters, "?" for what is not ASCII, and no blank within what may be a frequency."""
    if text.isascii():
        plain = text.lower()
        return BESIDE_DIGITS.sub("_", plain) if "hz" in plain else plain
    return BESIDE_DIGITS.sub("_", text.encode("ascii", "replace").decode().lower())


def _placed(match, words):
    """The words of a piece of a text with where they are: triples of ``Word``, start and end."""
    start, end = match.span()
    if len(words) > 1 and all(is_chinese(word.form) for word in words):
        return [(word, start + place, start + place + len(word.form)) for place, word in enumerate(words)]
    return [(word, start, end) for word in words]


def _goes_on(sequence, found):
    """Whether ``found``, of which the first word meets the first of ``sequence``, meets all others too."""
    return len(found) == len(sequence) and (
        len(sequence) == 1
        or all(wanted.is_met_by(word) for wanted, (word, _begin, _end) in zip(sequence[1:], found[1:], strict=True))
    )


def _joined(spans):
    """``spans`` without what is within, or goes on from, the one before."""
    joined = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _window(text, spans, length):
    """Where to cut ``text``: the stretch of about ``length`` characters, between blanks, that has the most spans."""
    best, most = 0, 0
    for first, (start, _end) in enumerate(spans):
        within = {text[begin:end].casefold() for begin, end in spans[first:] if end <= start + length * 3 // 4}
        if len(within) > most:
            best, most = start, len(within)
    start = max(0, min(best - length // 4, len(text) - length))
    end = min(len(text), start + length)
    # At blanks, but for scripts without.
    if start and (blank := text.find(" ", start, start + 30)) >= 0:
        start = blank + 1
    if end < len(text) and (blank := text.rfind(" ", end - 30, end)) > start:
        end = blank
    return start, end


def _marked(text, spans, start, end):
    """Return the part of ``text`` from ``start`` to ``end`` as pieces: pairs of a text and whether it matches."""
    pieces, place = [], start
    for begin, stop in spans:
        if begin >= place and stop <= end:
            pieces += [(text[place:begin], False), (text[begin:stop], True)]
            place = stop
    pieces.append((text[place:end], False))
    return tuple(piece for piece in pieces if piece[0])
