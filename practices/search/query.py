"""What the words that somebody typed ask for."""

import re
from functools import lru_cache
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from practices.search.vocabulary import KINDS, synonyms
from practices.search.words import alternatives, clean, is_chinese, stem, stop_words, tokens_of

MAXIMUM_LENGTH = 200
MAXIMUM_WORDS = 12
SHORTEST_PREFIX = 2  # letters
LONGEST_CODE = 3  # letters

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»〝〞「」＂", '"'))
# What is not plain words: a quoted phrase, or what a minus excludes. A quote that nobody closed reaches to the end.
_SPECIAL = re.compile(r'(?<!\S)[-−](?=["\w])(?:"[^"]*"?|\S+)|"[^"]*"?')


class QueryWord(NamedTuple):
    """A word of a query and what it may be found as.

    ``stems`` are those of the languages of its letters. With ``is_prefix`` it need only be how a word begins. With
    ``is_code`` it was typed like a country's code: in capitals, or three letters and nothing else. ``span`` is its
    place in the query.
    """

    form: str
    stems: frozenset
    english: str
    is_prefix: bool = False
    is_code: bool = False
    is_stop: bool = False
    span: tuple = (0, 0)


class Phrase(NamedTuple):
    """Words in quotes: they have to follow one another."""

    words: tuple


class Query(NamedTuple):
    """A query in parts. ``runs`` are the words between quotes and minuses, each a tuple of ``QueryWord``."""

    runs: tuple
    phrases: tuple
    excluded: tuple

    @property
    def is_empty(self):
        return not (self.runs or self.phrases or self.excluded)


@lru_cache(1 << 10)
def parse(text):
    """The ``Query`` that ``text`` is. Any text is one; what has no word in it asks for nothing."""
    text = prepared(text)
    runs, phrases, excluded = [], [], []
    # Of a query that is all in capitals, none says that a word is a code; but for "US", which is seldom a shouted "us".
    shouted = text.isupper() and not _is_one_word(text)
    place = 0
    for match in _SPECIAL.finditer(text):
        runs.append(_words(text, place, match.start(), shouted))
        place = match.end()
        words = tuple(word._replace(is_prefix=False) for word in _words(text, *match.span(), shouted))
        if words:
            (excluded if match[0][0] in "-−" else phrases).append(Phrase(words))
    runs.append(_words(text, place, len(text), shouted))
    runs = [run for run in runs if run]
    if any(not word.is_stop for run in runs for word in run) or phrases:
        # A phrase that is all stop words still counts; plain words do only where there is nothing else to go by.
        runs = [run for run in runs if any(not word.is_stop for word in run)]
    else:
        runs = [tuple(word._replace(is_stop=False) for word in run) for run in runs]
    return Query(tuple(runs), tuple(phrases), tuple(excluded))


def prepared(text):
    """``text`` as spans count its characters; what is too long for a query is cut off."""
    return clean(text[:MAXIMUM_LENGTH].translate(_QUOTES))


def _is_one_word(text):
    return text.strip().isalpha()


def _words(text, start, end, shouted):
    words = []
    for token in tokens_of(text[start:end]):
        raw = text[start + token.start : start + token.end]
        span = (start + token.start, start + token.end)
        token_ends_text = end == len(text) == span[1]
        in_capitals = raw.isupper() and raw.isascii() and len(raw) > 1 and (not shouted or raw == "US")
        is_code = (in_capitals and len(raw) <= LONGEST_CODE) or (_is_one_word(text) and len(raw) == LONGEST_CODE)
        pieces = alternatives(raw)
        for number, (form, stems) in enumerate(pieces, start=1):
            chinese = is_chinese(form)
            if chinese and len(form) == 1 and number > 1:
                continue  # the end of a pair
            is_unfinished = token_ends_text and number == len(pieces) and form.isalpha()
            words.append(
                QueryWord(
                    form,
                    stems,
                    stem(form, "en"),
                    is_prefix=len(form) >= (1 if chinese else SHORTEST_PREFIX)
                    and (is_unfinished or (chinese and len(form) == 1)),
                    is_code=is_code,
                    is_stop=form in stop_words() and not in_capitals,
                    span=span,
                )
            )
    return tuple(words)


def validate(text):
    """Refuse a query of more words than a search takes. Words such as "the" are not counted."""
    query = parse(text)
    spans = {word.span for run in query.runs for word in run if not word.is_stop}
    spans |= {word.span for phrase in query.phrases + query.excluded for word in phrase.words}
    if len(spans) > MAXIMUM_WORDS:
        raise ValidationError(
            _("These are %(number)d words. Right would be at most %(most)d."),
            code="words",
            params={"number": len(spans), "most": MAXIMUM_WORDS},
        )


class Unit(NamedTuple):
    """Words that mean one thing together, or one word.

    ``records`` has, by kind, the indexes of what they are a name of. ``synonyms`` are other ways of saying it: tuples
    of ``Word``; ``synonym_records`` has what those are names of.
    """

    words: tuple
    records: dict
    synonyms: tuple
    synonym_records: dict

    @property
    def telling(self):
        """Its words without those that say nothing."""
        return [word for word in self.words if not word.is_stop] or self.words


def units_of(run, names):
    """A run of words as units, the longest names and synonyms first. ``names`` is what ``names_of`` gives."""
    units, start = [], 0
    while start < len(run):
        for length in range(min(len(run) - start, LONGEST_NAME), 0, -1):
            words = run[start : start + length]
            if all(word.is_stop for word in words):
                continue
            others = synonyms().get(tuple(word.english for word in words), ())
            records = named(tuple(word.form for word in words), names)
            if length == 1 and words[0].is_code and (codes := names["country"].codes.get(words[0].form)):
                records["country"] = sorted({*records.get("country", ()), *codes})
            is_only_a_code = length == 1 and list(records) == ["country"] and words[0].form in names["country"].iso3
            if (others or records) and not (is_only_a_code and words[0].is_prefix):
                words = tuple(word._replace(is_prefix=False) for word in words)
            if others or records or length == 1:
                by_synonym = {}
                for other in others:
                    for kind, indexes in named(tuple(word.form for word in other), names).items():
                        by_synonym.setdefault(kind, []).extend(indexes)
                units.append(Unit(words, records, others, by_synonym))
                start += length
                break
        else:
            start += 1  # a stop word
    return units


LONGEST_NAME = 12  # words


def named(forms, names):
    """The records that ``forms`` are a whole name of: lists of indexes by kind."""
    return {kind: list(indexes) for kind in KINDS if (indexes := names[kind].whole.get(forms))}
