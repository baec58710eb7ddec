"""Facets: for each value of a parameter, how many measures the list would show if it were chosen.

A facet counts with its own parameter left out of account, or one chosen country would zero the rest.
"""

from functools import cache
from typing import NamedTuple

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
# These are open on the list page before anything is chosen.
OPEN_FACETS = {"topic", "country", "region"}
# In the order in which the list page shows them.
FACETS = (
    *("topic", "type", "country", "region", "income", "group", "crisis", "year", "state", "evidence", "verified"),
    *("actor", "legal", "beneficiary", "source_language", "tag"),
)


class FacetValue(NamedTuple):
    value: str
    label: str
    count: int
    selected: bool


class Facet(NamedTuple):
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
    def is_open(self):
        """Whether the list page shows the values at once. Those of a closed facet are loaded when it is opened."""
        return bool(self.name in OPEN_FACETS or self.selected or self.errors)

    @property
    def selected(self):
        return [value for value in self.values if value.selected]


def facet(filterset, name, *, whole=False):
    """The ``Facet`` of one parameter of a bound ``MeasureFilter``: of a long one the first dozen, unless ``whole``.

    Values that are not valid are left out of account, so that the reader can choose others in their place.
    """
    counts = filterset.catalogue.counts(name, filterset.rows(name))
    [made] = _facets(filterset, (name,), [counts], None if whole else SHORT)
    return made


def facets(filterset):
    """Yield every facet of the list page, in its order. A closed one comes without values, which nobody counts."""
    catalogue, language = filterset.catalogue, get_language()
    is_open = [name in OPEN_FACETS or name in filterset.form.errors or bool(filterset.chosen(name)) for name in FACETS]
    names = tuple(name for name, opened in zip(FACETS, is_open, strict=True) if opened)
    counts = catalogue.counts_of_each(names, filterset.rows())
    for name in filterset.selecting:
        if name in counts:
            counts[name] = catalogue.counts(name, filterset.rows(name))
    counted = _facets(filterset, names, [counts[name] for name in names], SHORT)
    for name, opened in zip(FACETS, is_open, strict=True):
        yield next(counted) if opened else Facet(name, _label(name, language), [], 0, [])


def _facets(filterset, names, counts, most):
    """The facets ``names``, whose values so many measures have as each of ``counts`` says: with ``most`` values each,
    unless that is None, and what is chosen."""
    catalogue, language = filterset.catalogue, get_language()
    values = catalogue.keep(("facets", names, language), lambda: Values(catalogue, names, language))
    selected = {values.begins[name] + place for name in names for place in _selected(filterset, name)}
    counts = np.concatenate(counts)
    places, totals, ends = values.offered(counts, list(selected), most)
    items = [
        FacetValue(values.codes[place], values.labels[place], count, place in selected)
        for place, count in zip(places.tolist(), counts[places].tolist(), strict=True)
    ]
    begin = 0
    for name, total, end in zip(names, totals.tolist(), ends.tolist(), strict=True):
        yield _facet(filterset, name, items[begin:end], total, language)
        begin = end


def _facet(filterset, name, values, total, language):
    """The facet that offers ``values``, and whatever else is chosen."""
    if chosen := dict(filterset.chosen(name)):
        listed = {value.value for value in values}
        others = [FacetValue(value, str(label), 0, True) for value, label in chosen.items() if value not in listed]
        values, total = values + others, total + len(others)
    return Facet(name, _label(name, language), values, total, filterset.form.errors.get(name, []))


def _selected(filterset, name):
    """The indexes of those of the chosen values that are valid.

    Where one is not, the others are still chosen. What is not public is as if it were not there.
    """
    catalogue = filterset.catalogue
    index = catalogue.index(name)
    selected = {index[value] for value, _label in filterset.chosen(name) if value in index}
    if name in filterset.form.errors:
        public = catalogue.public(name)
        selected = {place for place in selected if public[place]}
    return selected


class Values:
    """What the facets ``names`` of a catalogue may offer in ``language``, in arrays with a *place* for each value.

    All values of one facet follow on those of another, so that what becomes of all is worked out at one go. Those of a
    facet ``begin`` at a place, and have ``codes`` and ``labels``.
    """

    def __init__(self, catalogue, names, language):
        self.codes, self.labels, self.begins = [], [], {}
        columns = []
        for number, name in enumerate(names):
            size = len(catalogue.values(name))
            self.begins[name] = len(self.codes)
            self.codes += catalogue.codes(name)
            self.labels += _labels(catalogue, name, language)
            always, if_any, order, most_first = _rules(catalogue, name)
            first = (number << 48) + order.astype(np.int64)
            columns.append((np.full(size, number), always, if_any, first, np.full(size, size * most_first)))
        # A value stands where the first of the last two is, and for each measure that has it, the second before that.
        self._facets, self._always, self._if_any, self._firsts, self._steps = map(
            np.concatenate, zip(*columns, strict=True)
        )
        self._number = len(names)

    def offered(self, counts, selected, most):
        """The places of what is offered where values have these ``counts``, and some are ``selected``, in their order.

        With that, two arrays by facet: how many values it has, and where those end that are offered. Of a facet at most
        ``most`` are, if that is not None, and all that are selected.
        """
        is_offered = (counts > 0) & self._if_any | self._always
        is_offered[selected] = True
        places = is_offered.nonzero()[0]
        places = places[(self._firsts[places] - counts[places] * self._steps[places]).argsort()]
        facets = self._facets[places]
        totals = np.bincount(facets, minlength=self._number)
        if most is None:
            return places, totals, np.cumsum(totals)
        ranks = np.arange(len(places)) - (np.cumsum(totals) - totals)[facets]
        is_shown = ranks < most
        if selected:
            is_selected = np.zeros(len(counts), bool)
            is_selected[selected] = True
            is_shown |= is_selected[places]
        return places[is_shown], totals, np.cumsum(np.bincount(facets[is_shown], minlength=self._number))


def _rules(catalogue, name):
    """How a facet offers its values, three arrays and a bool: which it always does; which where any measure has them;
    the places in which they stand; and whether those that most measures have come first, and these are places among
    equals."""
    places = np.arange(len(catalogue.values(name)))
    every, none = places >= 0, places < 0
    if name == "group":  # the UN's categories of countries, and whatever other group is chosen
        index = catalogue.index(name)
        categories = [index[code] for code in CATEGORIES if code in index]
        order = places + len(categories)
        order[categories] = np.arange(len(categories))
        return order < len(categories), none, order, False
    if name == "year":  # the latest first
        return none, every, -places, False
    if name in CHOICES:
        return every, none, places, False
    often = catalogue.counts(name) >= TAG_MINIMUM if name == "tag" else every
    return none, often, catalogue.alphabet(name), True


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
