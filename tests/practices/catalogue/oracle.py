"""The list parameters as plain queries of the database, with which the index has to agree."""

import datetime

from django.db.models import Q

from countries.models import Group
from practices.models import Citation, Measure
from practices.partial_dates import PartialDate, surely_by, surely_from


def linked(through, measure="measure_id", **condition):
    """The measures that a row of ``through`` links to what ``condition`` says."""
    return Q(pk__in=through.objects.filter(**condition).values(measure))


def in_groups(codes):
    groups = Group.objects.filter(code__in=codes)
    members = linked(Measure.countries.through, country__groups__in=groups)
    return members | linked(Measure.areas.through, group__in=groups)


def in_years(years):
    condition = Q()
    for year in map(int, years):
        condition |= Q(announced_on__range=(year * 10000, year * 10000 + 9999))
    return condition


def verified(values):
    return Q() if set(values) == {"yes", "no"} else Q(verified_on__isnull="no" in values)


CONDITIONS = {
    "country": lambda v: linked(Measure.countries.through, country__iso3__in=[code.upper() for code in v]),
    "region": lambda v: linked(Measure.countries.through, country__itu_region__in=v),
    "income": lambda v: linked(Measure.countries.through, country__income_group__in=v),
    "group": in_groups,
    "topic": lambda v: Q(measure_type__topic__code__in=v),
    "type": lambda v: Q(measure_type__code__in=v),
    "crisis": lambda v: Q(crisis__slug__in=v),
    "actor": lambda v: linked(Measure.organizations.through, organization__kind__in=v),
    "organization": lambda v: linked(Measure.organizations.through, organization__slug__in=v),
    "legal": lambda v: Q(legal_nature__in=v),
    "beneficiary": lambda v: linked(Measure.beneficiaries.through, beneficiary__code__in=v),
    "year": in_years,
    "announced_from": lambda v: surely_from("announced_on", PartialDate.parse(v[0]).first_day),
    "announced_to": lambda v: surely_by("announced_on", PartialDate.parse(v[0]).last_day),
    "evidence": lambda v: Q(evidence__in=v),
    "verified": verified,
    "source_language": lambda v: linked(Citation, source__language__in=v),
    "tag": lambda v: linked(Measure.tags.through, "content_object_id", tag__slug__in=v),
}


def selected(parameters):
    """The public measures that ``parameters``, lists of valid values by name, select: a queryset in no order."""
    given = {name: [value for value in values if value] for name, values in parameters.items()}
    day = given.pop("as_of", None)
    states = given.pop("state", None) or (["in-force"] if day else None)
    day = datetime.date.fromisoformat(day[0]) if day else None
    queryset = Measure.objects.published().with_state(day).with_evidence().order_by()
    if states:
        queryset = queryset.filter(state__in=states)
    for name, values in given.items():
        if values and name != "sort":
            queryset = queryset.filter(CONDITIONS[name](values))
    return queryset
