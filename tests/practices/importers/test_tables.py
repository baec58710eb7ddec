"""Measures as tables: what a row may say, what is refused, and what comes back."""

import datetime

import pytest
from django.contrib.auth.models import Group
from reversion.models import Version

from practices import workflow
from practices.content import content_of
from practices.importers import sheets, tables
from practices.models import Change, Measure, Source, Tag
from tests.factories import (
    BeneficiaryFactory,
    CountryFactory,
    CrisisFactory,
    GroupFactory,
    MeasureTypeFactory,
    OrganizationFactory,
    SourceFactory,
    SpectrumBandFactory,
    UserFactory,
    make_measure,
)

pytestmark = pytest.mark.django_db


def member(role):
    user = UserFactory()
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def desk():
    """An editor, and what rows may name."""
    CountryFactory(iso3="KEN")
    CrisisFactory(slug="covid-19")
    MeasureTypeFactory(code="zero-rating")
    SourceFactory(url="https://source.example/known")
    return member("editor")


ROW = {
    "slug": "kenya-lends",
    "title": "Kenya lends spectrum",
    "summary": "The authority lent spectrum.",
    "countries": "KEN",
    "scope": "national",
    "crisis": "covid-19",
    "measure_type": "zero-rating",
    "sources": "https://source.example/known",
}


def planned(user, *rows, **options):
    header = list(dict.fromkeys(name for row in rows for name in row))
    cells = [(number, [row.get(name, "") for name in header]) for number, row in enumerate(rows, start=2)]
    return tables.plan(header, cells, by=user, **options)


def imported(user, *rows, **options):
    plan = planned(user, *rows)
    assert [fault for row in plan.rows for fault in row.faults] == plan.faults == []
    list(tables.carry_out(plan, by=user, **options))
    return Measure.objects.get(slug=rows[0]["slug"])


def outcomes(plan):
    return [row.outcome for row in plan.rows]


def faults_of(plan):
    return [(fault.record, fault.field, fault.value) for row in plan.rows for fault in row.faults]


def everything():
    measure = make_measure(
        title="=cmd|' /C calc'!A0",
        title_fr="Une « phrase »; avec des signes",
        summary="Two\r\nlines, and a \\ backslash.",
        countries=["KEN", "TZA"],
        areas=[GroupFactory()],
        organizations=[OrganizationFactory(), OrganizationFactory()],
        beneficiaries=[BeneficiaryFactory()],
        tags=["a;b", "-dash", "电话", "back\\slash"],
        sources=2,
        announced_on="2020",
        starts_on="2020-04",
        ends_on="2020-04-17",
        legal_nature="mandatory",
        review_by=datetime.date(2021, 1, 1),
    )
    measure.citations.update(locator="p. 3 | 4", note="terms: all")
    SpectrumBandFactory(measure=measure, ranges=[("703", "733"), ("758.5", "788")], terms="One\r\ntwo | three")
    band = SpectrumBandFactory(measure=measure, position=1, label="2300 MHz", holder="A: B", starts_on="2020")
    band.ranges.create(lower_mhz=2300, upper_mhz=2400, nominal=True, basis="ITU (Region 1)")
    SpectrumBandFactory(measure=measure, position=2)
    return measure


def exported(extension):
    rows = tables.export(Measure.objects.all())
    if extension == "csv":
        return b"".join(sheets.csv_lines(rows))
    with sheets.xlsx_file({"Measures": rows}) as file:
        return file.read()


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_an_exported_file_that_is_imported_again_changes_nothing(extension, desk):
    everything()
    make_measure(status="draft", sources=0)
    plan = tables.plan(*sheets.read(exported(extension)), by=desk)
    assert (outcomes(plan), faults_of(plan)) == (["unchanged", "unchanged"], [])


def test_an_exported_record_imported_under_another_slug_says_the_same(desk):
    measure = everything()
    header, [(_number, cells)] = sheets.read(exported("csv"))
    copy = imported(desk, dict(zip(header, cells, strict=True)) | {"slug": "copy"})
    kept = {"title_en", "title_fr", "citations", "tags", "countries", "areas", "organizations", "beneficiaries"}
    before, after = content_of(measure), content_of(copy)
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert [band["ranges"] for band in after["bands"]] == [band["ranges"] for band in before["bands"]]


def test_export_takes_as_many_queries_for_many_records_as_for_few(desk, django_assert_max_num_queries):
    for _number in range(12):
        everything()
    with django_assert_max_num_queries(45):
        assert len(list(tables.export(Measure.objects.all()))) == 13


def test_new_rows_are_drafts_of_the_importer_with_a_history(desk):
    measure = imported(desk, ROW | {"tags": "lte; new tag", "spectrum": "granted | band: 700 MHz | edges: 703-733"})
    assert (measure.status, measure.author, measure.title_en) == ("draft", desk, "Kenya lends spectrum")
    assert [(change.action, change.by) for change in measure.changes.all()] == [("created", desk)]
    assert set(Tag.objects.values_list("name", flat=True)) == {"lte", "new tag"}
    workflow.restore(measure, measure.changes.get(), by=desk)
    assert content_of(measure)["bands"][0]["ranges"][0]["lower_mhz"] == "703"


def test_versions_written_in_bulk_are_those_of_a_single_change(desk):
    measure = imported(desk, ROW | {"tags": "lte", "spectrum": "granted | band: X | edges: 703-733"})
    in_bulk = set(measure.changes.get().revision.version_set.values_list("serialized_data", "object_repr", "db"))
    with workflow.change(measure, by=desk, action="edited"):
        measure.updated_at = Measure.objects.get(pk=measure.pk).updated_at
    single = set(measure.changes.first().revision.version_set.values_list("serialized_data", "object_repr", "db"))
    differing = {data for data, *_others in in_bulk ^ single}
    assert all('"practices.measure"' in data for data in differing)  # its updated_at
    assert len(in_bulk) == len(single) == Version.objects.count() / 2


def test_a_file_changes_only_the_columns_that_it_has_and_an_empty_cell_empties(desk):
    measure = make_measure(slug="m", status="draft", outcome="It worked.", announced_on="2020-04", tags=["old"])
    imported(desk, {"slug": "m", "title": "Renamed", "outcome": ""})
    after = content_of(Measure.objects.get(pk=measure.pk))
    assert (after["title_en"], after["outcome_en"], after["announced_on"]) == ("Renamed", "", "2020-04")
    assert len(after["tags"]) == len(after["citations"]) == 1
    assert measure.changes.first().action == "edited"


def test_a_preview_says_field_by_field_what_changes(desk):
    make_measure(slug="m", title="Old", status="draft")
    (row,) = planned(desk, {"slug": "m", "title": "New", "tags": "fresh"}).rows
    assert [(difference.label, difference.before, difference.after) for difference in row.differences()] == [
        ("Title [en]", "Old", "New"),
        ("Tags", "", "fresh"),
    ]
    assert not Tag.objects.filter(name="fresh").exists()


def test_a_change_of_a_published_record_is_a_proposal_with_a_public_note(desk):
    measure = make_measure(slug="m", title="Old")
    imported(desk, {"slug": "m", "title": "New"}, public_note="The title was wrong.")
    measure.refresh_from_db()
    proposal = measure.proposals.get()
    assert (measure.title, proposal.content["title_en"], proposal.by) == ("Old", "New", desk)
    assert "it has to be decided first" in str(planned(desk, {"slug": "m", "title": "Third"}).rows[0].faults[0])


def test_without_a_second_person_a_publisher_corrects_and_publishes_at_once(desk, settings):
    publisher = member("publisher")
    measure = make_measure(slug="m", title="Old")
    assert [value for value, _label in tables.arrivals(publisher)] == ["draft", "in-review"]
    settings.SECOND_PERSON = False
    assert [value for value, _label in tables.arrivals(desk)] == ["draft", "in-review"]
    assert [value for value, _label in tables.arrivals(publisher)] == ["draft", "in-review", "published"]
    imported(publisher, {"slug": "m", "title": "New"}, public_note="The title was wrong.")
    measure.refresh_from_db()
    assert (measure.title, measure.changes.first().public_note) == ("New", "The title was wrong.")
    assert imported(publisher, ROW, arrive_as="published").status == "published"


def test_new_rows_may_go_to_review(desk):
    assert imported(desk, ROW, arrive_as="in-review").status == "in-review"


def test_a_contributor_imports_own_drafts_and_nothing_else(desk):
    contributor = member("contributor")
    imported(contributor, ROW)
    imported(contributor, {"slug": "kenya-lends", "title": "Renamed"})
    make_measure(slug="others", status="draft")
    make_measure(slug="public")
    plan = planned(contributor, {"slug": "others", "title": "Mine"}, {"slug": "public", "title": "Mine"})
    assert faults_of(plan) == [("Row 2", "slug", "others"), ("Row 3", "slug", "public")]


def test_a_new_source_is_described_in_its_line(desk):
    line = "https://new.example/a | title: A \\| B | publisher: P | kind: news | language: en | published_on: 2020-04"
    measure = imported(desk, ROW | {"sources": f"https://source.example/known\n{line} | locator: p. 2"})
    source = Source.objects.get(url="https://new.example/a")
    assert (source.title, source.published_on.isoformat()) == ("A | B", "2020-04")
    assert measure.citations.get(source=source).locator == "p. 2"
    assert outcomes(planned(desk, ROW | {"sources": f"https://source.example/known {line}"})) != ["new"]


REFUSED = {
    "no-scope": ({"scope": ""}, "scope", None),
    "unknown country": ({"countries": "KEN; KEX"}, "countries", "KEX"),
    "unknown source": ({"sources": "https://unknown.example/"}, "sources", "https://unknown.example/"),
    "no date": ({"announced_on": "April"}, "announced_on", "April"),
    "no day": ({"review_by": "2020-04"}, "review_by", "2020-04"),
    "end before start": ({"starts_on": "2020-05", "ends_on": "2020-04"}, "ends_on", "2020-04"),
    "no title": ({"title": ""}, "title", None),
    "long title": ({"title": "x" * 201}, "title", "x" * 201),
    "no slug": ({"slug": "Kenya lends"}, "slug", "Kenya lends"),
    "edges": ({"spectrum": "granted | band: X | edges: 800-700"}, "edges", "800-700"),
    "role": ({"spectrum": "lent | band: X"}, "role", "lent"),
    "part": ({"spectrum": "granted | band: X | edge: 1-2"}, "edge", "1-2"),
    "kind": ({"sources": "https://n.example/ | title: T | publisher: P | kind: blog | language: en"}, "kind", "blog"),
    "address": ({"sources": "n.example | title: T | publisher: P | kind: news | language: en"}, "url", "n.example"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_refused_cell_is_named_with_its_row_its_value_and_what_would_be_right(what, desk):
    cells, column, value = REFUSED[what]
    plan = planned(desk, ROW | cells)
    (fault,) = plan.rows[0].faults
    assert fault.record.startswith("Row 2")
    assert (fault.field, fault.value) == (column, value)
    assert fault.expected


def test_an_unknown_column_is_refused_with_the_one_that_may_be_meant(desk):
    plan = planned(desk, ROW | {"titel_fr": "x", "slug ": "y"})
    assert [(fault.field, fault.expected) for fault in plan.faults] == [
        ("slug ", "no such field; perhaps slug"),
        ("titel_fr", "no such field; perhaps title_fr"),
    ]


def test_a_slug_that_stands_twice_or_has_been_renamed_is_refused(desk):
    measure = make_measure(slug="old", status="draft")
    measure.slug = "present"
    measure.save()
    plan = planned(desk, ROW, ROW, ROW | {"slug": "old"})
    assert [str(fault).partition(": slug: ")[2] for row in plan.rows for fault in row.faults] == [
        '"kenya-lends": row 2 has this too; one row a measure is needed',
        '"old": the former address of present; that one is needed',
    ]


def test_a_row_to_publish_has_to_have_what_publication_asks_for(desk):
    row = ROW | {"summary": "", "countries": "", "sources": ""}
    assert outcomes(planned(desk, row)) == ["new"]
    assert [field for _row, field, _value in faults_of(planned(desk, row, publish=True))] == [
        "summary",
        "countries",
        "sources",
    ]


def test_a_record_that_changed_after_the_plan_is_not_overwritten(desk):
    measure = make_measure(slug="m", status="draft")
    plan = planned(desk, {"slug": "m", "title": "Mine"})
    with workflow.change(measure, by=desk, action="edited"):
        measure.title_en = "Theirs"
    changes = Change.objects.count()
    with pytest.raises(workflow.StaleError):
        list(tables.carry_out(plan, by=desk))
    measure.refresh_from_db()
    assert (measure.title_en, Change.objects.count()) == ("Theirs", changes)


def test_the_template_can_be_imported_as_it_is(desk):
    MeasureTypeFactory(code="temporary-spectrum")
    header, row = tables.template()
    plan = tables.plan(header, [(2, row)], by=desk)
    assert (outcomes(plan), faults_of(plan)) == (["new"], [])


def test_every_column_stands_in_the_documentation(settings):
    text = (settings.BASE_DIR / "docs/import-template.md").read_text()
    assert [column for column in tables.COLUMNS if f"`{column}`" not in text] == []
