"""What a list says to somebody who searched: what was made of the words, why a record matched, what would find."""

import re
from functools import cached_property
from urllib.parse import urlencode

import numpy as np
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from practices.languages import language_name, preferred_languages, text_of
from practices.search import correction, highlighter, recognised, search
from practices.search.index import LANGUAGES
from practices.search.matching import reader_of

BAND, SOURCE, PUBLISHER = gettext_lazy("Band"), gettext_lazy("Source"), gettext_lazy("Publisher")
OUTCOME = gettext_lazy("Outcome")
MOST_OFFERS = 5
MOST_FILTERS = 4
MOST_WORDS = 8
MOST_REASONS = 3
PIECES = re.compile(r'-?"[^"]*"?|\S+')  # of a query: words, and what quotes hold together
SENTENCES = re.compile(r"(?<=[.!?؟])\s+|(?<=。)")


def offers(filterset, searched):
    """For an empty list: what would find something, in words, its address, and how many measures it finds; most first.

    That is to leave out a filter or, where ``searched`` (a ``SearchHelp``) has several, a word. Where nothing is found
    without any one of them, it is to keep one alone.
    """
    chosen = {}
    for name, _label, value, value_label in filterset.chips:
        chosen.setdefault(name, []).append((value, value_label))
    labels = {name: ", ".join(label for _value, label in values) for name, values in chosen.items()}
    found = [
        (_without(label), filterset.address(without=name) or "?", filterset.count(without=name))
        for name, label in labels.items()
    ]
    found += searched.broader() if searched else []
    if not any(count for _words, _address, count in found):
        found = [
            (
                _("Only “%(what)s”") % {"what": label},
                f"?{urlencode({name: [value for value, _label in chosen[name]]}, doseq=True)}",
                len(filterset.rows(*(other for other in labels if other != name))),
            )
            for name, label in labels.items()
        ]
    return sorted((offer for offer in found if offer[2]), key=lambda offer: -offer[2])[:MOST_OFFERS]


def _without(what):
    return _("Without “%(what)s”") % {"what": what}


class SearchHelp:
    """Help with the words of a valid ``MeasureFilter`` that has some."""

    def __init__(self, filterset):
        self.filterset, self.catalogue = filterset, filterset.catalogue
        self.words, self.found = filterset.form.cleaned_data["q"], filterset.found

    @property
    def is_partial(self):
        """Whether the records have only most of the words."""
        return self.found.partial

    @property
    def corrected(self):
        """The words that were searched instead, if any; their address, and the words that they replace."""
        if not self.found.corrected:
            return None
        used = self.found.corrected.casefold().split()
        replaced = [word for word in self.words.split() if word.casefold() not in used]
        return self.found.corrected, self._address(self.found.corrected), " ".join(replaced)

    @cached_property
    def filters(self):
        """Filters that the words name: the filter's label, the value's, the address with it, how many that has."""
        offers = {}
        for parameter, code, label, rest in recognised(self.found.corrected or self.words, self.catalogue):
            if code in dict(self.filterset.chosen(parameter)) or len(offers) == MOST_FILTERS:
                continue
            if count := self._count(rest, parameter, code):
                offers[parameter, code] = (
                    self.filterset.filters[parameter].label,
                    label,
                    self._address(rest, (parameter, code)),
                    count,
                )
        return list(offers.values())

    @cached_property
    def meant(self):
        """What may have been meant where nothing was found: the words, their address, how many that finds."""
        plain = " ".join(self.words.replace('"', " ").split())
        for words in (correction(plain, self.catalogue), plain):
            if words and words != self.words and (count := self._count(words)):
                return words, self._address(words), count
        return None

    def broader(self):
        """The words without one of them, as ``offers``."""
        pieces = PIECES.findall(self.found.corrected or self.words)[:MOST_WORDS]
        if len(pieces) < 2:
            return []
        without = [(piece, " ".join(pieces[:place] + pieces[place + 1 :])) for place, piece in enumerate(pieces)]
        return [(_without(piece), self._address(rest), self._count(rest)) for piece, rest in without]

    def matches(self, measures):
        """The ``Matches`` of the words in the ``measures`` of a page."""
        return Matches(self.words, self.catalogue, measures)

    def _address(self, words, instead=None):
        return self.filterset.address(words=words, instead=instead) or "?"

    def _count(self, words, parameter=None, code=None):
        """How many measures other ``words`` find, with the filters that are chosen but one, which has another value."""
        if words:
            rows = self.filterset.among(search(words, self.catalogue).rows, "q", parameter)
        else:
            rows = self.filterset.rows("q", parameter)
        if parameter:
            mask = self.catalogue.mask(parameter, [code])
            return int(np.count_nonzero(mask if rows is None else mask[rows]))
        return len(self.catalogue) if rows is None else len(rows)


class Matches:
    """What the words match in ``measures`` (``ListedMeasure``). A text comes in pieces: part, whether it matches."""

    def __init__(self, words, catalogue, measures):
        self.catalogue, self.measures, language = catalogue, list(measures), get_language()
        self.highlighter = highlighter(words, catalogue)
        shown = [text_of(measure, field, language) for measure in self.measures for field in ("title", "summary")]
        readings = iter(self.highlighter.read(shown))
        self._read = {
            measure.pk: pair for measure, pair in zip(self.measures, zip(readings, readings, strict=True), strict=True)
        }

    def title(self, measure):
        return self._read[measure.pk][0].marked()

    def snippet(self, measure):
        return self._read[measure.pk][1].excerpt()

    def why(self, measure):
        """Return what matches besides title and summary: pairs of a label and a text in pieces.

        Empty where title and summary have all the words.
        """
        parts = self.highlighter.unmet(self._read[measure.pk])
        if not parts:
            return []
        row = int(np.searchsorted(self.catalogue.ids, measure.pk))
        return self.highlighter.reasons(parts, self.catalogue, row, Facts(self, measure))[:MOST_REASONS]

    @cached_property
    def details(self):
        """By measure, what the search knows of it and a list does not show: ``Texts.details``."""
        return reader_of(self.catalogue).texts.details([measure.pk for measure in self.measures])


class Facts:
    """What of a measure a list does not show, put together when it is looked at: most matches are in what shows."""

    def __init__(self, matches, measure):
        self.matches, self.measure = matches, measure

    def __iter__(self):
        _shown, *others = preferred_languages()
        for language in others:
            for field in ("title", "summary"):
                if text := getattr(self.measure, f"{field}_{language.replace('-', '_')}"):
                    label = _("In %(language)s") % {"language": language_name(language)}
                    yield from ((label, part, language) for part in SENTENCES.split(text))
        for (text, language), label in self._details().items():
            yield label, text, language

    def _details(self):
        """Labels by text and language."""
        if self.measure.pk not in self.matches.details:  # it was withdrawn or deleted this moment
            return {}
        bands, sources, outcomes = self.matches.details[self.measure.pk]
        details = {(band, "en"): BAND for band in bands}
        for title, language, publisher in sources:
            details.setdefault((title, language), SOURCE)
            details.setdefault((publisher, ""), PUBLISHER)
        outcomes = dict(zip(LANGUAGES, outcomes, strict=True))
        for code in [language.replace("-", "_") for language in preferred_languages()]:
            if outcomes[code]:
                details.update(((part, code), OUTCOME) for part in SENTENCES.split(outcomes[code]))
        return details
