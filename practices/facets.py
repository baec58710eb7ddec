"""Facets: for each value of a parameter, how many measures the list would show if it were chosen.

A facet counts with its own parameter left out of account, or one chosen country would zero the rest.
"""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from countries.choices import IncomeGroup, ItuRegion
from practices.choices import Evidence, LegalNature, OrganizationKind, State, Status
from practices.filters import BENEFICIARIES, COUNTRIES, ORGANIZATIONS, TAGGED, in_groups
from practices.languages import language_name, translated
from practices.models import Citation

SHORT = 12  # a longer facet shows its first dozen values and what is chosen
TAG_MINIMUM = 5  # a tag is offered from this many uses in the catalogue on
CATEGORIES = {
    "ldc": _("Least developed countries (LDC)"),
    "lldc": _("Landlocked developing countries (LLDC)"),
    "sids": _("Small island developing States (SIDS)"),
}


@dataclass(frozen=True)
class FacetValue:
    value: str
    label: str
    count: int
    selected: bool


@dataclass(frozen=True)
class Facet:
    """One parameter with its values, those that are chosen always among them, even at zero."""

    name: str
    label: str
    values: list[FacetValue]
    errors: list[str]

    @property
    def shown(self):
        """The values that the list page prints: all of a short facet, else the first dozen and the chosen."""
        if not self.is_long:
            return self.values
        return [value for place, value in enumerate(self.values) if place < SHORT or value.selected]

    @property
    def is_long(self):
        return len(self.values) > SHORT

    @property
    def selected(self):
        return [value for value in self.values if value.selected]


def _column(path, choices):
    """Counts by a column of the measure itself, in the order of its choices."""

    def count(measures, chosen):
        counts = dict(measures.values_list(path).annotate(n=Count("pk")))
        return [(value, label, counts.get(value, 0)) for value, label in choices]

    return count


def _record(path, code):
    """Counts by a record that the measure points at, most first."""

    def count(measures, chosen):
        rows = measures.values_list(f"{path}__{code}", translated(f"{path}__name")).annotate(n=Count("pk"))
        return _most_first(rows)

    return count


def _linked_column(through, path, choices):
    """Counts by a column of records that a table links to the measure, in the order of its choices."""

    def count(measures, chosen):
        rows = through.objects.filter(measure__in=measures.values("pk")).values_list(path)
        counts = dict(rows.annotate(n=Count("measure_id", distinct=True)))
        return [(value, label, counts.get(value, 0)) for value, label in choices]

    return count


def _linked_record(through, code, label, *, measure="measure"):
    """Counts by records that a table links to the measure, most first."""

    def count(measures, chosen):
        rows = through.objects.filter(**{f"{measure}__in": measures.values("pk")}).values_list(code, translated(label))
        return _most_first(rows.annotate(n=Count(f"{measure}_id", distinct=True)))

    return count


def _most_first(rows):
    return sorted(rows, key=lambda row: (-row[2], row[1]))


def _countries(measures, chosen):
    rows = _linked_record(COUNTRIES, "country__iso3", "country__name")(measures, chosen)
    return [(iso3.lower(), name, count) for iso3, name, count in rows]


def _groups(measures, chosen):
    """The UN's categories of countries, and whatever other group is chosen."""
    labels = CATEGORIES | {code: label for code, label in chosen.items() if code not in CATEGORIES}
    counts = measures.aggregate(**{code: Count("pk", filter=in_groups(Q(code=code))) for code in labels})
    return [(code, label, counts[code]) for code, label in labels.items()]


def _years(measures, chosen):
    counts = Counter()
    for date, number in measures.exclude(announced_on=None).values_list("announced_on").annotate(n=Count("pk")):
        counts[date.year] += number
    return [(str(year), str(year), counts[year]) for year in sorted(counts, reverse=True)]


def _verified(measures, chosen):
    counts = measures.aggregate(yes=Count("pk", filter=Q(verified_on__isnull=False)), all=Count("pk"))
    return [
        ("yes", None, counts["yes"]),
        ("no", None, counts["all"] - counts["yes"]),
    ]


def _languages(measures, chosen):
    rows = Citation.objects.order_by().filter(measure__in=measures.values("pk")).values_list("source__language")
    rows = rows.annotate(n=Count("measure_id", distinct=True))
    return _most_first((code, language_name(code), count) for code, count in rows)


def _tags(measures, chosen):
    """The tags that the catalogue uses often enough to be offered, and those that are chosen."""
    rows = _linked_record(TAGGED, "tag__slug", "tag__label", measure="content_object")(measures, chosen)
    uses = TAGGED.objects.filter(content_object__status=Status.PUBLISHED).values_list("tag__slug")
    offered = {slug for slug, number in uses.annotate(n=Count("pk")) if number >= TAG_MINIMUM}
    return [row for row in rows if row[0] in offered or row[0] in chosen]


FACETS = {
    "topic": _record("measure_type__topic", "code"),
    "type": _record("measure_type", "code"),
    "country": _countries,
    "region": _linked_column(COUNTRIES, "country__itu_region", ItuRegion.choices),
    "income": _linked_column(COUNTRIES, "country__income_group", IncomeGroup.choices),
    "group": _groups,
    "crisis": _record("crisis", "slug"),
    "year": _years,
    "state": _column("state", State.choices),
    "evidence": _column("evidence", Evidence.choices),
    "verified": _verified,
    "actor": _linked_column(ORGANIZATIONS, "organization__kind", OrganizationKind.choices),
    "legal": _column("legal_nature", LegalNature.choices),
    "beneficiary": _linked_record(BENEFICIARIES, "beneficiary__code", "beneficiary__name"),
    "source_language": _languages,
    "tag": _tags,
}


def facet(filterset, name):
    """The ``Facet`` of one parameter of a bound ``MeasureFilter``.

    Values that are not valid are left out of account, so that the reader can choose others in their place.
    """
    chosen = dict(filterset.chosen(name))
    errors = filterset.form.errors.get(name, [])
    rows = FACETS[name](filterset.without(name), {} if errors else chosen)
    values = [
        FacetValue(value, str(label or filterset.label_of(name, value)), count, value in chosen)
        for value, label, count in rows
        if count or value in chosen or len(rows) <= SHORT
    ]
    listed = {value.value for value in values}
    values += [FacetValue(value, str(label), 0, True) for value, label in chosen.items() if value not in listed]
    return Facet(name, filterset.filters[name].label, values, errors)


def facets(filterset):
    """Every facet of the list page, in the order in which it shows them."""
    return [facet(filterset, name) for name in FACETS]
