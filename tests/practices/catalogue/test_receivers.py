"""What counts as a change of the catalogue, and that it counts together with what it changes or not at all."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError

from countries.models import Country, Group
from practices import catalogue, workflow
from practices.choices import Action
from practices.filters import MeasureFilter
from practices.models import (
    Beneficiary,
    CatalogueVersion,
    Change,
    Crisis,
    JournalEntry,
    Measure,
    MeasureType,
    Organization,
    Source,
    Tag,
    Topic,
)
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
    cite,
    make_measure,
)

MODELS = {
    "country": (Country, CountryFactory),
    "group": (Group, GroupFactory),
    "topic": (Topic, TopicFactory),
    "type": (MeasureType, MeasureTypeFactory),
    "beneficiary": (Beneficiary, BeneficiaryFactory),
    "crisis": (Crisis, CrisisFactory),
    "organization": (Organization, OrganizationFactory),
    "tag": (Tag, TagFactory),
    "source": (Source, SourceFactory),
}
# Nobody sees these before a public record names them.
UNSEEN_WHEN_NEW = {"organization", "tag", "source"}


@pytest.fixture
def world(db):
    """One record of every kind, all of them named by a public measure; and one of every kind that nothing names."""
    country = CountryFactory(iso3="KEN")
    make_measure(
        slug="public",
        countries=[country],
        areas=[GroupFactory(code="named", members=[country])],
        organizations=[OrganizationFactory(slug="named")],
        beneficiaries=[BeneficiaryFactory(code="named")],
        tags=["named"],
    )
    unused_topic = TopicFactory(code="unused")
    MeasureTypeFactory(code="unused", topic=TopicFactory(code="of-unused"))
    for make in (CountryFactory, GroupFactory, BeneficiaryFactory, CrisisFactory):
        make()
    OrganizationFactory(), TagFactory(), SourceFactory()
    return unused_topic


def numbers():
    return CatalogueVersion.objects.values_list("number", flat=True).get()


def used(name):
    through = {
        "country": {"iso3": "KEN"},
        "topic": {"code": "affordability"},
        "type": {"code": "zero-rating"},
        "crisis": {"slug": "covid-19"},
        "source": {"citations__measure__slug": "public"},
        "organization": {"slug": "named"},
        "tag": {"name": "named"},
    }
    return MODELS[name][0].objects.get(**through.get(name, {"code": "named"}))


def unused(name):
    model = MODELS[name][0]
    return {"topic": lambda: model.objects.get(code="unused")}.get(name, lambda: model.objects.order_by("pk").last())()


def save(record):
    record.save()


def delete(record):
    record.delete()


CHANGES = [
    *((f"{name} saved", lambda name=name: save(used(name))) for name in MODELS),
    *((f"{name} deleted", lambda name=name: delete(unused(name))) for name in MODELS),
    *((f"{name} added", MODELS[name][1]) for name in MODELS if name not in UNSEEN_WHEN_NEW),
    ("regulator added", lambda: OrganizationFactory(regulator_of=used("country"))),
    ("members set", lambda: used("group").members.set([unused("country")])),
    ("member added", lambda: used("group").members.add(unused("country"))),
    ("member removed", lambda: used("group").members.remove(used("country"))),
    ("members cleared", lambda: used("group").members.clear()),
    ("member added from its side", lambda: unused("country").groups.add(used("group"))),
]


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in CHANGES])
def test_a_change_of_what_measures_point_at_counts_and_the_journal_names_it(world, change):
    number = numbers()
    change()
    assert numbers() > number
    assert JournalEntry.objects.filter(version=numbers()).exists()


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in CHANGES])
def test_a_change_and_its_number_are_undone_together(world, change):
    before = numbers()
    with transaction.atomic():
        change()
        transaction.set_rollback(True)
    assert numbers() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", MODELS)
def test_what_cannot_be_counted_is_not_saved(name, monkeypatch):
    """They are one transaction even where the caller has none."""
    record = MODELS[name][1]()
    field = "title" if name == "source" else "name" if name == "tag" else "name_en"

    def fail(**kwargs):
        raise RuntimeError("The catalogue cannot count.")

    monkeypatch.setattr(CatalogueVersion, "advance", fail)
    before = getattr(record, field)
    setattr(record, field, "Another")
    with pytest.raises(RuntimeError):
        record.save()
    with pytest.raises(RuntimeError):
        record.delete()
    assert getattr(MODELS[name][0].objects.get(pk=record.pk), field) == before


@pytest.mark.parametrize("name", sorted(UNSEEN_WHEN_NEW))
def test_what_no_record_names_yet_counts_for_nothing(world, name):
    before = numbers()
    MODELS[name][1]()
    assert numbers() == before


@pytest.mark.parametrize("name", ["country", "group", "beneficiary", "organization", "type", "crisis", "source"])
def test_a_deletion_that_is_refused_counts_for_nothing(world, name):
    before = numbers()
    with pytest.raises(ProtectedError), transaction.atomic():
        used(name).delete()
    assert numbers() == before


def test_what_happens_to_a_draft_counts_for_nothing(world, editor):
    before = numbers()
    draft = make_measure(
        slug="draft",
        status="draft",
        countries=["KEN"],
        organizations=[OrganizationFactory()],
        tags=["unheard-of"],
        sources=[SourceFactory(language="tlh")],
    )
    with workflow.change(draft, by=editor, action=Action.EDITED):
        draft.title_en = "Another title"
        draft.tags.add("even-newer")
        cite(draft, ["official"])
    workflow.submit(draft, by=editor)
    workflow.return_to_author(draft, by=editor, reason="Name the page.")
    workflow.restore(draft, draft.changes.order_by("pk").first(), by=editor)
    assert set(Change.objects.filter(measure=draft).values_list("version", flat=True)) == {None}
    draft.delete()
    assert numbers() == before


def test_a_step_that_is_refused_counts_for_nothing(world, editor):
    before = numbers()
    measure = Measure.objects.get(slug="public")
    with pytest.raises(workflow.WorkflowError):
        workflow.publish(measure, by=editor)
    with pytest.raises(workflow.WorkflowError), workflow.change(measure, by=editor, action=Action.CORRECTED):
        measure.title_en = ""
    with pytest.raises(ValidationError), transaction.atomic():
        measure.citations.all().delete()
    assert numbers() == before


@pytest.mark.parametrize("step", ["publish", "verify", "correct", "restore", "withdraw", "edit what was withdrawn"])
def test_each_step_that_readers_see_counts_once_and_the_journal_has_its_number(world, editor, step):
    if step == "publish":
        measure = make_measure(status="in-review", countries=["KEN"])
    else:
        measure = Measure.objects.get(slug="public")
    if step == "edit what was withdrawn":
        workflow.withdraw(measure, by=editor, reason="Recorded twice.")
    number = numbers()
    if step == "publish":
        workflow.publish(measure, by=editor)
    elif step == "verify":
        workflow.verify(measure, by=editor)
    elif step == "restore":
        workflow.restore(measure, measure.changes.get(), by=editor)
    elif step == "withdraw":
        workflow.withdraw(measure, by=editor, reason="Recorded twice.")
    else:
        with workflow.change(measure, by=editor, action=Action.CORRECTED):
            measure.ends_on = "2020-06"
    change = measure.changes.order_by("pk").last()
    if step == "edit what was withdrawn":  # nobody sees it
        assert (change.version, numbers()) == (None, number)
    else:
        assert (change.version, numbers()) == (number + 1, number + 1)


def test_what_readers_see_follows_each_change(world):
    kenya, group = used("country"), used("group")

    def slugs(name, code):
        return {measure.slug for measure in MeasureFilter({name: [code]}, catalogue.current()).in_order()[:]}

    assert slugs("group", "named") == {"public"}
    make_measure(slug="second", countries=["KEN"])
    assert slugs("group", "named") == {"public", "second"}
    group.members.remove(kenya)
    assert slugs("group", "named") == {"public"}  # by its own name
    kenya.itu_region = "eur"
    kenya.save()
    assert slugs("region", "eur") == {"public", "second"}
    kind = used("type")
    kind.topic = world
    kind.save()
    assert slugs("topic", "unused") == {"public", "second"}
    source = used("source")
    source.kind, source.language = "official", "sw"
    source.save()
    assert slugs("evidence", "official") == slugs("source_language", "sw") == {"public"}
    tag = used("tag")
    tag.slug = "renamed"
    tag.save()
    assert not MeasureFilter({"tag": ["named"]}, catalogue.current()).is_valid()
    assert slugs("tag", "renamed") == {"public"}
    tag.delete()  # a tag takes itself off the records that carry it
    assert not MeasureFilter({"tag": ["renamed"]}, catalogue.current()).is_valid()
    assert catalogue.Selection(catalogue.current())[:][-1].pointed_at("tag") == []
