"""Synonyms: the reviewed list of words that mean the same, and how several words are one word of the index."""

from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from practices.catalogue.analysis import stem, words
from practices.catalogue.word_lists import read

JOINT = "_"  # between the words of a synonym that are one word of the index; no other word has it


@cache
def synonyms() -> dict[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the synonyms of words: tuples of words, by the tuple of English stems that they are synonyms of."""
    table: dict[tuple[str, ...], dict[tuple[str, ...], tuple[str, ...]]] = {}
    for entry in read("synonyms.json"):
        targets = [tuple(words(text).split()) for text in entry.get("same") or entry["to"]]
        for source in entry.get("same") or entry["from"]:
            stems = english_stems(words(source).split())
            others = table.setdefault(stems, {})
            for target in targets:
                if english_stems(target) != stems:
                    others.setdefault(english_stems(target), target)
    return {stems: tuple(others.values()) for stems, others in table.items()}


@cache
def _synonym_phrases() -> dict[tuple[str, ...], set[tuple[str, ...]]]:
    """Return the synonyms of several words, as English stems, by the first two of these."""
    phrases: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for stems, others in synonyms().items():
        for phrase in (stems, *map(english_stems, others)):
            if len(phrase) > 1:
                phrases.setdefault(phrase[:2], set()).add(phrase)
    return phrases


def synonyms_in(text: str) -> list[str]:
    """Return the synonyms of several words that ``words`` have, each as the one word that it is in the index."""
    stems, phrases = english_stems(text.split()), _synonym_phrases()
    return [
        JOINT.join(phrase)
        for place, pair in enumerate(pairwise(stems))
        if pair in phrases
        for phrase in phrases[pair]
        if stems[place : place + len(phrase)] == phrase
    ]


def synonym_term(some: Iterable[str]) -> str:
    """Return the term of the English fields of stems that a synonym is found by."""
    stems = english_stems(some)
    return stems[0] if len(stems) == 1 else stem(JOINT.join(stems), "en")


def english_stems(some: Iterable[str]) -> tuple[str, ...]:
    """Return the English stems of words."""
    return tuple([stem(word, "en") for word in some])
