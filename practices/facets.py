"""Facets: for each value of a parameter, how many measures the list would show if it were chosen.

A facet counts with its own parameter left out of account, or one chosen country would zero the rest.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from practices.catalogue.names import code_of
from practices.catalogue.records import CHOICES
from practices.filters import MeasureFilter
from practices.languages import language_name

MAX_SHORT_VALUES = 12  # a longer facet shows its first dozen values and what is chosen
MIN_TAG_COUNT = 5  # a tag is offered from this many uses in the catalogue on
CATEGORIES = {
    "ldc": _("Least developed countries (LDC)"),
    "lldc": _("Landlocked developing countries (LLDC)"),
    "sids": _("Small island developing States (SIDS)"),
}
# In the order in which the list page shows them.
FACETS = (
    *("topic", "type", "country", "region", "income", "group", "crisis", "year", "state", "evidence", "verified"),
    *("actor", "legal", "beneficiary", "source_language", "tag"),
)
OPEN_FACETS = {"topic", "country"}  # the others are open where something is chosen or wrong


class FacetValue(NamedTuple):
    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True)
class Facet:
    """One parameter with values to choose from, those that are chosen always among them, even at zero.

    ``total`` is how many values there are; ``values`` may be a part of them, and are none in a facet that is closed.
    """

    name: str
    label: str
    values: list[FacetValue] = field(default_factory=list)
    total: int = 0
    errors: list[str] = field(default_factory=list)
    is_open: bool = True

    @property
    def is_long(self) -> bool:
        return self.total > MAX_SHORT_VALUES

    @property
    def selected(self) -> list[FacetValue]:
        return [value for value in self.values if value.selected]


def facets(filterset: MeasureFilter) -> Iterator[Facet]:
    """Yield every facet of the list page; of those that are closed, the names alone."""
    opened = [name for name in FACETS if name in OPEN_FACETS or is_narrowed(filterset, name)]
    # Nothing is left out for a parameter that selects nothing, so these are counted together.
    alike = [name for name in opened if name not in filterset.clauses and name != "state"]
    counts = filterset.catalogue.counts_of(alike, filterset.index_query())
    for name in FACETS:
        if name in opened:
            yield facet(filterset, name, counts=counts.get(name))
        else:
            yield Facet(name, str(filterset.filters[name].label), is_open=False)


def is_narrowed(filterset: MeasureFilter, name: str) -> bool:
    """Return whether something is chosen in a facet, or wrong."""
    names = [name, "as_of"] if name == "state" else [name]
    return any(filterset.chosen(name) or name in filterset.form.errors for name in names)


def facet(filterset: MeasureFilter, name: str, *, whole: bool = False, counts: Counter | None = None) -> Facet:
    """Return the facet of one parameter: of a long one the first dozen values, unless ``whole``.

    Values that are not valid are left out of account, so that the reader can choose others in their place. ``counts``
    are those of its values, where they are known.
    """
    selected = dict(filterset.chosen(name))
    if counts is None:
        counts = filterset.catalogue.counts(name, filterset.index_query(name), filterset.day)
    offered = _offered(filterset, name, set(selected), counts)
    known = {value for value, _label, _count in offered}
    offered += [(value, str(label), 0) for value, label in selected.items() if value not in known]
    shown = [
        FacetValue(value, label, count, value in selected)
        for number, (value, label, count) in enumerate(offered)
        if whole or number < MAX_SHORT_VALUES or value in selected
    ]
    errors = list(filterset.form.errors.get(name, []))
    return Facet(name, str(filterset.filters[name].label), shown, len(offered), errors)


def _offered(filterset: MeasureFilter, name: str, selected: set[str], counts: Counter) -> list[tuple[str, str, int]]:
    """Return the values that a facet offers, in their order: the value in addresses, its label and its count."""
    if name == "year":  # the latest first
        return [
            (year, year, counts[year]) for year in sorted({*counts, *(selected & set(CHOICES["year"]))}, reverse=True)
        ]
    if name in CHOICES:
        labels = dict(filterset.form.fields[name].choices)
        return [(value, str(labels[value]), counts[value]) for value in CHOICES[name]]
    if name == "source_language":
        named = [(code, language_name(code), count) for code, count in counts.items()]
        return sorted(named, key=lambda item: (-item[2], item[1]))
    return _offered_records(filterset, name, counts, selected)


def _offered_records(filterset: MeasureFilter, name: str, counts: Counter, selected: set[str]):
    catalogue = filterset.catalogue
    records, labels = catalogue.records[name], catalogue.records[name].labels()
    if name == "group":  # the UN's categories of countries, and whatever other group is chosen
        return [
            (code, str(CATEGORIES.get(code, labels[record.pk])), counts[record.pk])
            for code in (*CATEGORIES, *sorted(selected - CATEGORIES.keys()))
            if (record := records.by_code.get(code))
        ]
    chosen = {records.by_code[code].pk for code in selected if code in records.by_code}
    if name in filterset.form.errors:  # nobody is told what something is called that is not public
        chosen = {pk for pk in chosen if catalogue.is_public(name, pk)}
    offered = {pk for pk, count in counts.items() if count and pk in labels}
    if name == "tag":
        everywhere = catalogue.counts("tag")
        offered = {pk for pk in offered if everywhere[pk] >= MIN_TAG_COUNT}
    order = sorted(offered | chosen, key=lambda pk: (-counts[pk], labels[pk]))
    return [(code_of(name, records.by_id[pk]), labels[pk], counts[pk]) for pk in order]
