"""Releases: everything that is public at one moment, whole, checked and never changed."""

import csv
import hashlib
import io
import json
import sqlite3
import zipfile
from contextlib import closing

import frictionless
import pytest
from django.core.management import CommandError, call_command

from practices import workflow
from practices.models import Measure
from practices.releases import find, make, making, releases
from tests.factories import CountryFactory, GroupFactory, OrganizationFactory, SpectrumBandFactory, make_measure

pytestmark = pytest.mark.django_db

FILES = {
    *("measures.csv", "citations.csv", "bands.csv", "countries.csv", "organizations.csv", "codebook.csv"),
    *("measures.json", "catalogue.sqlite", "metadata.json", "datapackage.json"),
    *("CHANGELOG.md", "CITATION.cff", "LICENSE.md", "README.md"),
}


@pytest.fixture(autouse=True)
def root(settings, tmp_path, time_machine):
    time_machine.move_to("2026-11-27T12:00Z", tick=False)
    settings.RELEASES_ROOT = tmp_path / "releases"
    return settings.RELEASES_ROOT


@pytest.fixture
def measure():
    kenya = CountryFactory(iso3="KEN", name_en="Kenya")
    GroupFactory(code="eac", members=[kenya])
    regulator = OrganizationFactory(slug="ke-ca", country=kenya, regulator_of=kenya)
    measure = make_measure(
        slug="lent", title="Kenya lends spectrum", countries=[kenya], organizations=[regulator], announced_on="2020-04"
    )
    SpectrumBandFactory(measure=measure, ranges=[("703", "733")])
    SpectrumBandFactory(measure=measure, label="E band", position=1)
    return measure


def read(release, name):
    with (release.folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_release_is_named_for_its_day_and_has_every_file(measure, root):
    release = make()
    assert release.folder == root / "2026-11-27"
    assert set(release.files) == FILES | {"network-resiliency-practices-2026-11-27.zip", "SHA256SUMS"}
    assert [path.name for path in root.iterdir()] == ["2026-11-27"]


def test_frictionless_finds_nothing_wrong_and_the_digests_right(measure):
    release = make()
    report = frictionless.validate(str(release.folder / "datapackage.json"))
    assert report.valid, report.to_summary()
    counts = {resource["name"]: resource.get("rowCount") for resource in release.package["resources"]}
    assert counts["measures"] == counts["citations"] == 1
    assert counts["bands"] == 2
    for name in ("measures", "citations", "bands", "countries", "organizations", "codebook"):
        assert len(read(release, f"{name}.csv")) == counts[name]
    with (release.folder / "measures.csv").open("a") as file:
        file.write("more\r\n")
    assert not frictionless.validate(str(release.folder / "datapackage.json")).valid


def test_sizes_and_digests_are_those_of_the_files_and_of_the_archive(measure):
    release = make()
    for file in release.files.values():
        body = file.path.read_bytes()
        assert (hashlib.sha256(body).hexdigest(), len(body)) == (file.sha256, file.size)
    archive = release.files["network-resiliency-practices-2026-11-27.zip"].path
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        for entry in opened.infolist():
            assert opened.read(entry) == (release.folder / entry.filename.split("/")[1]).read_bytes()
        assert {entry.filename.split("/")[1] for entry in opened.infolist()} == FILES


def test_the_second_release_of_a_day_has_a_number_and_the_first_stays(measure):
    first = make()
    before = {name: file.path.read_bytes() for name, file in first.files.items()}
    names = ["2026-11-27", *(make().name for _time in range(9))]
    assert names[1:3] == ["2026-11-27-2", "2026-11-27-3"]
    assert [release.name for release in releases()] == names[::-1]
    assert {name: file.path.read_bytes() for name, file in find("2026-11-27").files.items()} == before


def test_the_tables_of_two_releases_are_the_same_where_nothing_changed(measure, time_machine):
    first = make()
    time_machine.move_to("2026-11-28T12:00Z", tick=False)
    second = make()
    for name in FILES - {"datapackage.json", "measures.json", "CHANGELOG.md", "CITATION.cff", "README.md"}:
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes(), name


def test_the_changelog_names_what_was_added_corrected_renamed_and_withdrawn(measure, editor, time_machine):
    gone, moved = make_measure(slug="gone", title="A title"), make_measure(slug="former")
    same = make_measure(slug="same")
    make_measure(slug="draft", status="draft")
    assert "The first release, with 4 measures." in (make().folder / "CHANGELOG.md").read_text()
    time_machine.move_to("2026-12-01T12:00Z", tick=False)
    moved = Measure.objects.get(pk=moved.pk)
    moved.slug = "present"
    moved.save()
    workflow.withdraw(gone, by=editor, reason="A private reason.")
    make_measure(slug="new", title="New here")
    with workflow.change(measure, by=editor, action="corrected", public_note="The date was wrong.", reason="Secret."):
        measure.announced_on = "2020-05"
    text = (make().folder / "CHANGELOG.md").read_text()
    assert text.split("\n\n")[1:] == [
        "Since release 2026-11-27. States that follow from dates change with the day and are not listed.",
        "## Added",
        "- new: New here",
        "## Corrected",
        "- lent: The date was wrong.",
        "## Renamed",
        "- former is now present",
        "## Withdrawn",
        "- gone\n",
    ]
    assert same.slug not in text


def test_no_file_of_a_release_has_a_draft_a_withdrawn_measure_or_a_name_of_the_desk(measure, editor):
    hidden = OrganizationFactory(slug="hidden-body", name_en="Hidden body", kind="operator")
    for status in ("draft", "in-review"):
        make_measure(
            title=f"Hidden {status}", slug=f"hidden-{status}", status=status, by=editor, organizations=[hidden]
        )
    make_measure(title="Hidden withdrawal", slug="hidden-withdrawn", status="withdrawn", sources=2)
    workflow.verify(measure, by=editor)
    release = make()
    for name in FILES:
        body = (release.folder / name).read_bytes().lower()
        assert not [word for word in (b"hidden", editor.email.encode()) if word in body], name
    with closing(sqlite3.connect(release.folder / "catalogue.sqlite")) as database:
        assert database.execute("SELECT slug FROM measures").fetchall() == [("lent",)]
        assert database.execute("SELECT count(*) FROM citations").fetchone() == (1,)


def test_the_database_finds_words_and_joins_tables(measure):
    with closing(sqlite3.connect(make().folder / "catalogue.sqlite")) as database:
        found = "SELECT slug FROM measures WHERE rowid IN (SELECT rowid FROM measures_fts WHERE measures_fts MATCH ?)"
        assert database.execute(found, ["lending"]).fetchall() == [("lent",)]
        assert database.execute(found, ["roaming"]).fetchall() == []
        joined = "SELECT name_en FROM countries JOIN measure_countries ON code = country WHERE measure = 'lent'"
        assert database.execute(joined).fetchall() == [("Kenya",)]
        edges = database.execute("SELECT lower_mhz, upper_mhz FROM bands ORDER BY band").fetchall()
        assert edges == [(703, 733), (None, None)]
        countries, starts_on = database.execute("SELECT countries, starts_on FROM measures").fetchone()
        assert (json.loads(countries), starts_on) == (["ken"], None)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_datasette_is_told_is_true_of_the_database(measure):
    release = make()
    metadata = json.loads((release.folder / "metadata.json").read_text())
    tables = metadata["databases"]["catalogue"]["tables"]
    with closing(sqlite3.connect(release.folder / "catalogue.sqlite")) as database:
        for name, table in tables.items():
            columns = {row[1] for row in database.execute(f"PRAGMA table_info({name})")}
            assert columns == set(table["columns"])
            for facet in table.get("facets", ()):
                assert (facet["array"] if isinstance(facet, dict) else facet) in columns
    assert metadata["license_url"] == "https://creativecommons.org/licenses/by/4.0/"


def test_a_failure_midway_leaves_nothing(measure, root, monkeypatch):
    def fail(*args):
        raise OSError("No space left on device")

    monkeypatch.setattr(making, "write_database", fail)
    with pytest.raises(OSError, match="No space"):
        make()
    assert list(root.iterdir()) == []
    assert releases() == []


def test_a_release_of_the_same_name_that_came_meanwhile_is_not_touched(measure, root, monkeypatch):
    def slow(folder, previous):
        (folder / "ours").write_text("ours")
        (root / folder.name).mkdir()
        (root / folder.name / "theirs").write_text("theirs")

    monkeypatch.setattr(making, "_write", slow)
    with pytest.raises(CommandError, match="Another release was made meanwhile"):
        call_command("make_release")
    assert [path.name for path in root.rglob("*")] == ["2026-11-27", "theirs"]


def test_an_empty_catalogue_is_not_released(root):
    with pytest.raises(CommandError, match="Nothing is public yet"):
        call_command("make_release")
    assert list(root.iterdir()) == []


def test_the_command_says_what_it_made(measure, capsys):
    call_command("make_release")
    assert "Release 2026-11-27: 1 measures, in " in capsys.readouterr().out


def test_the_data_page_lists_releases_as_soon_as_they_are_made(client, measure):
    before = client.get("/data/")
    assert "No release has been made yet." in before.content.decode()
    release = make()
    after = client.get("/data/", headers={"If-None-Match": before["ETag"]})
    page = after.content.decode()
    for name, file in release.files.items():
        assert f'href="/data/releases/2026-11-27/{name}"' in page
        assert file.sha256 in page


def test_a_file_of_a_release_is_served_as_it_is_and_may_be_kept_for_good(client, measure):
    release = make()
    for name, file in release.files.items():
        address = f"/data/releases/2026-11-27/{name}"
        answer = client.get(address)
        assert b"".join(answer.streaming_content) == file.path.read_bytes()
        assert answer["ETag"] == f'"{file.sha256}"'
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
        again = client.get(address, headers={"If-None-Match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        head = client.head(address)
        assert (b"".join(head.streaming_content), head["Content-Length"]) == (b"", str(file.size))


@pytest.mark.parametrize(
    "address",
    [
        "2026-11-27/SHA256SUMS/",
        "2026-11-27/stray.txt",
        "2026-11-27/..",
        "2026-11-27/%2e%2e%2fsecret",
        "../secret",
        "..%2f/secret",
        ".making-1/measures.csv",
        "2026-11-28/measures.csv",
    ],
)
def test_what_is_no_file_of_a_release_is_not_served(client, measure, root, address):
    (make().folder / "stray.txt").write_text("stray")
    (root / "secret").write_text("secret")
    (root / ".making-1").mkdir()
    assert client.get(f"/data/releases/{address}").status_code == 404


def test_pandas_reads_a_table_from_the_archive(client, measure):
    import pandas

    release = make()
    answer = client.get("/data/releases/2026-11-27/network-resiliency-practices-2026-11-27.zip")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        name = f"network-resiliency-practices-{release.name}/bands.csv"
        bands = pandas.read_csv(archive.open(name), encoding="utf-8-sig")
    assert bands["lower_mhz"].dropna().tolist() == [703.0]
