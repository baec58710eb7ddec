"""Help for somebody who searched: how the words were read, why a measure matched, which words find more."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from tantivy import Query

from practices.catalogue import ListedMeasure, clauses
from practices.catalogue.highlight import Highlighter, Pieces, Reading
from practices.catalogue.names import KINDS, explanations_of
from practices.catalogue.ranking import corrected, search
from practices.catalogue.suggest import recognised
from practices.languages import language_name, preferred_languages, text_of

LABELS = {
    "country": gettext_lazy("Country"),
    "area": gettext_lazy("Area"),
    "group": gettext_lazy("Group of countries"),
    "topic": gettext_lazy("Topic"),
    "type": gettext_lazy("Measure type"),
    "crisis": gettext_lazy("Crisis"),
    "organization": gettext_lazy("Organization"),
    "beneficiary": gettext_lazy("Beneficiaries"),
    "tag": pgettext_lazy("keyword", "Tag"),
}
MAX_OFFERS = 5
MAX_FILTERS = 4
MAX_PIECES = 8
MAX_REASONS = 3
PIECES = re.compile(r'-?"[^"]*"?|\S+')  # of a query: words, and what quotes hold together
SENTENCES = re.compile(r"(?<=[.!?؟])\s+|(?<=。)")


class Offer(NamedTuple):
    """Something else to search for: what it is called, its address, and how many measures it finds."""

    label: str
    address: str
    count: int


def offers(filterset, searched: "SearchHelp | None") -> list[Offer]:
    """Return what would find something where a list is empty, the most first.

    That is to leave out a filter or, where ``searched`` has several, a word. Where nothing is found without any one of
    them, it is to keep one alone.
    """
    chosen: dict[str, list] = {}
    for name, _label, value, value_label in filterset.chips:
        chosen.setdefault(name, []).append((value, value_label))
    labels = {name: ", ".join(label for _value, label in values) for name, values in chosen.items()}
    found = [
        Offer(_without(label), filterset.address(without=name) or "?", filterset.count(name))
        for name, label in labels.items()
    ]
    found += searched.broader() if searched else []
    if not any(offer.count for offer in found):
        for name, label in labels.items():
            query = urlencode({name: [value for value, _label in chosen[name]]}, doseq=True)
            count = filterset.count(*(other for other in labels if other != name))
            found.append(Offer(_("Only “%(what)s”") % {"what": label}, f"?{query}", count))
    return sorted((offer for offer in found if offer.count), key=lambda offer: -offer.count)[:MAX_OFFERS]


def _without(what: str) -> str:
    return _("Without “%(what)s”") % {"what": what}


class SearchHelp:
    """Help with the words of a valid ``MeasureFilter`` that has some."""

    def __init__(self, filterset):
        self.filterset, self.catalogue = filterset, filterset.catalogue
        self.words, self.found = filterset.form.cleaned_data["q"], filterset.found

    @property
    def is_partial(self) -> bool:
        """True where measures have only most of the words."""
        return self.found.partial

    @property
    def corrected(self) -> tuple[str, str, str] | None:
        """The words that were searched instead, their address, and the words that they replace."""
        if not self.found.corrected:
            return None
        used = self.found.corrected.casefold().split()
        replaced = [word for word in self.words.split() if word.casefold() not in used]
        return self.found.corrected, self._address(self.found.corrected), " ".join(replaced)

    @cached_property
    def missing_words(self) -> list[str]:
        """The words and phrases that no measure has."""
        return [self._text_of(part) for part in self.found.parts if part.query is None]

    @cached_property
    def word_counts(self) -> list[tuple[str, int]]:
        """The other words and phrases where some are missing, each with how many measures have it."""
        if not self.missing_words:
            return []
        known = [part for part in self.found.parts if part.query is not None]
        return [(self._text_of(part), self.catalogue.count(part.query)) for part in known]

    def _text_of(self, part) -> str:
        words = part.unit.words
        return (self.found.corrected or self.words)[words[0].span[0] : words[-1].span[1]]

    @cached_property
    def bands_address(self) -> str:
        """The address of the spectrum page for the range of frequencies that the words have; "" without one."""
        ranges = (word.khz for part in self.found.parts for word in part.unit.words if word.khz)
        if (khz := next(ranges, None)) is None:
            return ""
        lower, upper = (f"{edge / 1000:.10g}" for edge in khz)
        return reverse("practices:bands", query={"range": f"{lower}-{upper}"})

    @cached_property
    def filters(self) -> list[tuple[str, str, str, int]]:
        """Filters that the words name: the filter's label, the value's, the address with it, how many that has."""
        found: dict[tuple[str, str], tuple] = {}
        for parameter, code, label, rest in recognised(self.found.corrected or self.words, self.catalogue):
            if code in dict(self.filterset.chosen(parameter)) or len(found) == MAX_FILTERS:
                continue
            name, address = self.filterset.filters[parameter].label, self._address(rest, (parameter, code))
            if count := self._count(rest, parameter, code):
                found[parameter, code] = (name, label, address, count)
        return list(found.values())

    @cached_property
    def meant(self) -> Offer | None:
        """The words that may have been meant where nothing was found."""
        plain = " ".join(self.words.replace('"', " ").split())
        for words in (corrected(plain, self.catalogue), plain):
            if words and words != self.words and (count := self._count(words)):
                return Offer(words, self._address(words), count)
        return None

    def broader(self) -> list[Offer]:
        """Return the words without one of them, for ``offers``."""
        pieces = PIECES.findall(self.found.corrected or self.words)[:MAX_PIECES]
        if len(pieces) < 2:
            return []
        without = [(piece, " ".join(pieces[:place] + pieces[place + 1 :])) for place, piece in enumerate(pieces)]
        return [Offer(_without(piece), self._address(rest), self._count(rest)) for piece, rest in without]

    def matches(self, measures: Iterable[ListedMeasure]) -> "Matches":
        """Return what of ``measures`` matches."""
        known = [part for part in self.found.parts if part.query is not None]
        return Matches(known, self.catalogue, measures)

    def _address(self, words: str, instead: tuple[str, str] | None = None) -> str:
        return self.filterset.address(words=words, instead=instead) or "?"

    def _count(self, words: str, parameter: str | None = None, code: str | None = None) -> int:
        """Return how many measures other ``words`` find, with the chosen filters but one, which is ``code`` instead."""
        queries: list[Query | None] = [self.filterset.index_query("q", *([parameter] if parameter else []))]
        if words:
            queries.append(search(words, self.catalogue).query)
        if parameter:
            records = self.catalogue.records
            value = records[parameter].by_code[code].pk if parameter in records else code
            queries.append(clauses.any_of(parameter, [value]))
        return self.catalogue.count(clauses.all_of(*queries))


class Matches:
    """The matches of a search in some ``measures``. Texts come in pieces, each with whether it matches."""

    def __init__(self, parts, catalogue, measures: Iterable[ListedMeasure]):
        self.catalogue, self.records = catalogue, catalogue.records
        self.highlighter, self.language = Highlighter(parts), get_language() or ""
        self._shown = {measure.pk: [self._read(measure, name) for name in ("title", "summary")] for measure in measures}
        self._met: dict[tuple[str, int, bool], set[int]] = {}

    def _read(self, measure: ListedMeasure, field: str) -> Reading:
        return self.highlighter.read(*text_of(measure, field, self.language))

    def title(self, measure: ListedMeasure) -> Pieces:
        return self._shown[measure.pk][0].pieces()

    def snippet(self, measure: ListedMeasure) -> Pieces:
        return self._shown[measure.pk][1].snippet()

    def why(self, measure: ListedMeasure) -> list[tuple[str, Pieces]]:
        """Return what matches besides title and summary, as pairs of a label and pieces; none where these have all."""
        met = set().union(*(reading.met for reading in self._shown[measure.pk]))
        found: list[tuple[str, Pieces]] = []
        for number in range(len(self.highlighter.units)):
            if number not in met and (reason := self._reason(measure, number)) and reason not in found:
                found.append(reason)
        return found[:MAX_REASONS]

    def _reason(self, measure: ListedMeasure, number: int) -> tuple[str, Pieces] | None:
        """Return where a measure has a part of the search: what the part names, names, texts, then definitions."""
        unit = self.highlighter.units[number]
        announced = measure.announced_on
        if announced and unit.words[0].form == str(announced.year):
            return _("Year announced"), [(str(announced.year), True)]
        linked = list(self._linked(measure))
        for kind, record in linked:
            name = "area" if kind == "group" else kind
            if record.pk in (*unit.records.get(name, ()), *unit.synonym_records.get(name, ())):
                return self._name(kind, record)
        for kind, record in linked:
            if kind != "group" and number in self._met_by(kind, record, names=True):
                return self._name(kind, record)
        for label, text, language in self._facts(measure):
            reading = self.highlighter.read(text, language)
            if number in reading.met:
                return label, reading.pieces()
        bands = self.catalogue.found_in(measure.address)["bands"]
        if unit.words[0].khz and bands:
            return _("Band"), [(", ".join(bands), False)]
        for kind, record in linked:
            if number in self._met_by(kind, record, names=kind == "group"):
                return self._name(kind, record)
        return None

    def _linked(self, measure: ListedMeasure) -> Iterator:
        """Yield pairs of a kind and a record that the measure points at, and the groups of its countries."""
        kind_of_measure = measure.measure_type
        single = {"type": kind_of_measure, "topic": kind_of_measure.topic, "crisis": measure.crisis}
        for kind in KINDS:
            yield from ((kind, record) for record in ([single[kind]] if kind in single else measure.pointed_at(kind)))
        for country in measure.row["country"]:
            yield from (("group", self.records["group"].by_id[pk]) for pk in self.records.members.get(country, ()))

    def _met_by(self, kind: str, record, *, names: bool) -> set[int]:
        """Return the parts of the search that a record's names have, or its definition: the same for all measures."""
        key = (kind, record.pk, names)
        if key not in self._met:
            known = self.records.names.of_record("area" if kind == "group" else kind, record.pk) if names else ()
            texts = [(name.text, "") for name in known] if names else explanations_of(record)
            readings = (self.highlighter.read(text, language) for text, language in texts)
            self._met[key] = set().union(*(reading.met for reading in readings))
        return self._met[key]

    def _name(self, kind: str, record) -> tuple[str, Pieces]:
        return str(LABELS[kind]), self.highlighter.read(str(record), self.language).pieces()

    def _facts(self, measure: ListedMeasure) -> Iterator[tuple[str, str, str]]:
        """Yield what a list does not show of a measure: a label, a text and its language."""
        _shown, *others = preferred_languages()
        for language in others:
            for field in ("title", "summary"):
                label = _("In %(language)s") % {"language": language_name(language)}
                text = getattr(measure, f"{field}_{language.replace('-', '_')}")
                yield from ((label, sentence, language) for sentence in SENTENCES.split(text))
        details = self.catalogue.found_in(measure.address)
        yield from ((_("Band"), band, "en") for band in details["bands"])
        for title, language, publisher in details["sources"]:
            yield _("Source"), title, language
            yield _("Publisher"), publisher, ""
        for language in sorted(details["outcome"], key=lambda language: language != self.language.replace("-", "_")):
            for sentence in SENTENCES.split(details["outcome"][language]):
                yield _("Outcome"), sentence, language
