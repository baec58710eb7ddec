import io
import json

import pytest
from django.core.management import CommandError, call_command

from practices.models import Measure, Topic
from tests.practices.test_importers import MEASURE, REFERENCE, altered

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


def test_load_measures_ends_with_status_1_and_writes_nothing(files):
    folder = files(REFERENCE | {"measures/measures.json": [MEASURE, MEASURE | {"slug": "unsourced", "sources": []}]})
    load_reference(folder)
    path = folder / "measures" / "measures.json"
    out, err, status = run("load_measures", path)
    fault, last = err.splitlines()
    assert fault == "unsourced: sources: []: at least one source is needed; nothing is published without"
    assert last == f"{path}: 1 fault, nothing was written."
    assert (out, status, Measure.objects.count()) == ("", 1, 0)


def test_load_measures_names_a_file_that_is_not_there(tmp_path):
    _out, err, status = run("load_measures", tmp_path / "missing.json")
    assert "missing.json" in err
    assert status == 1


def test_load_measures_names_a_file_that_is_no_json(tmp_path):
    (tmp_path / "measures.json").write_bytes(b"\xff\xfe[")
    _out, err, status = run("load_measures", tmp_path / "measures.json")
    assert "a JSON file in UTF-8 is needed" in err
    assert status == 1
