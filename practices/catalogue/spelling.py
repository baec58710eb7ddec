"""Misspelt words, and the words of the catalogue that were meant."""

import re
from collections.abc import Iterable
from math import log10
from typing import NamedTuple

from django.utils.translation import get_language
from rapidfuzz import process
from rapidfuzz.distance import OSA

from practices.catalogue.analysis import plain, stem, stem_languages
from practices.catalogue.catalogue import Catalogue
from practices.catalogue.names import PUBLIC_KINDS
from practices.catalogue.query import Word, prepared
from practices.catalogue.synonyms import synonyms

MIN_CHARACTERS = 4  # shorter words are near too many others
LONG_CHARACTERS = 8  # from which on a word may have two errors
MIN_LOOSE_CHARACTERS = 6  # from which on the last letter may be an error; before, it is another form of another word
MAX_TERMS = 5000  # of the index that are compared, the commonest
MAX_CANDIDATES = 24
ENDINGS = ("s", "ed", "ion", "ing")
FOREIGN, ENGLISH = 0.3, 0.1  # errors that a word counts for which is not of the reader's language
_PLAIN = re.compile(r"[^\W\d_]+(?:[-‐‑][^\W\d_]+)*")
_AROUND_WORDS = ".,;:!?()…，。、；：！？（）،؛؟"
_VOWELS = frozenset("aeiouy")


class Candidate(NamedTuple):
    """A known word. ``count`` is about how many measures have it."""

    form: str
    count: int
    cost: float


def correction(text: str, unknown: Iterable[Word], catalogue: Catalogue) -> str:
    """Return ``text`` with the likeliest words in place of those ``unknown`` that are misspelt; "" where none is."""
    text, replaced = prepared(text), {}
    for word in unknown:
        if _may_be_misspelt(word, text, catalogue) and (better := _meant(word, catalogue)):
            replaced[word.span] = better
    if not replaced:
        return ""
    for (start, end), better in sorted(replaced.items(), reverse=True):
        text = text[:start] + better + text[end:]
    return " ".join(text.split())


def _may_be_misspelt(word: Word, text: str, catalogue: Catalogue) -> bool:
    """Return whether a word is of letters, not a name, and not part of an address or of code."""
    start, end = word.span
    piece = text[:start].split(" ")[-1] + text[start:end] + text[end:].split(" ")[0]
    return (
        word.form.isalpha()
        and len(word.form) >= MIN_CHARACTERS
        and end - start == len(word.form)
        and bool(_PLAIN.fullmatch(piece.strip(_AROUND_WORDS)))
        and not _is_public_name(word.form, catalogue)
    )


def _is_public_name(form: str, catalogue: Catalogue) -> bool:
    """Return whether a word is of a name that is public whether or not a measure has it."""
    return any(kind in PUBLIC_KINDS for kind in catalogue.records.names.with_word(form))


def _meant(word: Word, catalogue: Catalogue) -> str:
    """Return the word that was likeliest meant, as it is written; "" where none is near."""
    best = _nearest(word.text, word.form, catalogue)
    if best is None and len(word.form) >= LONG_CHARACTERS:  # "interconect", where texts have only "interconnected"
        extended = (_nearest(word.text, word.form + ending, catalogue) for ending in ENDINGS)
        best = next(filter(None, extended), None)
    names = catalogue.records.names
    if best is None:
        pairs = ((word.form[:place], word.form[place:]) for place in range(2, len(word.form) - 1))
        return next((" ".join(pair) for pair in pairs if names.whole(pair)), "")  # "zerorating"
    # Where the nearest is a name that no measure has, nothing else was meant.
    return names.written(best.form) if best.count else ""


def _nearest(text: str, form: str, catalogue: Catalogue) -> Candidate | None:
    """Return the known word that is nearest to ``form``, which was typed as ``text`` or begins so."""
    names = catalogue.records.names
    counts = dict(catalogue.searcher.terms_with_prefix("spelling", form[0], limit=MAX_TERMS))
    known = {name for name in names.starting_with(form[0]) if name.isalpha()} | _synonym_words(form[0]) | counts.keys()
    limit = 1 if len(form) < LONG_CHARACTERS else 2
    near = process.extract(form, known, scorer=OSA.distance, score_cutoff=limit, limit=MAX_CANDIDATES)
    candidates = []
    for candidate, errors, _key in near:
        of_names = (catalogue.frequency(kind, ids) for kind, ids in names.with_word(candidate).items())
        count = max(counts.get(candidate, 0), *of_names, 0)
        if (count or _is_public_name(candidate, catalogue)) and _is_slip(form, candidate, errors):
            languages = _languages(candidate, catalogue)
            if languages != {"en"} or not _has_accents(text):  # English has none
                cost = errors + _foreignness(languages) - 0.25 * log10(count or 1)
                candidates.append(Candidate(candidate, count, cost))
    return min(candidates, key=lambda candidate: (candidate.cost, candidate.form), default=None)


def _synonym_words(first: str) -> set[str]:
    """Return the words of synonyms that begin with a letter."""
    others = (plain(word) for several in synonyms().values() for other in several for word in other)
    return {word for word in others if word.startswith(first) and word.isalpha()}


def _is_slip(form: str, candidate: str, errors: int) -> bool:
    """Return whether ``form`` is ``candidate`` with slips, and not a like word of another language.

    With two errors no consonant is another one (Phillipines are the Philippines, inondation is not innovation), and the
    words end alike (licencia is not licence). Short words end alike, too (banda is not bands).
    """
    if errors < 2:
        return len(form) >= MIN_LOOSE_CHARACTERS or form[-1] == candidate[-1]
    consonants, others = set(form) - _VOWELS, set(candidate) - _VOWELS
    return form[-2:] == candidate[-2:] and not (consonants - others and others - consonants)


def _has_accents(text: str) -> bool:
    """Return whether a word in Latin letters has some that English has not."""
    return not text.isascii() and "en" in stem_languages(text)


def _languages(form: str, catalogue: Catalogue) -> set[str]:
    """Return the languages that a known word is of, by the names and the texts that have it."""
    found = catalogue.records.names.languages(form)
    for language in stem_languages(form):
        term = stem(form, language)
        if any(catalogue.searcher.doc_freq(f"{field}_{language}", term) for field in ("title", "summary")):
            found.add(language)
    return found


def _foreignness(languages: set[str]) -> float:
    """Return what speaks against a word that is not of the reader's language."""
    own = (get_language() or "en").replace("-", "_")
    return 0 if not languages or own in languages else ENGLISH if "en" in languages else FOREIGN
