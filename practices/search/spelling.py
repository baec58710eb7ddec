"""Misspelt words, and the words of the catalogue that were meant."""

import re
from math import log10

from django.utils.translation import get_language
from rapidfuzz import process
from rapidfuzz.distance import OSA

from practices.search.matching import reader_of
from practices.search.query import parse, prepared
from practices.search.vocabulary import KINDS, synonyms

SHORTEST = 4  # letters; fewer are as near to too much
LONG = 8  # letters from which on a word may have two slips
ENDINGS = ("s", "ed", "ion", "ing")
CANDIDATES = 24
# Kinds whose names are public whatever has them. Of others, only what a public record has may be told.
REFERENCE = ("country", "area", "topic", "type", "crisis", "beneficiary")
# Languages in which a word is likelier or less likely to have been meant, in slips.
FOREIGN, ENGLISH = 0.3, 0.1
PLAIN = re.compile(r"[^\W\d_]+(?:[-‐‑][^\W\d_]+)*")
AROUND_WORDS = ".,;:!?()…，。、；：！？（）،؛؟"


def correction(text, snapshot):
    """The query ``text`` with words that no measure has replaced by the likeliest that one has. None if it has all.

    Words in quotes are taken as they are, and so are names of countries and the like that no measure has. Of words as
    near, the reader's language has the first.
    """
    reader = reader_of(snapshot)
    return reader.remember(("correction", text, get_language()), lambda: _correction(text, reader))


def _correction(text, reader):
    text = prepared(text)
    replaced = {}
    for run in parse(text).runs:
        for unit in reader.units(run):
            word = unit.words[0]
            if len(unit.words) == 1 and _is_misspelt(word, text, reader) and (better := _nearest(word.form, reader)):
                replaced[word.span] = better
    if not replaced:
        return None
    for (start, end), word in sorted(replaced.items(), reverse=True):
        text = text[:start] + word + text[end:]
    return " ".join(text.split())


def _is_misspelt(word, text, reader):
    """Whether nothing has a word that could be a misspelt one. What is part of an address or of code is left alone."""
    return (
        word.form.isalpha()
        and len(word.form) >= SHORTEST
        and not word.is_stop
        and len(text[slice(*word.span)]) == len(word.form)
        and _is_plain(text, *word.span)
        and not reader.texts.has(word.form)
        and not _is_a_name(word, reader)
        and not _number(word, reader)
    )


def _is_plain(text, start, end):
    """Whether the place ``start`` to ``end`` of a text is in nothing but words of letters."""
    before, after = text[:start].split(" "), text[end:].split(" ")
    return bool(PLAIN.fullmatch((before[-1] + text[start:end] + after[0]).strip(AROUND_WORDS)))


def _is_a_name(word, reader):
    """Whether the word stands in what any country, topic or the like is called, in any language."""
    return any(
        word.form in names.forms or any(stem in names.stems for stem in word.stems)
        for names in (reader.names[kind] for kind in REFERENCE)
    )


def _number(word, reader):
    """How many public measures have a word."""
    return reader.unit(reader.units((word,))[0]).number


def _nearest(form, reader):
    """The word that ``form`` was likeliest meant to be, as it is written; None where none is near."""
    best = _best(form, reader)
    if best is None and len(form) >= LONG:
        # "interconect", where records have nothing but "interconnected".
        best = next(filter(None, (_best(form + ending, reader) for ending in ENDINGS)), None)
    if best is None:
        return _in_two(form, reader)
    # Where the nearest is the name of what no measure has, nothing else was meant.
    word, number = best
    return _written(word, reader) if number else None


def _best(form, reader):
    """The nearest word that is known, and how many public measures have it. None if there is none."""
    most = 1 if len(form) < LONG else 2
    near = process.extract(form, _known(reader), scorer=OSA.distance, score_cutoff=most, limit=CANDIDATES)
    best = None
    for candidate, distance, _place in near:
        # A slip in the first letter is so rare that it is rather another word.
        if candidate[0] != form[0]:
            continue
        word = parse(candidate).runs[0][0]
        number = _number(word, reader)
        if not number and not _is_a_name(word, reader):
            continue
        # Of two as near, the commoner word was meant, and rather one of the reader's language.
        cost = distance + _foreignness(candidate, reader) - 0.25 * log10(number or 1)
        if best is None or cost < best[0]:
            best = (cost, candidate, number)
    return best[1:] if best else None


def _foreignness(form, reader):
    """What speaks against a word that only names in other languages have."""
    languages = {language for names in reader.names.values() for language in names.languages.get(form, ())}
    own = (get_language() or "en").replace("-", "_")
    return 0 if not languages or own in languages else ENGLISH if "en" in languages else FOREIGN


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
        found = reader.texts.known_words().copy()
        for kind in KINDS:
            found.update(reader.names[kind].forms)
        found.update(word.form for others in synonyms().values() for other in others for word in other)
        return tuple(word for word in found if len(word) >= SHORTEST - 1 and word.isalpha())

    return reader.remember("known words", words)


def _written(form, reader):
    """How a word is written: the name of a country with its capitals and accents."""
    return reader.names["country"].spelling.get(form, form)
