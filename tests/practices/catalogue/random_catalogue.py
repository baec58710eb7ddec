"""Catalogues at random, written straight to the tables: many at little cost, and no more alike than chance has it."""

import datetime
from dataclasses import dataclass

from countries.choices import IncomeGroup, ItuRegion
from practices import catalogue
from practices.choices import LegalNature, OrganizationKind, SourceKind
from practices.models import Citation, Measure
from practices.partial_dates import PartialDate
from tests.factories import (
    BeneficiaryFactory,
    CountryFactory,
    CrisisFactory,
    GroupFactory,
    MeasureTypeFactory,
    OrganizationFactory,
    SourceFactory,
    TagFactory,
    TopicFactory,
)

LINKS = {"countries": "country", "areas": "group", "organizations": "organization", "beneficiaries": "beneficiary"}


@dataclass
class References:
    """What measures can point at."""

    countries: list
    groups: list
    types: list
    crises: list
    organizations: list
    beneficiaries: list
    tags: list
    sources: list


def make_references(rng):
    def some(records, most):
        return rng.sample(records, rng.randint(0, most))

    countries = [
        CountryFactory(itu_region=rng.choice(ItuRegion.values), income_group=rng.choice([*IncomeGroup.values, ""]))
        for _number in range(12)
    ]
    topics = [TopicFactory(code=f"topic-{number}") for number in range(3)]
    return References(
        countries,
        [GroupFactory(code=code, members=some(countries, 6)) for code in ("ldc", "lldc", "sids", "eu", "world")],
        [MeasureTypeFactory(topic=rng.choice(topics)) for _number in range(5)],
        [CrisisFactory() for _number in range(3)],
        [OrganizationFactory(kind=rng.choice(OrganizationKind.values)) for _number in range(8)]
        + [OrganizationFactory(regulator_of=countries[0])],
        [BeneficiaryFactory() for _number in range(4)],
        [TagFactory() for _number in range(8)],
        [
            SourceFactory(kind=rng.choice(SourceKind.values), language=rng.choice(["en", "fr", "ar", "zh"]))
            for _number in range(12)
        ],
    )


def random_date(rng, first=2019, last=2021):
    """A partial date of any precision or none, often at an end of a month or a year."""
    year, month = rng.randint(first, last), rng.choice([1, 2, 4, 11, 12])
    return rng.choice(
        [
            None,
            PartialDate(year),
            PartialDate(year, month),
            PartialDate(year, month, rng.choice([1, 2, 15, 27, 28])),
            PartialDate(year, 12, 31),
            PartialDate(year, 4, 30),
            PartialDate(2020, 2, 29),
        ]
    )


def random_day(rng):
    return datetime.date(2019, 1, 1) + datetime.timedelta(rng.randint(0, 3 * 365))


def fields(rng, references):
    """The fields of a measure that filters look at."""
    starts, ends = sorted(
        (random_date(rng) for _number in range(2)), key=lambda date: date.last_day if date else datetime.date.max
    )
    if ends is None and rng.random() < 0.5:
        starts, ends = None, starts
    confirmed = rng.choice([None, random_day(rng)])
    return {
        "measure_type": rng.choice(references.types),
        "crisis": rng.choice(references.crises),
        "legal_nature": rng.choice(["", *LegalNature.values]),
        "announced_on": random_date(rng),
        "starts_on": starts,
        "ends_on": ends,
        "confirmed_in_force_on": confirmed,
        "review_by": confirmed and confirmed + datetime.timedelta(rng.choice([0, 1, 30, 400])),
        "verified_on": rng.choice([None, random_day(rng)]),
    }


def make_measures(rng, references, number):
    """Measures of every status. Some of what hidden ones point at, nothing public points at."""
    now = datetime.datetime(2021, 6, 1, tzinfo=datetime.UTC)
    measures = []
    for place in range(number):
        status = rng.choice(["published"] * 4 + ["draft", "in-review", "withdrawn"])
        measures.append(
            Measure(
                slug=f"m-{place}",
                title_en=f"Measure {place}",
                summary_en="Something was done.",
                scope="national",
                status=status,
                published_at=now if status in ("published", "withdrawn") else None,
                withdrawn_at=now if status == "withdrawn" else None,
                withdrawal_reason="Recorded twice." if status == "withdrawn" else "",
                updated_at=now + datetime.timedelta(seconds=rng.randint(0, number // 2)),
                **fields(rng, references),
            )
        )
    Measure.objects.bulk_create(measures)
    only_hidden = {  # the last of each kind
        "organizations": references.organizations[-1:],
        "tags": references.tags[-1:],
        "sources": [SourceFactory(language="tlh")],
    }
    citations = []
    for measure in measures:
        for relation in [*LINKS, "tags"]:
            known = {"areas": references.groups}.get(relation) or getattr(references, relation)
            hidden = only_hidden.get(relation, [])
            chosen = rng.sample([record for record in known if record not in hidden], rng.choice([0, 0, 1, 2, 3]))
            getattr(measure, relation).add(*chosen, *(hidden if measure.status != "published" else []))
        sources = rng.sample(references.sources, rng.choice([1, 1, 2, 3]))
        if measure.status != "published":
            sources = [*sources, *only_hidden["sources"]]
        citations += [Citation(measure=measure, source=source) for source in sources]
    Citation.objects.bulk_create(citations)
    catalogue.forget()
    return measures


def values_by_parameter(day):
    """What each public measure says of each parameter: ``{name: {id of a measure: set of values}}``.

    Read record by record, by the models' own relations: what any faster way has to agree with.
    """
    found = {}
    measures = (
        Measure.objects.published().with_state(day).with_evidence().select_related("measure_type__topic", "crisis")
    )
    for measure in measures:
        countries, areas = list(measure.countries.prefetch_related("groups")), list(measure.areas.all())
        organizations = list(measure.organizations.all())
        values = {
            "topic": {measure.measure_type.topic.code},
            "type": {measure.measure_type.code},
            "crisis": {measure.crisis.slug},
            "legal": {measure.legal_nature} - {""},
            "year": {str(measure.announced_on.year)} if measure.announced_on else set(),
            "state": {measure.state},
            "evidence": {measure.evidence},
            "verified": {"yes" if measure.verified_on else "no"},
            "country": {country.iso3.lower() for country in countries},
            "region": {country.itu_region for country in countries},
            "income": {country.income_group for country in countries} - {""},
            "group": {group.code for country in countries for group in country.groups.all()}
            | {area.code for area in areas},
            "organization": {organization.slug for organization in organizations},
            "actor": {organization.kind for organization in organizations},
            "beneficiary": {beneficiary.code for beneficiary in measure.beneficiaries.all()},
            "tag": {tag.slug for tag in measure.tags.all()},
            "source_language": {source.language for source in measure.sources.all()},
        }
        for name, these in values.items():
            found.setdefault(name, {})[measure.pk] = these
    return found
