import io
import json

import pytest
from django.core.management import CommandError, call_command

from practices.models import FormerSlug, LoadedRecord, Measure, Organization, Source, Topic
from tests.practices.test_importers import MEASURE, REFERENCE, altered, edit_at_the_desk, rename

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(tmp_path):
    """Writes files to a folder, and gives the folder."""

    def write(contents):
        for name, content in contents.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
        return tmp_path

    return write


def run(*arguments):
    """What a command writes to standard output, to standard error, and its exit status."""
    out, err, status = io.StringIO(), io.StringIO(), 0
    try:
        call_command(*map(str, arguments), stdout=out, stderr=err)
    except CommandError as error:
        err.write(str(error))
        status = error.returncode
    return out.getvalue(), err.getvalue(), status


def load_reference(folder):
    return run("load_reference", "--countries", folder / "countries", "--practices", folder / "practices")


def test_load_reference_reports_what_it_did_each_time(files):
    folder = files(REFERENCE)
    out, err, status = load_reference(folder)
    assert "topic: 1 created, 0 changed, 0 left alone\n" in out
    assert (err, status) == ("", 0)
    assert "topic: 0 created, 0 changed, 1 left alone\n" in load_reference(folder)[0]


def test_load_reference_ends_with_status_1_and_all_faults_and_writes_nothing(files):
    wrong = altered(REFERENCE, ("practices/crises.json", 0, "kind"), "flu")
    wrong = altered(wrong, ("practices/sources.json", 0, "title"), "")
    out, err, status = load_reference(files(wrong))
    first, second, last = err.splitlines()
    assert first.startswith('crisis covid-19: kind: "flu": one of conflict, ')
    assert second.startswith('source https://Example.org/1#top: title: "": a text is needed')
    assert last == "Reference data: 2 faults, nothing was written."
    assert (out, status, Topic.objects.count()) == ("", 1, 0)


def test_load_measures_publishes_what_the_file_has(files):
    folder = files(REFERENCE | {"measures/measures.json": [MEASURE]})
    load_reference(folder)
    out, err, status = run("load_measures", folder / "measures" / "measures.json")
    assert "measure: 1 created, 0 changed, 0 left alone\n" in out
    assert (err, status, Measure.objects.published().count()) == ("", 0, 1)


def test_both_commands_again_neither_duplicate_nor_undo_what_the_desk_renamed(files):
    folder = files(REFERENCE | {"measures/measures.json": [MEASURE]})
    path = folder / "measures" / "measures.json"
    load_reference(folder)
    run("load_measures", path)
    rename(Measure, "slug", MEASURE["slug"], "kenya-lends")
    rename(Organization, "slug", "us-fcc", "us-federal-cc")
    rename(Source, "url", "https://example.org/1", "https://example.com/moved")
    out = load_reference(folder)[0] + run("load_measures", path)[0]
    counts = [line.partition(": ")[2] for line in out.splitlines() if "left alone" in line]
    assert all(count.startswith("0 created, 0 changed, ") for count in counts)
    assert (Measure.objects.count(), Organization.objects.count(), Source.objects.count()) == (1, 3, 2)
    assert Organization.objects.get(regulator_of__iso3="USA").slug == "us-federal-cc"
    assert set(FormerSlug.objects.values_list("slug", flat=True)) == {MEASURE["slug"], "us-fcc"}


def test_load_measures_overwrites_an_edit_with_the_same_file_where_told_to(files):
    folder = files(REFERENCE | {"measures/measures.json": [MEASURE]})
    path = folder / "measures" / "measures.json"
    load_reference(folder)
    run("load_measures", path)
    edit_at_the_desk(Measure.objects.get())
    assert "measure: 0 created, 0 changed, 1 left alone\n" in run("load_measures", path)[0]
    assert Measure.objects.get().title_en == "As the desk has it"
    assert "measure: 0 created, 1 changed, 0 left alone\n" in run("load_measures", path, "--overwrite")[0]
    assert Measure.objects.get().title_en == MEASURE["title"]


def test_load_measures_ends_with_status_1_and_writes_nothing(files):
    folder = files(REFERENCE | {"measures/measures.json": [MEASURE, MEASURE | {"slug": "unsourced", "sources": []}]})
    load_reference(folder)
    path = folder / "measures" / "measures.json"
    out, err, status = run("load_measures", path)
    fault, last = err.splitlines()
    assert fault == "unsourced: sources: []: at least one source is needed; nothing is published without"
    assert last == f"{path}: 1 fault, nothing was written."
    assert (out, status, Measure.objects.count()) == ("", 1, 0)


def test_load_measures_reports_that_an_empty_list_has_nothing_to_do(tmp_path):
    (tmp_path / "measures.json").write_text("[]")
    out, err, status = run("load_measures", tmp_path / "measures.json")
    assert (out, err, status) == ("measure: 0 created, 0 changed, 0 left alone\n", "", 0)


def refusal(path):
    """What ``load_measures`` says of a file that cannot be read as JSON: lines without their first word, the path."""
    before = LoadedRecord.objects.count(), Measure.objects.count()
    out, err, status = run("load_measures", path)
    assert (out, status) == ("", 1)
    assert (LoadedRecord.objects.count(), Measure.objects.count()) == before
    *faults, last = err.splitlines()
    assert last == f"{path}: {len(faults)} fault{'s' if len(faults) != 1 else ''}, nothing was written."
    return [fault.removeprefix(f"{path}: ") for fault in faults]


def test_a_file_that_is_not_there_is_said_not_to_be_there(tmp_path):
    (fault,) = refusal(tmp_path / "missing.json")
    assert fault.endswith("this file is not there")


def test_a_file_that_cannot_be_read_is_said_not_to_be_readable(tmp_path):
    (fault,) = refusal(tmp_path)
    assert fault.endswith("this file cannot be read")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\xff\xfe[", "a JSON file in UTF-8 is needed"),
        (b"[", "a JSON file in UTF-8 is needed"),
        (b"", "a JSON file in UTF-8 is needed"),
        (b"[" + b"9" * 5000 + b"]", "a JSON file in UTF-8 is needed"),
        (b"[" * 21 + b"]" * 21, "at most 20 deep"),
        (b"[" * 500 + b"]" * 500, "at most 20 deep"),
        (b"[" * 200_000 + b"]" * 200_000, "at most 20 deep"),
        (b'{"a":' * 200_000 + b"1" + b"}" * 200_000, "at most 20 deep"),
        (b'[{"x": ' + b'{"a":' * 500 + b'1, "a": 2' + b"}" * 501 + b"]", "at most 20 deep"),
        (b'[{"slug": "a", "lower_mhz": NaN}]', '(the file): "NaN": a number, or null, is needed'),
        (b"[-Infinity]", '(the file): "-Infinity": a number, or null, is needed'),
        (
            b'[{"slug": "a", "title": "One", "title": "Two"}]',
            'title: {"slug": "a", "title": "Two"}: each key may stand once in an object; this one stands 2 times',
        ),
        (b'[{"a\\ud800": 1, "a\\ud800": 1}]', "a\\ud800: "),
    ],
)
def test_a_file_that_is_no_strict_json_is_refused_in_one_sentence(tmp_path, content, fault):
    (tmp_path / "measures.json").write_bytes(content)
    (said,) = refusal(tmp_path / "measures.json")
    assert fault in said


def test_every_key_that_stands_twice_is_named(tmp_path):
    (tmp_path / "measures.json").write_text('[{"a": 1, "a": 2, "b": 1, "b": 2, "b": 3}, {"c": {"d": 1, "d": 1}}]')
    assert [fault.partition(":")[0] for fault in refusal(tmp_path / "measures.json")] == ["a", "b", "d"]


def test_a_lone_surrogate_is_a_fault_of_its_record(files):
    folder = files(REFERENCE | {"measures/measures.json": [MEASURE | {"title": "\ud800"}]})
    load_reference(folder)
    path = folder / "measures" / "measures.json"
    out, err, status = run("load_measures", path)
    fault, last = err.splitlines()
    assert fault.startswith(f'{MEASURE["slug"]}: title: "\\ud800": a text without control characters')
    assert last == f"{path}: 1 fault, nothing was written."
    assert (out, status, Measure.objects.count()) == ("", 1, 0)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("practices/vocabulary.json", 0, "measure_types", 0, "\ud800"), 1),
        (("practices/crises.json", 0, "name"), "\ud800"),
        (("countries/countries.json", 0, "names"), {"en": "\ud800"}),
        (("practices/organizations.json", 0, "slug"), "\ud800"),
    ],
)
def test_a_lone_surrogate_in_reference_data_is_refused(files, path, value):
    out, err, status = load_reference(files(altered(REFERENCE, path, value)))
    assert "\\ud800" in err
    assert (out, status, Topic.objects.count()) == ("", 1, 0)
