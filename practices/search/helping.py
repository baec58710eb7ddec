"""Help for who is typing: what the words may mean, before and after they are sent."""

from collections import Counter
from typing import NamedTuple

from django.utils.translation import get_language

from practices.models import Measure
from practices.search.engine import Lookup
from practices.search.matching import reader_of
from practices.search.query import parse, prepared
from practices.search.vocabulary import KINDS, code_of
from practices.search.words import is_chinese, words_of

TITLES = 3  # places that are kept for titles of measures
OF_A_KIND = 3  # suggestions of one kind, at most, while others have some too
SHORTEST_TITLE_WORD = 2  # letters


class Suggestion(NamedTuple):
    """What somebody who is typing may want.

    ``kind`` is the parameter of the list that ``code`` is a value of, or ``measure``, with the slug as ``code``.
    ``label`` is in the reader's language; ``alias`` is the name that was recognised where that is another, else "".
    ``record`` is the model's instance, None for a measure; ``number`` of public measures have it. ``note`` tells it
    from others of the same label: the country of an organization, "" where there is nothing to tell apart.
    """

    kind: str
    label: str
    code: str
    record: object = None
    number: int = 1
    alias: str = ""
    note: str = ""


class Recognised(NamedTuple):
    """Words of a query that are the name of a value of a filter. ``rest`` is the query without them."""

    parameter: str
    code: str
    label: str
    rest: str


def suggestions(text, snapshot, limit=8):
    """At most ``limit`` of ``Suggestion`` for what has been typed so far; of records, only what is public.

    Its last word is taken as how a word begins, and names are known in every language.
    """
    reader = reader_of(snapshot)
    words = [word for run in parse(prepared(text).replace('"', " ")).runs for word in run]
    if not words:
        return []
    titles = _titles(words, reader, limit)
    ranked = [suggestion for kind in KINDS for suggestion in _named(kind, words, reader)]
    # A name that begins as what was typed goes first; then kinds have their turn.
    ranked.sort(key=lambda ranking: ranking[0])
    room = limit - min(TITLES, len(titles))
    chosen = [suggestion for _rank, suggestion in ranked[:room]]
    return (chosen + titles)[:limit]


def _named(kind, words, reader):
    """Pairs of a rank and a ``Suggestion`` for the records of ``kind`` that have a name with all of ``words``."""
    names, parameter = reader.names[kind], "group" if kind == "area" else kind
    forms = tuple(word.form for word in words)
    # Small words, as in "ministry of health", are looked for only where there is nothing else.
    telling = [{word.form} for word in words[:-1] if not word.is_stop]
    if not words[-1].is_stop or not telling:
        telling.append(set(names.starting_with(forms[-1])))
    wanted = None
    for some in telling:
        have = {index for form in some for index, share in names.forms.get(form, ()) if share}
        wanted = have if wanted is None else wanted & have
    if not wanted:
        return []
    counts = reader.snapshot.counts(parameter)
    records, by_index = reader.snapshot.records[kind], names.by_index
    found = []
    for index in wanted:
        record, number = records[index], int(counts[index])
        if not number and not _is_public_anyway(kind, record):
            continue
        matching = [name for name in by_index[index] if _begins(name.forms, forms) or _has(name.forms, forms)]
        if not matching:
            continue
        label = str(record)
        label_forms = tuple(word.form for word in words_of(label))
        best = min(matching, key=lambda name: (not _begins(name.forms, forms), not name.is_own, len(name.text)))
        alias = "" if _has(label_forms, forms) or _letters(best.text) in _letters(label) else best.text
        begins = _begins(best.forms, forms)
        exact = best.forms == forms
        rank = (not exact, not begins, not number, KINDS.index(kind), -number, label)
        note = _country_of(record, label, reader) if kind == "organization" else ""
        found.append((rank, Suggestion(parameter, label, code_of(kind, record), record, number, alias, note)))
    # What nothing public has is of use only where nothing else is; pages of countries and groups say that it is so.
    if kind not in ("country", "area") and any(suggestion.number for _rank, suggestion in found):
        found = [pair for pair in found if pair[1].number]
    found.sort(key=lambda pair: pair[0])
    return [((*rank[:2], place >= OF_A_KIND, *rank[2:]), suggestion) for place, (rank, suggestion) in enumerate(found)]


def _country_of(organization, label, reader):
    """The name of an organization's country where others have the same label, else ""."""
    snapshot = reader.snapshot
    several = reader.remember(
        ("labels of several", get_language()),
        lambda: {label for label, number in Counter(map(str, snapshot.records["organization"])).items() if number > 1},
    )
    if label not in several or organization.country_id is None:
        return ""
    # Not organization.country, which would be read from the database for each.
    return next((str(country) for country in snapshot.records["country"] if country.pk == organization.country_id), "")


def _letters(text):
    return "".join(char for char in text if char.isalpha())


def _is_public_anyway(kind, record):
    """Whether the public may know of a record that no public measure points at."""
    return record.regulator_of_id is not None if kind == "organization" else kind != "tag"


def _begins(name, forms):
    return name[: len(forms) - 1] == forms[:-1] and len(name) >= len(forms) and _starts(name, forms)


def _starts(name, forms):
    return name[len(forms) - 1].startswith(forms[-1])


def _has(name, forms):
    return set(forms[:-1]) <= set(name) and any(form.startswith(forms[-1]) for form in name)


def _titles(words, reader, limit):
    """Suggestions of the newest measures whose title, in any language, has ``words``."""
    *whole, last = words
    lookups = [
        [Lookup(0, (word.form,)), *(Lookup(0, (stem,), stemmed=True) for stem in sorted(word.stems))]
        for word in whole
        if not word.is_stop
    ]
    if len(last.form) >= SHORTEST_TITLE_WORD or is_chinese(last.form):
        lookups.append([Lookup(0, (last.form,), prefix=True)])
    if not lookups:
        return []
    flat = iter(reader.lookup([lookup for some in lookups for lookup in some]))
    has_all = None
    for some in lookups:
        has = reader.mask([next(flat) for _lookup in some])
        has_all = has if has_all is None else has_all & has
    rows = has_all.nonzero()[0].astype("int32")
    snapshot = reader.snapshot
    ids = snapshot.ids[snapshot.page("-announced", 0, limit, rows)].tolist()
    measures = Measure.objects.published().in_bulk(ids)
    return [Suggestion("measure", measures[id_].title, measures[id_].slug) for id_ in ids if id_ in measures]


def recognised(text, snapshot):
    """The filters that the words of a query name: a list of ``Recognised``, in the order of the words.

    Only names, codes and years in full count, and only what some public measure has.
    """
    reader, text = reader_of(snapshot), prepared(text)
    key = ("recognised", text, get_language())
    return reader.remember(key, lambda: _recognised(text, reader))


def _recognised(text, reader):
    found = []
    for run in parse(text).runs:
        for unit in reader.units(run):
            start, end = unit.words[0].span[0], unit.words[-1].span[1]
            rest = " ".join((text[:start] + " " + text[end:]).split())
            found += [Recognised(*value, rest) for value in _values(unit, reader)]
    return found


def _values(unit, reader):
    """The values that a unit names, of the first kind that it names any of: parameter, code, label."""
    snapshot, word = reader.snapshot, unit.words[0]
    for kind in KINDS:
        parameter = "group" if kind == "area" else kind
        counts = snapshot.counts(parameter)
        records = [snapshot.records[kind][index] for index in unit.records.get(kind, ()) if counts[index]]
        if records:
            return [(parameter, code_of(kind, record), str(record)) for record in records]
    is_year = len(unit.words) == 1 and word.form.isdigit() and len(word.form) == 4
    if is_year and (snapshot.announced // 10000 == int(word.form)).any():
        return [("year", word.form, word.form)]
    return []
