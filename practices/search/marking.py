"""Why a record was found: the words that matched, marked in its texts."""

import unicodedata
from html import escape
from string import ascii_letters
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from practices.search.matching import reader_of, search
from practices.search.query import units_of
from practices.search.vocabulary import KINDS
from practices.search.words import TOKEN, invisible_in, is_chinese, words_in

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

KEPT = 64  # texts that a highlighter remembers: those of a page


class Wanted(NamedTuple):
    """A word to be marked: itself, a word of one of the ``stems``, or, with ``is_prefix``, one that begins so."""

    form: str
    stems: frozenset
    is_prefix: bool = False

    def is_met_by(self, word):
        return word.form == self.form or word.stem in self.stems or (self.is_prefix and word.form.startswith(self.form))


class Part(NamedTuple):
    """A part of a query: any of ``sequences``, tuples of ``Wanted``, and by kind the records that it names."""

    sequences: tuple
    records: dict
    year: int


def highlighter(text, snapshot):
    """The ``Highlighter`` of what ``search`` takes ``text`` for. Made once for the same text."""
    reader = reader_of(snapshot)
    size = KEPT * 1000
    return reader.keep(("marks", text), lambda: Highlighter(search(text, snapshot).query, reader), lambda made: size)


class Highlighter:
    """Marks what a query matches. Texts are plain; what comes back is HTML, escaped.

    ``language`` is that of the text, as the page or a field of a model writes it (``zh-hans``, ``zh_hans``).
    """

    def __init__(self, query, reader):
        self._parts = [_part(unit, reader) for run in query.runs for unit in units_of(run, reader.names)]
        self._parts += [
            Part((tuple(Wanted(word.form, word.stems) for word in phrase.words),), {}, 0) for phrase in query.phrases
        ]
        self._sequences = list(dict.fromkeys(sequence for part in self._parts for sequence in part.sequences))
        self._longest = max(map(len, self._sequences), default=0)
        # Most words of a text begin no sequence: these tell so at once.
        firsts = [sequence[0] for sequence in self._sequences]
        self._forms = {wanted.form for wanted in firsts}
        self._stems = {stem for wanted in firsts for stem in wanted.stems}
        self._prefixes = tuple(wanted.form for wanted in firsts if wanted.is_prefix)
        # ... and plain words are told by their first letter, which no stem changes.
        letters = {text[0] for text in (*self._forms, *self._stems)}
        self._never = frozenset(ascii_letters) - letters - {letter.upper() for letter in letters}
        self._kept = {}

    def mark(self, text, language=""):
        """The whole text."""
        text, spans, _met = self._read(text, language)
        return _marked(text, spans, 0, len(text))

    def excerpt(self, text, language="", length=220):
        """About ``length`` characters of the text, where most of the query's words are."""
        text, spans, _met = self._read(" ".join(text.split()), language)
        if len(text) <= length:
            return _marked(text, spans, 0, len(text))
        start, end = _window(text, spans, length)
        marked = _marked(text, spans, start, end)
        return mark_safe(f"{'… ' * (start > 0)}{marked}{' …' * (end < len(text))}")  # noqa: S308  escaped by _marked

    def reasons(self, snapshot, row, shown=(), facts=()):
        """Why the measure of ``row`` was found, for the parts of the query that match none of the texts ``shown``.

        ``shown`` has pairs of a text and its language; ``facts`` what else the record has: a label, a text and its
        language, such as ("Source", "Décret 2020-1", "fr"). Returns pairs of a label and marked text, each once.
        """
        found = {}
        met = set().union(*(self._read(*pair)[2] for pair in shown))
        for part in self._parts:
            if met.isdisjoint(part.sequences):
                reason = self._reason(part, snapshot, row, facts)
                if reason:
                    found[reason] = None
        return list(found)

    def _reason(self, part, snapshot, row, facts):
        if part.year and snapshot.announced[row] // 10000 == part.year:
            return LABELS["year"], _marked(str(part.year), [(0, 4)], 0, 4)
        for kind, indexes in part.records.items():
            for index in snapshot.columns[kind].of(row):
                if index in indexes:
                    return LABELS[kind], self.mark(str(snapshot.records[kind][index]), get_language() or "")
        for label, text, language in facts:
            if text and not self._reading(text, language)[2].isdisjoint(part.sequences):
                return label, self.mark(text, language)
        return None

    def _read(self, text, language):
        """The text with its characters composed, the spans of it that match, and the sequences that it has.

        Spans are ascending, and none is within another. What was read lately is kept: a page marks a text, and asks
        whether it says why.
        """
        if (reading := self._kept.get((text, language))) is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            reading = self._kept[text, language] = self._reading(text, language)
        return reading

    def _reading(self, text, language):
        forms, stems, prefixes, never = self._forms, self._stems, self._prefixes, self._never
        text = unicodedata.normalize("NFC", text)
        visible, places = invisible_in(text)
        language = language.replace("-", "_")
        pieces, spans, met = list(TOKEN.finditer(visible)), set(), set()
        for number, piece in enumerate(pieces):
            raw = piece[0]
            if raw[0] in never and raw.isalpha():
                continue
            words = words_in(raw, language)
            for form, stem in words:
                if form in forms or stem in stems or (prefixes and form.startswith(prefixes)):
                    break
            else:
                continue
            following = [
                place
                for after in pieces[number : number + self._longest]
                for place in _placed(after, words_in(after[0], language))
            ]
            for start in range(len(words)):
                for sequence in self._sequences:
                    if _follows(sequence, following, start):
                        met.add(sequence)
                        spans.update(
                            (places[begin], places[end - 1] + 1)
                            for _word, begin, end in following[start : start + len(sequence)]
                        )
        return text, _joined(sorted(spans)), met


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


def _placed(match, words):
    """The words of a piece of a text with where they are: triples of ``Word``, start and end."""
    start, end = match.span()
    if len(words) > 1 and all(is_chinese(word.form) for word in words):
        return [(word, start + place, start + place + len(word.form)) for place, word in enumerate(words)]
    return [(word, start, end) for word in words]


def _follows(sequence, words, start):
    return len(words) - start >= len(sequence) and all(
        wanted.is_met_by(words[start + place][0]) for place, wanted in enumerate(sequence)
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
    pieces, place = [], start
    for begin, stop in spans:
        if begin >= place and stop <= end:
            pieces += [escape(text[place:begin]), "<mark>", escape(text[begin:stop]), "</mark>"]
            place = stop
    pieces.append(escape(text[place:end]))
    return SafeString("".join(pieces))
