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
FACETS = (
    *("topic", "type", "country", "region", "income", "group", "crisis", "year", "state", "evidence", "verified"),
    *("actor", "legal", "beneficiary", "source_language", "tag"),
)


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
    counts = filterset.catalogue.counts(name, filterset.rows(name))
    return _facet(filterset, name, counts, get_language(), whole)


def facets(filterset):
    """Every facet of the list page, one after the other: each is made when it is asked for, and need not be kept."""
    catalogue = filterset.catalogue
    counts = catalogue.counts_of_each(FACETS, filterset.rows())
    for name in filterset.selecting:
        if name in counts:
            counts[name] = catalogue.counts(name, filterset.rows(name))
    language = get_language()
    return (_facet(filterset, name, counts[name], language) for name in FACETS)


def _facet(filterset, name, counts, language, whole=False):
    """The facet whose values so many measures have as ``counts`` says, in ``language``, the reader's."""
    catalogue, chosen, errors = filterset.catalogue, dict(filterset.chosen(name)), filterset.form.errors.get(name, [])
    selected = _selected(catalogue, name, chosen, errors)
    places = shown = _in_order(catalogue, name, counts, selected)
    if len(places) > SHORT and not whole:
        shown, others = places[:SHORT], places[SHORT:]
        if selected:
            shown = np.concatenate([shown, others[np.isin(others, list(selected))]])
    codes, labels = catalogue.codes(name), _labels(catalogue, name, language)
    values = [
        FacetValue(codes[place], labels[place], count, place in selected)
        for place, count in zip(shown.tolist(), counts[shown].tolist(), strict=True)
    ]
    total = len(places)
    if chosen:
        listed = {value.value for value in values}
        others = [FacetValue(value, str(label), 0, True) for value, label in chosen.items() if value not in listed]
        values, total = values + others, total + len(others)
    return Facet(name, _label(name, language), values, total, errors)


def _selected(catalogue, name, chosen, errors):
    """The indexes of those of the values ``chosen`` that are valid.

    Where one is not, the others are still chosen. What is not public is as if it were not there.
    """
    index = catalogue.index(name)
    selected = {index[value] for value in chosen if value in index}
    if errors:
        public = catalogue.public(name)
        selected = {place for place in selected if public[place]}
    return selected


def _in_order(catalogue, name, counts, selected):
    """The indexes of the values that the facet offers, an array: most first, or in the order that a closed set has."""
    if name == "group":  # the UN's categories of countries, and whatever other group is chosen
        offered = [catalogue.index(name)[code] for code in CATEGORIES if code in catalogue.index(name)]
        return np.array([*offered, *(place for place in selected if place not in offered)], np.intp)
    if name in CHOICES and name != "year":
        return np.arange(len(counts))
    is_offered = counts > 0
    if name == "tag":
        is_offered &= catalogue.counts(name) >= TAG_MINIMUM
    if selected:
        is_offered[list(selected)] = True
    places = is_offered.nonzero()[0]
    if name == "year":
        return places[::-1]
    order = catalogue.alphabet(name)[places] - counts[places] * len(counts)
    return places[order.argsort()]


def _labels(catalogue, name, language):
    """What the values of a facet are called in ``language``, the reader's, in the order of their indexes."""
    if name in CHOICES:
        return _choice_labels(name, language)
    labels = catalogue.labels(name)
    if name == "group":
        own = _category_labels(language)
        labels = [own.get(code, label) for code, label in zip(catalogue.codes(name), labels, strict=True)]
    return labels


@cache
def _label(name, language):
    """What a parameter is called in ``language``, the reader's."""
    return str(MeasureFilter.base_filters[name].label)


@cache
def _category_labels(language):
    return {code: str(label) for code, label in CATEGORIES.items()}


@cache
def _choice_labels(name, language):
    """What the values of a closed set are called in ``language``, the reader's, in their order."""
    labels = dict(MeasureFilter.base_filters[name].extra.get("choices", ()))
    return [str(labels.get(value, value)) for value in CHOICES[name]]
