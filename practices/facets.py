"""Facets: for each value of a parameter, how many measures the list would show if it were chosen.

A facet counts with its own parameter left out of account, or one chosen country would zero the rest.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from practices.catalogue.reading import CHOICES
from practices.filters import MeasureFilter

SHORT = 12  # a longer facet shows its first dozen values and what is chosen
TAG_MINIMUM = 5  # a tag is offered from this many uses in the catalogue on
CATEGORIES = {
    "ldc": _("Least developed countries (LDC)"),
    "lldc": _("Landlocked developing countries (LLDC)"),
    "sids": _("Small island developing States (SIDS)"),
}
# In the order in which the list page shows them.
FACETS = [
    *("topic", "type", "country", "region", "income", "group", "crisis", "year", "state", "evidence", "verified"),
    *("actor", "legal", "beneficiary", "source_language", "tag"),
]


@dataclass(slots=True)
class FacetValue:
    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True)
class Facet:
    """One parameter with values to choose from, those that are chosen always among them, even at zero.

    ``total`` is how many values there are; ``values`` may be a part of them.
    """

    name: str
    label: str
    values: list[FacetValue]
    total: int
    errors: list[str]

    @property
    def is_long(self):
        return self.total > SHORT

    @property
    def selected(self):
        return [value for value in self.values if value.selected]


def facet(filterset, name, *, whole=False):
    """The ``Facet`` of one parameter of a bound ``MeasureFilter``: of a long one the first dozen, unless ``whole``.

    Values that are not valid are left out of account, so that the reader can choose others in their place.
    """
    catalogue, chosen = filterset.catalogue, dict(filterset.chosen(name))
    counts, index = catalogue.counts(name, filterset.rows(name)), catalogue.index(name)
    errors = filterset.form.errors.get(name, [])
    # Where one value is not valid, the others are still chosen. What is not public is as if it were not there.
    public = catalogue.public(name)
    selected = {index[value] for value in chosen if value in index and (not errors or public[index[value]])}
    places = _in_order(catalogue, name, counts, selected)
    shown = (
        places if whole or len(places) <= SHORT else [*places[:SHORT], *(p for p in places[SHORT:] if p in selected)]
    )
    codes, label_of = catalogue.codes(name), _labels(filterset, name)
    values = [FacetValue(codes[p], str(label_of(p)), int(counts[p]), p in selected) for p in shown]
    listed = {value.value for value in values}
    values += [FacetValue(value, str(label), 0, True) for value, label in chosen.items() if value not in listed]
    total = len(places) + len(values) - len(shown)
    return Facet(name, _label(name, get_language()), values, total, errors)


def facets(filterset):
    """Every facet of the list page."""
    return [facet(filterset, name) for name in FACETS]


def _in_order(catalogue, name, counts, selected):
    """The indexes of the values that the facet offers: most first, or in the order that a closed set has."""
    if name == "group":  # the UN's categories of countries, and whatever other group is chosen
        offered = [catalogue.index(name)[code] for code in CATEGORIES if code in catalogue.index(name)]
        return [*offered, *(place for place in selected if place not in offered)]
    if name in CHOICES and name != "year":
        return list(range(len(counts)))
    is_offered = counts > 0
    if name == "tag":
        is_offered &= catalogue.counts(name) >= TAG_MINIMUM
    is_offered[list(selected)] = True
    places = np.flatnonzero(is_offered)
    if name == "year":
        return places[::-1].tolist()
    return places[np.lexsort((catalogue.alphabet(name)[places], -counts[places]))].tolist()


def _labels(filterset, name):
    """A function that names the value of an index."""
    if name == "group":
        codes, labels = filterset.catalogue.codes(name), filterset.catalogue.labels(name)
        return lambda place: CATEGORIES.get(codes[place], labels[place])
    if name not in CHOICES:
        return filterset.catalogue.labels(name).__getitem__
    return _choice_labels(name, get_language()).__getitem__


@cache
def _label(name, language):
    """What a parameter is called in ``language``, the reader's."""
    return str(MeasureFilter.base_filters[name].label)


@cache
def _choice_labels(name, language):
    """What the values of a closed set are called in ``language``, the reader's, in their order."""
    labels = dict(MeasureFilter.base_filters[name].extra.get("choices", ()))
    return [str(labels.get(value, value)) for value in CHOICES[name]]
