"""After any change, what the journal made of the index is what building it from nothing gives."""

import datetime
import random

import pytest

from countries.models import Group
from practices import catalogue, workflow
from practices.catalogue import clauses, storage
from practices.catalogue.catalogue import ORDERS
from practices.catalogue.schema import TEXTS
from practices.choices import Action, SourceKind
from practices.facets import FACETS
from practices.models import Citation, Measure, MeasureType, Organization, Tag
from tests.factories import (
    BeneficiaryFactory,
    CountryFactory,
    CrisisFactory,
    GroupFactory,
    MeasureTypeFactory,
    OrganizationFactory,
    SourceFactory,
    TagFactory,
    cite,
    make_measure,
)
from tests.practices.catalogue.random_catalogue import fields, make_references

pytestmark = pytest.mark.django_db

MORE_STEPS = 20


def content_of(public):
    """Everything that a catalogue says, comparable."""
    measures = catalogue.Selection(public)[:]
    parameters = [*FACETS, "organization", "area"]
    labels = {name: public.records[name].labels() for name in parameters if name in public.records}
    return {
        "version": (public.version, public.changed_at, len(public), public.source_count, public.updated_at),
        "rows": [measure.row for measure in measures],
        "states": [measure.state for measure in measures],
        "orders": {order: public.ids(None, order) for order in ORDERS},
        "counts": {name: public.counts(name) for name in parameters},
        "found": {
            (name, value): sorted(public.ids(clauses.any_of(name, [value])))
            for name in parameters
            if name != "state"
            for value in public.counts(name)
        },
        "labels": {name: {pk: labels[name][pk] for pk in public.counts(name)} for name in labels},
        "words": {
            field: public.searcher.terms_with_prefix(field, "", filter_query=clauses.measures()) for field in TEXTS
        },
    }


def is_like_one_built_anew(public):
    _index, rebuilt = storage.build(None)
    shown, right = content_of(public), content_of(rebuilt)
    for what in right:
        assert shown[what] == right[what], what


class Desk:
    """Takes one step after another, each on records of its choice."""

    def __init__(self, rng):
        self.rng = rng
        self.references = make_references(rng)
        self.steps = [getattr(self, name) for name in sorted(vars(Desk)) if not name.startswith("_")]

    def _some(self, records, most=3, least=0):
        records = list(records)
        return self.rng.sample(records, min(self.rng.randint(least, most), len(records)))

    def _one_of(self, status):
        """A record of that status, made if there is none."""
        found = list(Measure.objects.filter(status=status).order_by("pk"))
        return self.rng.choice(found) if found else self._make(status)

    def _make(self, status):
        known = self.references
        return make_measure(
            status=status,
            countries=self._some(known.countries, least=1),
            areas=self._some(known.groups, 1),
            organizations=self._some(known.organizations),
            beneficiaries=self._some(known.beneficiaries),
            tags=self._some(known.tags),
            sources=self._some(known.sources, least=1),
            **fields(self.rng, known),
        )

    # Steps that the journal names, or that nobody sees

    def draft(self):
        self._make("draft")

    def publish(self):
        workflow.publish(self._one_of(self.rng.choice(["draft", "in-review", "withdrawn"])), by=None)

    def publish_what_names_all_that_is_new(self):
        make_measure(
            organizations=[OrganizationFactory()],
            tags=[f"new-{self.rng.randrange(10**9)}"],
            sources=[SourceFactory(language=self.rng.choice(["de", "it", "pt"]), kind="official")],
            countries=self._some(self.references.countries, least=1),
            **fields(self.rng, self.references),
        )

    def withdraw(self):
        workflow.withdraw(self._one_of("published"), by=None, reason="Recorded twice.")

    def submit(self):
        workflow.submit(self._one_of("draft"), by=None)

    def return_to_author(self):
        workflow.return_to_author(self._one_of("in-review"), by=None, reason="Name the page.")

    def verify(self):
        workflow.verify(self._one_of("published"), by=None)

    def correct(self):
        measure = self._one_of("published")
        with workflow.change(measure, by=None, action=Action.CORRECTED):
            for name, value in fields(self.rng, self.references).items():
                if name != "verified_on":
                    setattr(measure, name, value)

    def correct_what_it_points_at(self):
        measure, known = self._one_of("published"), self.references
        with workflow.change(measure, by=None, action=Action.CORRECTED):
            measure.countries.set(self._some(known.countries, least=1))
            measure.areas.set(self._some(known.groups, 2))
            measure.organizations.set(self._some(known.organizations))
            measure.beneficiaries.set(self._some(known.beneficiaries))
            measure.tags.set(self._some(known.tags))

    def correct_what_it_rests_on(self):
        measure = self._one_of("published")
        with workflow.change(measure, by=None, action=Action.CORRECTED):
            kept = measure.citations.first()
            Citation.objects.filter(measure=measure).exclude(pk=kept.pk).delete()
            cite(measure, [self.rng.choice(SourceKind.values)])

    def restore(self):
        measure = self._one_of("published")
        workflow.restore(measure, self.rng.choice(list(measure.changes.order_by("pk"))), by=None)

    def delete_a_draft(self):
        draft = Measure.objects.filter(published_at=None).first() or self._make("draft")
        draft.delete()

    def edit_a_draft(self):
        draft = self._one_of("draft")
        with workflow.change(draft, by=None, action=Action.EDITED):
            draft.tags.add(f"draft-{self.rng.randrange(10**9)}")
            draft.organizations.add(OrganizationFactory())
            draft.announced_on = "2020-04"

    # Steps that the journal does not name

    def rename_a_country(self):
        country = self.rng.choice(self.references.countries)
        country.name_en = f"Name {self.rng.randrange(10**9)}"
        country.income_group, country.itu_region = self.rng.choice(["", "low"]), self.rng.choice(["afr", "eur"])
        country.save()

    def change_members(self):
        group = self.rng.choice(self.references.groups)
        group.members.set(self._some(self.references.countries, 6))

    def join_a_group_from_the_countrys_side(self):
        self.rng.choice(self.references.countries).groups.add(self.rng.choice(self.references.groups))

    def rename_a_group(self):
        group = Group.objects.order_by("?").first()
        group.name_en = f"Name {self.rng.randrange(10**9)}"
        group.save()

    def move_a_type_to_another_topic(self):
        kind = self.rng.choice(self.references.types)
        kind.topic = self.rng.choice(self.references.types).topic
        kind.save()

    def change_an_organization(self):
        organization = self.rng.choice(list(Organization.objects.order_by("pk")))
        organization.kind = self.rng.choice(["regulator", "operator", "academia"])
        organization.slug = f"slug-{self.rng.randrange(10**9)}"
        organization.save()

    def change_a_source(self):
        source = self.rng.choice(self.references.sources)
        source.kind, source.language = self.rng.choice(SourceKind.values), self.rng.choice(["en", "sw", "ru"])
        source.save()

    def relabel_a_tag(self):
        tag = self.rng.choice(list(Tag.objects.order_by("pk")))
        tag.label_en = f"Label {self.rng.randrange(10**9)}"
        tag.save()

    def add_to_the_codebook(self):
        make = self.rng.choice([CountryFactory, CrisisFactory, MeasureTypeFactory, BeneficiaryFactory, GroupFactory])
        make()

    def delete_what_nothing_uses(self):
        unused = MeasureType.objects.filter(measures=None).exclude(pk__in=[kind.pk for kind in self.references.types])
        (unused.first() or MeasureTypeFactory()).delete()
        (Tag.objects.filter(tagged_measures=None).exclude(name__startswith="tag-").first() or TagFactory()).delete()


@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_step_the_catalogue_is_like_one_built_anew(seed):
    rng = random.Random(seed)  # noqa: S311
    desk = Desk(rng)
    for _number in range(6):
        desk._make("published")
    catalogue.current()
    every_one_in_some_order = rng.sample(desk.steps, len(desk.steps))
    for step in every_one_in_some_order + rng.choices(desk.steps, k=MORE_STEPS):
        for _time in range(rng.choice([1, 1, 2])):  # now and then a request comes after two
            step()
        try:
            is_like_one_built_anew(catalogue.current())
        except AssertionError as error:
            raise AssertionError(f"after {step.__name__}: {error}") from error


def test_the_last_record_can_go_and_another_come():
    measure = make_measure(announced_on=datetime.date(2020, 4, 17).isoformat(), tags=["a"])
    catalogue.current()
    workflow.withdraw(measure, by=None, reason="Recorded twice.")
    is_like_one_built_anew(catalogue.current())
    assert len(catalogue.current()) == 0
    make_measure(tags=["b"])
    is_like_one_built_anew(catalogue.current())
