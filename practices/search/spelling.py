"""Misspelt words, and the words of the catalogue that were meant."""

from math import log10

from rapidfuzz import process
from rapidfuzz.distance import OSA

from practices.models import SearchWord
from practices.search.matching import reader_of
from practices.search.query import parse, prepared, units_of
from practices.search.vocabulary import KINDS, synonyms

SHORTEST = 4  # letters; fewer are as near to too much
CANDIDATES = 24


def correction(text, snapshot):
    """The query ``text`` with words that no measure has replaced by the likeliest that one has. None if it has all.

    Words in quotes are taken as they are.
    """
    reader = reader_of(snapshot)
    return reader.keep(("correction", text), lambda: _correction(text, reader), lambda found: len(found or ""))


def _correction(text, reader):
    text = prepared(text)
    replaced = {}
    for run in parse(text).runs:
        for unit in units_of(run, reader.names):
            word = unit.words[0]
            if len(unit.words) == 1 and _is_misspelt(word, text, reader) and (better := _nearest(word.form, reader)):
                replaced[word.span] = better
    if not replaced:
        return None
    for (start, end), word in sorted(replaced.items(), reverse=True):
        text = text[:start] + word + text[end:]
    return " ".join(text.split())


def _is_misspelt(word, text, reader):
    """Whether nothing has a word that could be a misspelt one. What a longer text consists of is left alone."""
    return (
        word.form.isalpha()
        and len(word.form) >= SHORTEST
        and not word.is_stop
        and len(text[slice(*word.span)]) == len(word.form)
        and not _number(word, reader)
    )


def _number(word, reader):
    """How many public measures have a word."""
    return len(reader.unit(units_of((word,), reader.names)[0]).rows)


def _nearest(form, reader):
    """The word that ``form`` was likeliest meant to be, as it is written; None where none is near."""
    most = 1 if len(form) < 6 else 2 if len(form) < 10 else 3
    near = process.extract(form, _known(reader), scorer=OSA.distance, score_cutoff=most, limit=CANDIDATES)
    best = None
    for candidate, distance, _place in near:
        number = (
            len(reader.unit(units_of(parse(candidate).runs[0], reader.names)[0]).rows) if candidate.isalpha() else 0
        )
        if not number:
            continue
        # A slip in the first letter is rare; of two as near, the commoner word was meant.
        cost = distance + 0.6 * (candidate[0] != form[0]) - 0.25 * log10(number)
        if best is None or cost < best[0]:
            best = (cost, candidate)
    if best is None:
        return _in_two(form, reader)
    return _written(best[1], reader)


def _in_two(form, reader):
    """``zerorating`` as ``zero rating``, where that is something that is said."""
    for place in range(2, len(form) - 1):
        pair = (form[:place], form[place:])
        if any(pair in reader.names[kind].whole for kind in KINDS):
            return " ".join(pair)
    return None


def _known(reader):
    """The words that a word may be corrected to: of names, and of the texts of what is or was public."""

    def words():
        found = set(SearchWord.objects.values_list("word", flat=True))
        for kind in KINDS:
            found.update(reader.names[kind].forms)
        found.update(word.form for others in synonyms().values() for other in others for word in other)
        return tuple(word for word in found if len(word) >= SHORTEST - 1 and word.isalpha())

    return reader.keep(("known words",), words, lambda found: 80 * len(found))


def _written(form, reader):
    """How a word is written: the name of a country with its capitals and accents."""
    return reader.names["country"].spelling.get(form, form)
