"""After any change, what the journal made of the snapshot is what reading everything anew gives."""

import datetime
import random

import numpy as np
import pytest

from countries.models import Group
from practices import catalogue, workflow
from practices.catalogue import process
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


def codes_of(public, name):
    """The values of a column, row by row: as addresses write them, whatever place they have in this snapshot."""
    column = public.columns[name]
    known = None if name == "source" else public.codes(name)
    return [sorted(known[place] if known else place for place in column.of(row)) for row in range(len(public))]


def words_of(public, name):
    """What the records that public measures point at are called."""
    return {
        public.codes(name)[place]: str(public.records[name][place]) for place in np.flatnonzero(public.public(name))
    }


def is_like_one_read_anew(public):
    anew, _row = process._read()
    assert public.ids.tolist() == anew.ids.tolist() == sorted(anew.ids.tolist())
    assert (public.version, public.changed_at, len(public)) == (anew.version, anew.changed_at, len(anew))
    assert set(public.columns) == set(anew.columns)
    assert set(public.part.dates) == set(anew.part.dates)
    for name, dates in anew.part.dates.items():
        assert public.part.dates[name].dtype == dates.dtype
        assert public.part.dates[name].tolist() == dates.tolist(), name
    for name, column in anew.columns.items():
        assert codes_of(public, name) == codes_of(anew, name), name
        assert type(public.columns[name]) is type(column)
    for name in set(anew.records) - {"source_language"}:
        assert words_of(public, name) == words_of(anew, name), name
        if name not in ("organization", "tag"):  # others are known before any record names them
            assert public.codes(name) == anew.codes(name), name
    for name in (*public.columns, "state"):
        if name != "source":
            counts, right = (
                {snapshot.codes(name)[place]: count for place, count in enumerate(snapshot.counts(name)) if count}
                for snapshot in (public, anew)
            )
            assert counts == right, name
            for code in right:
                found = [snapshot.ids[snapshot.rows_with(name, code)].tolist() for snapshot in (public, anew)]
                assert found[0] == found[1], (name, code)
    some = np.arange(0, len(public), 9, dtype=np.int32)
    for name, counts in public.counts_of_each(FACETS, some).items():
        assert counts.tolist() == public.counts(name, some).tolist(), name
    assert (public.source_count, public.updated_at) == (anew.source_count, anew.updated_at)
    for order in ("announced", "-announced", "updated", "-updated"):
        in_order = [snapshot.ids[snapshot.page(order, 0, len(snapshot))].tolist() for snapshot in (public, anew)]
        assert in_order[0] == in_order[1], order


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
def test_after_any_step_the_catalogue_is_like_one_read_anew(seed):
    rng = random.Random(seed)  # noqa: S311
    desk = Desk(rng)
    for _number in range(6):
        desk._make("published")
    catalogue.current()
    every_one_in_some_order = rng.sample(desk.steps, len(desk.steps))
    for step in every_one_in_some_order + rng.choices(desk.steps, k=MORE_STEPS):
        for _time in range(rng.choice([1, 1, 2])):  # now and then a request comes after two
            step()
        if rng.random() < 0.5:  # as processes that serve readers do, in a moment
            catalogue.current().prepare()
        try:
            is_like_one_read_anew(catalogue.current())
        except AssertionError as error:
            raise AssertionError(f"after {step.__name__}: {error}") from error


def test_the_steps_that_a_day_at_the_desk_has_are_read_from_the_journal_alone(monkeypatch):
    desk = Desk(random.Random(3))  # noqa: S311
    for _number in range(3):
        desk._make("published")
    catalogue.current()
    with monkeypatch.context() as patch:
        patch.setattr(process, "_read", lambda: pytest.fail("everything was read anew"))
        for step in (
            *(desk.draft, desk.submit, desk.return_to_author, desk.edit_a_draft, desk.delete_a_draft, desk.publish),
            *(desk.publish_what_names_all_that_is_new, desk.verify, desk.correct, desk.correct_what_it_points_at),
            *(desk.correct_what_it_rests_on, desk.restore, desk.withdraw, desk.publish),
        ):
            step()
            public = catalogue.current()
    is_like_one_read_anew(public)


def test_the_last_record_can_go_and_another_come():
    measure = make_measure(announced_on=datetime.date(2020, 4, 17).isoformat(), tags=["a"])
    catalogue.current()
    workflow.withdraw(measure, by=None, reason="Recorded twice.")
    is_like_one_read_anew(catalogue.current())
    assert len(catalogue.current()) == 0
    make_measure(tags=["b"])
    is_like_one_read_anew(catalogue.current())
