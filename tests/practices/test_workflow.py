import datetime
from decimal import Decimal

import pytest
import reversion
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from reversion.models import Version

from practices import catalogue, workflow
from practices.choices import Action
from practices.content import content_at, content_of
from practices.models import CatalogueVersion, Change, Citation, Measure
from practices.querysets import today
from practices.workflow import WorkflowError
from tests.factories import (
    BeneficiaryFactory,
    CountryFactory,
    GroupFactory,
    MeasureFactory,
    OrganizationFactory,
    SourceFactory,
    SpectrumBandFactory,
    UserFactory,
    cite,
    make_measure,
)

pytestmark = pytest.mark.django_db


def stored(measure):
    return Measure.objects.get(pk=measure.pk)


def rows():
    return Change.objects.count(), Version.objects.count()


STEPS = {
    "submit": (workflow.submit, {}, "in-review"),
    "return": (workflow.return_to_author, {"reason": "Name the source's page."}, "draft"),
    "publish": (workflow.publish, {}, "published"),
    "withdraw": (workflow.withdraw, {"reason": "Recorded twice."}, "withdrawn"),
}
ALLOWED = {
    ("draft", "submit"),
    ("draft", "publish"),
    ("in-review", "return"),
    ("in-review", "publish"),
    ("published", "withdraw"),
    ("withdrawn", "publish"),
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", ["draft", "in-review", "published", "withdrawn"])
def test_each_step_starts_only_where_it_may(status, step, editor):
    measure = make_measure(status=status)
    act, words, result = STEPS[step]
    before = rows()
    if (status, step) in ALLOWED:
        act(measure, by=editor, **words)
        assert stored(measure).status == result
    else:
        with pytest.raises(WorkflowError, match="cannot become"):
            act(measure, by=editor, **words)
        assert (stored(measure).status, rows()) == (status, before)


def test_each_step_leaves_one_change_with_who_when_what_and_why(editor):
    measure = make_measure(status="draft")
    workflow.submit(measure, by=editor, reason="Ready.")
    workflow.return_to_author(measure, by=editor, reason="Name the page.")
    workflow.publish(measure, by=editor, public_note="First published.")
    workflow.verify(measure, by=editor)
    workflow.withdraw(measure, by=editor, reason="Recorded twice.")
    changes = Change.objects.order_by("pk")
    assert list(changes.values_list("action", "reason", "public_note")) == [
        ("submitted", "Ready.", ""),
        ("returned", "Name the page.", ""),
        ("published", "", "First published."),
        ("verified", "", ""),
        ("withdrawn", "Recorded twice.", ""),
    ]
    assert {(change.measure, change.by) for change in changes} == {(measure, editor)}
    assert [change.at for change in changes] == sorted(change.at for change in changes)
    assert stored(measure).updated_at == changes.last().at


def test_a_load_from_files_is_nobodys_change():
    measure = make_measure(by=None)
    assert [(change.by, change.revision.user) for change in measure.changes.all()] == [(None, None)]


@pytest.mark.parametrize(
    ("lacking", "named"),
    [
        ({"title": ""}, ["Title"]),
        ({"summary": ""}, ["Summary"]),
        ({"countries": []}, ["Countries"]),
        ({"sources": 0}, ["Sources"]),
        ({"title": "", "summary": "", "countries": [], "sources": 0}, ["Title", "Summary", "Countries", "Sources"]),
    ],
)
def test_nothing_is_published_that_lacks_what_readers_need(lacking, named, editor):
    measure = make_measure(status="draft", **lacking)
    before = rows()
    with pytest.raises(WorkflowError) as refused:
        workflow.publish(measure, by=editor)
    assert [problem.partition(":")[0] for problem in refused.value.problems] == named
    kept = stored(measure)
    assert (kept.status, kept.published_at, rows()) == ("draft", None, before)


def full_content(slug):
    """What a record says that has something of everything; its own citations, bands and tags."""
    measure = make_measure(
        slug=slug, organizations=[OrganizationFactory()], beneficiaries=[BeneficiaryFactory()], tags=["lte"], sources=2
    )
    SpectrumBandFactory(measure=measure, ranges=[("703", "733"), ("758", "788")])
    return content_of(measure)


def kept(change):
    """The versions of a change, without what numbers and moments differ in."""
    own = {"id", "pk", "slug", "measure", "content_object", "band", "created_at", "updated_at", "published_at"}
    return sorted(
        (version.content_type.model, version.format, version.object_repr, sorted(_without(version.field_dict, own)))
        for version in change.revision.version_set.select_related("content_type")
    )


def _without(fields, own):
    return ((name, str(value)) for name, value in fields.items() if name.removesuffix("_id") not in own)


def test_many_published_at_once_are_as_if_each_had_been_published():
    contents = [full_content("a") | {"slug": "first"}, full_content("b") | {"slug": "second"}]
    number = CatalogueVersion.objects.get().number
    measures = workflow.create_published(contents, reason="Loaded.")

    assert [content_of(stored(measure)) for measure in measures] == contents
    assert [(kept.status, kept.published_at == kept.updated_at) for kept in map(stored, measures)] == [
        ("published", True)
    ] * 2
    assert CatalogueVersion.objects.get().number == number + 2
    changes = [measure.changes.get() for measure in measures]
    assert [(change.by, change.action, change.reason) for change in changes] == [(None, "published", "Loaded.")] * 2
    assert [change.version for change in changes] == [number + 1, number + 2]
    assert [content_at(change) for change in changes] == contents
    for change, slug in zip(changes, ["a", "b"], strict=True):
        one = Measure.objects.get(slug=slug)
        with workflow.change(one, by=None, action=Action.CORRECTED):
            pass
        assert kept(change) == kept(one.changes.first())
    assert set(catalogue.current().ids()) == set(Measure.objects.published().values_list("pk", flat=True))


@pytest.mark.parametrize("lacking", [{"title_en": ""}, {"summary_en": ""}, {"countries": []}, {"citations": []}])
def test_of_many_none_is_published_if_one_lacks_what_readers_need(lacking):
    contents = [full_content("a") | {"slug": "first"}, full_content("b") | {"slug": "second"} | lacking]
    before = rows(), CatalogueVersion.objects.get().number, Measure.objects.count()
    with pytest.raises(WorkflowError):
        workflow.create_published(contents)
    assert (rows(), CatalogueVersion.objects.get().number, Measure.objects.count()) == before


def test_publishing_many_takes_as_many_queries_as_one(django_assert_max_num_queries):
    contents = [full_content(slug) | {"slug": f"another-{slug}"} for slug in "abcdef"]
    with CaptureQueriesContext(connection) as one:
        workflow.create_published(contents[:1])
    with django_assert_max_num_queries(len(one)):
        workflow.create_published(contents[1:])


def test_an_area_stands_for_countries():
    assert make_measure(countries=[], areas=[GroupFactory()]).status == "published"


def test_a_record_in_french_alone_can_be_published():
    measure = make_measure(title_en="", title_fr="Titre", summary_en="", summary_fr="Résumé")
    assert (stored(measure).status, stored(measure).title) == ("published", "Titre")


@pytest.mark.parametrize("reason", ["", "  \n"])
@pytest.mark.parametrize(("status", "step"), [("in-review", "return"), ("published", "withdraw")])
def test_returning_and_withdrawing_need_a_reason(status, step, reason, editor):
    measure = make_measure(status=status)
    with pytest.raises(WorkflowError, match="Reason"):
        STEPS[step][0](measure, by=editor, reason=reason)
    assert stored(measure).status == status


def test_withdrawal_keeps_the_record_with_its_reason():
    measure = make_measure(status="withdrawn", title="Twice")
    kept = stored(measure)
    assert (kept.title, kept.withdrawal_reason, kept.citations.count()) == ("Twice", "Recorded twice.", 1)
    assert kept.withdrawn_at is not None


def test_publishing_again_keeps_the_first_date_and_clears_the_withdrawal(editor):
    measure = make_measure()
    first = stored(measure).published_at
    workflow.withdraw(measure, by=editor, reason="Recorded twice.")
    workflow.publish(measure, by=editor)
    again = stored(measure)
    assert (again.published_at, again.withdrawn_at, again.withdrawal_reason) == (first, None, "")


def test_verifying_records_who_and_which_day(editor):
    measure = make_measure()
    workflow.verify(measure, by=editor)
    assert (stored(measure).verified_on, stored(measure).verified_by) == (today(), editor)


def test_a_stale_copy_cannot_repeat_a_step(editor):
    measure = make_measure(status="draft")
    stale = stored(measure)
    workflow.publish(measure, by=editor)
    with pytest.raises(WorkflowError, match="Published"):
        workflow.submit(stale, by=editor)
    assert stored(measure).status == "published"


def test_a_change_that_fails_leaves_nothing_half_written(editor):
    measure = make_measure(title="Before", tags=["wi-fi"])
    before = rows()

    def fail_halfway():
        with workflow.change(measure, by=editor, action=Action.CORRECTED):
            measure.title_en = "After"
            measure.save()
            measure.tags.clear()
            cite(measure, ["official"])
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        fail_halfway()
    kept = stored(measure)
    assert (kept.title, list(kept.tags.names()), kept.citations.count(), rows()) == ("Before", ["wi-fi"], 1, before)
    assert not reversion.is_active()


TEXTS = {
    f"{field}_{language}": f"{field} in {language}"
    for field in ("title", "summary", "outcome")
    for language in ("en", "ar", "es", "fr", "ru", "zh_hans")
}


def contents(measure):
    """All that a version of a record holds."""
    measure = stored(measure)
    return {
        **{name: getattr(measure, name) for name in TEXTS},
        "dates": (measure.announced_on, measure.starts_on, measure.ends_on, measure.review_by),
        "legal_nature": measure.legal_nature,
        "measure_type": measure.measure_type.code,
        "countries": set(measure.countries.values_list("iso3", flat=True)),
        "areas": set(measure.areas.values_list("code", flat=True)),
        "organizations": set(measure.organizations.values_list("slug", flat=True)),
        "beneficiaries": set(measure.beneficiaries.values_list("code", flat=True)),
        "tags": set(measure.tags.names()),
        "citations": [(c.source_id, c.locator, c.note, c.position) for c in measure.citations.all()],
        "bands": [
            (band.label, band.role, band.terms, [(r.lower_mhz, r.upper_mhz) for r in band.ranges.all()])
            for band in measure.bands.all()
        ],
    }


@pytest.fixture
def full_record():
    measure = make_measure(
        status="draft",
        announced_on="2020-03",
        starts_on="2020-04-01",
        ends_on="2020",
        review_by=datetime.date(2021, 1, 1),
        legal_nature="mandatory",
        countries=["KEN", "UGA"],
        areas=[GroupFactory(code="eac")],
        organizations=[OrganizationFactory(slug="ke-ca")],
        beneficiaries=[BeneficiaryFactory(code="households")],
        sources=0,
        tags=["wi-fi", "schools"],
        **TEXTS,
    )
    Citation.objects.create(measure=measure, source=SourceFactory(), locator="page 4", note="the dates", position=0)
    Citation.objects.create(measure=measure, source=SourceFactory(), position=1)
    SpectrumBandFactory(measure=measure, label="700 MHz", terms="free", ranges=[("703.000", "733.000"), (758, 788)])
    SpectrumBandFactory(measure=measure, label="800 MHz", position=1)
    workflow.publish(measure, by=None)
    return measure


def spoil(measure, by):
    with workflow.change(measure, by=by, action=Action.CORRECTED):
        for name in TEXTS:
            setattr(measure, name, "spoilt")
        measure.announced_on, measure.ends_on, measure.legal_nature = None, None, ""
        measure.countries.set([CountryFactory(iso3="FRA")])
        measure.areas.clear()
        measure.organizations.set([OrganizationFactory()])
        measure.beneficiaries.clear()
        measure.tags.set(["new"])
        cite(measure, ["news"])
        measure.citations.exclude(source__kind="news", position=2).delete()
        measure.bands.first().delete()
        band = measure.bands.get()
        band.ranges.create(lower_mhz=Decimal("791"), upper_mhz=Decimal("821"))
        SpectrumBandFactory(measure=measure, label="900 MHz", ranges=[(880, 915)])


@pytest.mark.parametrize("language", ["en", "fr", "zh-hans"])
def test_restoring_brings_back_the_whole_record_in_whatever_language_the_desk_is(full_record, language, editor):
    before = contents(full_record)
    version = full_record.changes.get()
    spoil(full_record, editor)
    spoilt = contents(full_record)
    assert all(spoilt[name] != before[name] for name in before if name not in ("measure_type",))
    with translation.override(language):
        workflow.restore(full_record, version, by=editor, reason="The edit was wrong.")
    assert contents(full_record) == before
    assert list(full_record.changes.values_list("action", "reason")) == [
        ("restored", "The edit was wrong."),
        ("corrected", ""),
        ("published", ""),
    ]


def test_what_was_restored_can_be_undone_again(full_record, editor):
    version = full_record.changes.get()
    spoil(full_record, editor)
    spoilt, corrected = contents(full_record), full_record.changes.first()
    workflow.restore(full_record, version, by=editor)
    workflow.restore(full_record, corrected, by=editor)
    assert contents(full_record) == spoilt


def test_restoring_does_not_change_the_status(editor, settings):
    settings.SECOND_PERSON = False
    measure = make_measure(status="draft")
    workflow.submit(measure, by=editor)
    submitted = measure.changes.get()
    workflow.publish(measure, by=editor)
    workflow.verify(measure, by=editor)
    published_at = stored(measure).published_at
    workflow.restore(measure, submitted, by=editor)
    kept = stored(measure)
    assert (kept.status, kept.published_at) == ("published", published_at)
    assert kept.verified_on is None, "what was verified is no longer what the record says"


def test_a_withdrawn_record_stays_withdrawn_when_its_text_is_restored(editor):
    measure = make_measure(title="Before")
    published = measure.changes.get()
    workflow.withdraw(measure, by=editor, reason="Recorded twice.")
    workflow.restore(measure, published, by=editor)
    assert (stored(measure).status, stored(measure).withdrawal_reason) == ("withdrawn", "Recorded twice.")


def test_a_version_of_another_record_is_refused(editor):
    measure, other = make_measure(title="One"), make_measure(title="Other")
    with pytest.raises(WorkflowError, match="another record"):
        workflow.restore(measure, other.changes.get(), by=editor)
    assert stored(measure).title == "One"


def test_a_published_record_is_not_restored_to_a_version_without_sources(editor, settings):
    settings.SECOND_PERSON = False
    measure = make_measure(status="draft", sources=0)
    workflow.submit(measure, by=editor)
    unsourced = measure.changes.get()
    cite(measure, ["official"])
    workflow.publish(measure, by=editor)
    before, count = contents(measure), rows()
    with pytest.raises(WorkflowError, match="Sources"):
        workflow.restore(measure, unsourced, by=editor)
    assert (contents(measure), rows()) == (before, count)


def test_a_version_whose_address_belongs_to_another_record_now_is_refused(editor):
    measure = make_measure(slug="first-name")
    version = measure.changes.get()
    with workflow.change(measure, by=editor, action=Action.EDITED):
        measure.slug = "second-name"
    make_measure(slug="first-name")
    before = rows()
    with pytest.raises(WorkflowError):
        workflow.restore(measure, version, by=editor)
    assert (stored(measure).slug, rows()) == ("second-name", before)


def test_a_restored_address_works_and_the_later_one_leads_to_it(editor):
    measure = make_measure(slug="first-name")
    version = measure.changes.get()
    with workflow.change(measure, by=editor, action=Action.EDITED):
        measure.slug = "second-name"
    workflow.restore(measure, version, by=editor)
    assert stored(measure).slug == "first-name"
    assert Measure.by_former_slug("second-name") == measure
    assert Measure.by_former_slug("first-name") is None


def test_the_account_behind_a_change_cannot_be_deleted():
    user = UserFactory()
    make_measure(by=user)
    with pytest.raises(Exception, match="protected"):
        user.delete()


def test_a_new_record_is_a_draft_that_nobody_published():
    measure = MeasureFactory()
    assert (measure.status, measure.published_at, measure.changes.count()) == ("draft", None, 0)


def test_a_copy_read_earlier_undoes_no_step_that_was_taken_since(editor):
    early = make_measure(status="draft")
    workflow.publish(Measure.objects.get(pk=early.pk), by=editor)
    workflow.verify(early, by=editor)
    measure = Measure.objects.get(pk=early.pk)
    assert (measure.status, measure.verified_by) == ("published", editor)


def test_a_record_that_says_something_else_is_no_longer_verified(editor):
    measure = make_measure()
    workflow.verify(measure, by=editor)
    with workflow.change(measure, by=editor, action=Action.CORRECTED):
        measure.summary_en = "Something else."
    assert (stored(measure).verified_on, stored(measure).verified_by) == (None, None)


@pytest.mark.parametrize("status", ["draft", "in-review", "withdrawn"])
def test_only_what_is_public_is_verified(editor, status):
    measure = make_measure(status=status)
    with pytest.raises(WorkflowError, match="Only a published record"):
        workflow.verify(measure, by=editor)
    assert stored(measure).verified_on is None


def test_a_published_record_keeps_what_publication_asks_for(editor):
    measure = make_measure(countries=["KEN"])
    with (
        pytest.raises(WorkflowError, match="Countries"),
        workflow.change(measure, by=editor, action=Action.CORRECTED),
    ):
        measure.countries.clear()
    assert measure.countries.count() == 1


def draft_of(*writers):
    """A draft that each of ``writers`` has written at, in turn."""
    measure = make_measure(status="draft")
    for action, writer in zip([Action.CREATED] + [Action.EDITED] * 9, writers, strict=False):
        with workflow.change(measure, by=writer, action=action):
            measure.outcome_en = f"{action} by {writer}."
    return measure


def test_who_wrote_a_record_alone_does_not_publish_it():
    writer, other = UserFactory(), UserFactory()
    measure = draft_of(writer, writer)
    with pytest.raises(workflow.WorkflowError, match="somebody else has to publish"):
        workflow.publish(measure, by=writer)
    workflow.publish(measure, by=other)
    assert measure.status == "published"


def test_one_of_two_writers_may_publish_and_anybody_where_the_rule_is_off(settings):
    writer, other = UserFactory(), UserFactory()
    workflow.publish(draft_of(writer, other), by=writer)
    settings.SECOND_PERSON = False
    workflow.publish(draft_of(writer), by=writer)


def proposal_of(measure, **content):
    return workflow.propose(
        measure,
        content_of(measure) | content,
        by=UserFactory(),
        based_on=measure.changes.first().pk,
        public_note="The title was wrong.",
    )


def test_readers_keep_the_old_text_until_a_revision_is_accepted():
    measure = make_measure(title="Old title")
    proposal = proposal_of(measure, title_en="New title")
    assert Measure.objects.get(pk=measure.pk).title_en == "Old title"
    workflow.accept(proposal, by=(publisher := UserFactory()))
    assert Measure.objects.get(pk=measure.pk).title_en == "New title"
    newest = measure.changes.first()
    assert (newest.action, newest.by, newest.public_note) == (Action.CORRECTED, publisher, "The title was wrong.")


def test_who_proposed_a_revision_does_not_accept_it():
    proposal = proposal_of(make_measure(), title_en="New title")
    with pytest.raises(workflow.WorkflowError, match="somebody else has to accept"):
        workflow.accept(proposal, by=proposal.by)
    proposal.refresh_from_db()
    assert proposal.decision == "open"


def test_a_revision_of_what_has_changed_since_is_not_accepted_and_stays_open():
    measure = make_measure(title="Old title")
    proposal = proposal_of(measure, title_en="New title")
    with workflow.change(measure, by=UserFactory(), action=Action.CORRECTED):
        measure.title_en = "Other title"
    with pytest.raises(workflow.StaleError):
        workflow.accept(proposal, by=UserFactory())
    proposal.refresh_from_db()
    assert (proposal.decision, Measure.objects.get(pk=measure.pk).title_en) == ("open", "Other title")


def test_a_revision_that_would_leave_a_public_record_without_a_source_is_refused():
    proposal = proposal_of(make_measure(), citations=[])
    with pytest.raises(workflow.WorkflowError, match="would lose its last source"):
        workflow.accept(proposal, by=UserFactory())


def test_a_declined_revision_says_why_and_is_decided_once():
    proposal = proposal_of(make_measure(title="Old title"), title_en="New title")
    with pytest.raises(workflow.WorkflowError, match="why the record stays"):
        workflow.decline(proposal, by=UserFactory(), reason=" ")
    workflow.decline(proposal, by=UserFactory(), reason="The gazette says otherwise.")
    with pytest.raises(workflow.WorkflowError, match="decided already"):
        workflow.accept(proposal, by=UserFactory())
    assert proposal.measure.title_en == "Old title"


def test_a_save_based_on_what_is_no_longer_the_last_change_is_refused():
    measure = make_measure(title="Old title")
    seen = measure.changes.first().pk
    with workflow.change(measure, by=UserFactory(), action=Action.CORRECTED, based_on=seen):
        measure.title_en = "First"
    with (
        pytest.raises(workflow.StaleError),
        workflow.change(measure, by=UserFactory(), action=Action.CORRECTED, based_on=seen),
    ):
        measure.title_en = "Second"
    assert Measure.objects.get(pk=measure.pk).title_en == "First"
