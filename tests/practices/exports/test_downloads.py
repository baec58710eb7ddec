"""What a list shows, as files: the same measures in the same order, safe to open, and whole or not at all."""

import csv
import datetime
import io
import json

import jsonschema
import openpyxl
import pandas
import pytest

from practices import workflow
from practices.exports import FORMATS
from practices.exports.export import Incomplete
from practices.models import Measure
from tests.factories import CountryFactory, OrganizationFactory, SourceFactory, SpectrumBandFactory, make_measure
from tests.fixtures import made_once

pytestmark = pytest.mark.django_db


def read(answer):
    return b"".join(answer.streaming_content)


def rows_of(answer):
    return list(csv.DictReader(io.StringIO(read(answer).decode("utf-8-sig"), newline="")))


def slugs_of(client, ending, query=""):
    """The slugs that a file has, in its order."""
    body = read(client.get(f"/measures.{ending}{query}"))
    if ending == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(body))["measures"]
        return [row[0].value for row in sheet.iter_rows(min_row=2)]
    text = body.decode("utf-8-sig")
    return {
        "csv": lambda: [row["slug"] for row in csv.DictReader(io.StringIO(text, newline=""))],
        "json": lambda: [measure["slug"] for measure in json.loads(text)["measures"]],
        "jsonl": lambda: [json.loads(line)["slug"] for line in text.splitlines()],
        "bib": lambda: [line[6:-1] for line in text.splitlines() if line.startswith("@misc{")],
        "ris": lambda: [line[6:] for line in text.split("\r\n") if line.startswith("ID  - ")],
    }[ending]()


@made_once
def measures():
    kenya = CountryFactory(iso3="KEN", name_en="Kenya")
    sources = [
        SourceFactory(url="https://a.example/1", title="First; and more", publisher="Authority", kind="official"),
        SourceFactory(url="https://a.example/2", title="Second", publisher="Paper"),
    ]
    lent = make_measure(
        slug="lent",
        title="Kenya lends spectrum & {more}",
        countries=[kenya, "TUR"],
        organizations=[OrganizationFactory(slug="ke-ca", name_en="Communications Authority")],
        sources=sources,
        tags=["schools"],
        announced_on="2020-04-17",
        starts_on="2020-05",
        legal_nature="authorization",
    )
    lent.citations.filter(source=sources[0]).update(locator="p. 4", note="the terms")
    SpectrumBandFactory(measure=lent, ranges=[("703", "733"), ("758.5", "788")], bandwidth="2 × 30 MHz", holder="Op")
    relief = make_measure(slug="relief", countries=[kenya], announced_on="2021")
    abroad = make_measure(slug="abroad", countries=["TUR"], announced_on="2019-12-31")
    return lent, relief, abroad


@pytest.mark.parametrize("ending", FORMATS)
def test_every_file_has_the_measures_of_the_list_in_its_order(client, measures, ending):
    assert slugs_of(client, ending) == ["relief", "lent", "abroad"]
    assert slugs_of(client, ending, "?country=ken&sort=announced") == ["lent", "relief"]
    assert slugs_of(client, ending, "?q=spectrum") == ["lent"]
    assert slugs_of(client, ending, "?year=2001") == []


@pytest.mark.parametrize("ending", FORMATS)
def test_the_page_of_a_list_is_of_no_account_to_its_file(client, measures, ending):
    assert len(slugs_of(client, ending, "?page=2")) == 3


@pytest.mark.parametrize("ending", FORMATS)
def test_a_file_says_how_many_measures_it_has_and_what_and_when_it_is_of(client, measures, ending, time_machine):
    time_machine.move_to("2026-11-27T12:00Z")
    answer = client.get(f"/measures.{ending}?country=ken&q=spectrum")
    assert answer["X-Row-Count"] == "1"
    assert answer["Content-Disposition"] == f'attachment; filename="measures-spectrum-ken-2026-11-27.{ending}"'
    assert answer["Content-Type"] == FORMATS[ending].media_type


@pytest.mark.parametrize("ending", FORMATS)
def test_a_bad_value_is_refused_in_the_words_of_the_list(client, measures, ending):
    answer = client.get(f"/measures.{ending}?country=xx&contry=ken")
    assert (answer.status_code, answer["Content-Type"]) == (400, "text/plain; charset=utf-8")
    lines = answer.content.decode().splitlines()
    assert lines[0].startswith("Country: “xx” is not a code of the catalogue.")
    assert lines[1] == "“contry” is not a filter. Right would be, perhaps, “country”."
    assert not answer.has_header("ETag")


@pytest.mark.parametrize("ending", FORMATS)
def test_a_draft_and_a_withdrawn_measure_and_who_edits_are_in_no_file(client, editor, ending):
    make_measure(title="Hidden draft", slug="hidden-draft", status="draft", by=editor)
    make_measure(title="Hidden review", slug="hidden-review", status="in-review", by=editor)
    make_measure(title="Hidden withdrawal", slug="hidden-withdrawn", status="withdrawn")
    shown = make_measure(title="Public entry", slug="public")
    workflow.verify(shown, by=editor)
    body = read(client.get(f"/measures.{ending}"))
    assert slugs_of(client, ending) == ["public"]
    assert not any(word in body.lower() for word in (b"hidden", editor.email.encode()))


def test_csv_says_of_a_measure_what_its_page_says(client, measures):
    row = next(row for row in rows_of(client.get("/measures.csv")) if row["slug"] == "lent")
    assert row["countries"] == "tur; ken"
    assert row["country_names"] == "Country TUR; Kenya"
    assert (row["announced_on"], row["starts_on"], row["ends_on"]) == ("2020-04-17", "2020-05", "")
    assert row["spectrum"] == "granted 700 MHz (703–733 MHz, 758.5–788 MHz), 2 × 30 MHz, Op"
    assert row["source_urls"] == "https://a.example/1; https://a.example/2"
    assert row["source_titles"].split("; ") == ["First, and more", "Second"]
    assert row["source_notes"].split("; ") == ["p. 4: the terms", ""]
    assert row["url"] == "http://127.0.0.1:8000/measures/lent/"


def test_csv_begins_with_a_byte_order_mark_and_ends_lines_as_the_standard_has_it(client, measures):
    body = read(client.get("/measures.csv"))
    assert body.startswith(b"\xef\xbb\xbfslug,url,title,")
    assert body.count(b"\r\n") == 4


def test_a_spreadsheet_takes_no_cell_of_a_csv_file_for_a_formula(client):
    dangerous = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1", "＝1"]
    for number, title in enumerate(dangerous):
        make_measure(title=title, slug=f"formula-{number}", sources=[SourceFactory(title=title)])
    make_measure(title="Two sources", sources=[SourceFactory(title="Plain"), SourceFactory(title="=1+1")])
    rows = rows_of(client.get("/measures.csv"))
    cells = [cell for row in rows for name, cell in row.items()]
    assert not [cell for cell in cells if cell.strip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]
    assert {row["title"] for row in rows} == {f"'{title}" for title in dangerous} | {"Two sources"}
    assert "Plain; '=1+1" in {row["source_titles"] for row in rows}


def test_pandas_reads_csv_with_every_script_and_line_break(client):
    make_measure(title="频谱 – “اختبار”", summary='Two\nlines, and a "quote"; more')
    (row,) = pandas.read_csv(io.BytesIO(read(client.get("/measures.csv")))).to_dict("records")
    assert (row["title"], row["summary"]) == ("频谱 – “اختبار”", 'Two\nlines, and a "quote"; more')


def test_a_workbook_has_dates_a_header_that_stays_and_sheets_for_all_that_belongs_to_measures(client, measures):
    book = openpyxl.load_workbook(io.BytesIO(read(client.get("/measures.xlsx?sort=announced"))))
    assert book.sheetnames == ["measures", "citations", "bands", "codebook", "about"]
    sheet = book["measures"]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == sheet.dimensions
    header = [cell.value for cell in sheet[1]]
    rows = {row[0]: dict(zip(header, row, strict=True)) for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert rows["lent"]["announced_on"] == datetime.datetime(2020, 4, 17)
    assert (rows["lent"]["starts_on"], rows["relief"]["announced_on"]) == ("2020-05", "2021")
    assert isinstance(rows["lent"]["updated_at"], datetime.datetime)
    citations = [row[:3] for row in book["citations"].iter_rows(min_row=2, values_only=True)]
    assert [(slug, url) for slug, _id, url in citations if slug == "lent"] == [
        ("lent", "https://a.example/1"),
        ("lent", "https://a.example/2"),
    ]
    edges = [row[:6] for row in book["bands"].iter_rows(min_row=2, values_only=True)]
    assert edges == [("lent", 1, "granted", "700 MHz", 703, 733), ("lent", 1, "granted", "700 MHz", 758.5, 788)]
    codes = {row[:2] for row in book["codebook"].iter_rows(min_row=2, values_only=True)}
    assert {("topic", "affordability"), ("measure_type", "zero-rating"), ("state", "unknown")} <= codes
    assert ("Licence", "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/") in book["about"].values


def test_a_workbook_shows_what_looks_like_a_formula_and_drops_what_no_sheet_can_hold(client):
    make_measure(slug="sum", title="=1+1", summary="A bell\x07 rings", outcome="#REF!", announced_on="1850-01-01")
    sheet = openpyxl.load_workbook(io.BytesIO(read(client.get("/measures.xlsx"))))["measures"]
    header = [cell.value for cell in sheet[1]]
    row = dict(zip(header, sheet[2], strict=True))
    assert (row["title"].value, row["title"].data_type) == ("=1+1", "s")
    assert (row["outcome"].value, row["outcome"].data_type) == ("#REF!", "s")
    assert row["summary"].value == "A bell rings"
    assert row["announced_on"].value == "1850-01-01"


def test_too_many_measures_for_a_workbook_are_offered_as_csv(client, measures, monkeypatch):
    monkeypatch.setitem(FORMATS, "xlsx", FORMATS["xlsx"]._replace(most=2))
    answer = client.get("/measures.xlsx?sort=announced")
    assert answer.status_code == 400
    assert answer.content.decode() == (
        "XLSX holds at most 2 measures, and these are 3. Take CSV: http://127.0.0.1:8000/measures.csv?sort=announced\n"
    )
    page = client.get("/measures/").content.decode()
    assert "measures.xlsx" not in page
    assert "at most 2 measures. Take CSV, or choose filters." in page
    assert client.get("/measures.xlsx?country=ken").status_code == 200


SCHEMA = {
    "type": "object",
    "required": ["title", "url", "licence", "generated_at", "filters", "count", "measures"],
    "properties": {
        "url": {"type": "string", "format": "uri"},
        "generated_at": {"type": "string", "format": "date-time"},
        "filters": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "count": {"type": "integer"},
        "measures": {"type": "array", "items": {"type": "object", "required": ["slug", "sources", "bands"]}},
    },
}


def test_json_says_what_was_chosen_and_how_many_there_are(client, measures):
    found = json.loads(read(client.get("/measures.json?country=ken&country=tur&sort=-updated")))
    jsonschema.validate(found, SCHEMA, format_checker=jsonschema.FormatChecker())
    assert found["filters"] == {"country": ["ken", "tur"], "sort": ["-updated"]}
    assert found["count"] == len(found["measures"]) == 3
    assert found["url"] == "http://127.0.0.1:8000/measures/?country=ken&country=tur&sort=-updated"
    assert found["licence"]["name"] == "CC-BY-4.0"


def test_bibtex_escapes_what_it_would_misread_and_names_the_sources(client, measures):
    text = read(client.get("/measures.bib?q=spectrum")).decode()
    assert r"title = {{Kenya lends spectrum \& {\textbraceleft}more{\textbraceright}}}" in text
    assert "https://a.example/1 (p. 4: the terms)" in text
    assert text.count("@misc{") == 1


def test_each_entry_of_ris_begins_with_its_type_and_ends(client, measures):
    text = read(client.get("/measures.ris")).decode()
    entries = text.removesuffix("\r\n\r\n").split("\r\n\r\n")
    assert len(entries) == 3
    assert all(entry.startswith("TY  - ELEC\r\n") and entry.endswith("\r\nER  - ") for entry in entries)


def test_files_are_the_same_in_every_language_but_for_what_is_refused(client, measures):
    assert read(client.get("/fr/measures.csv")) == read(client.get("/measures.csv"))
    assert client.get("/fr/measures.csv")["Content-Language"] == "en"


def test_a_record_is_at_its_own_address_as_data(client, measures):
    answer = client.get("/measures/lent.json")
    assert answer.json() == json.loads(read(client.get("/measures.jsonl?q=spectrum")))
    assert (answer["Content-Type"], answer["Content-Language"]) == ("application/json", "en")
    assert client.get("/fr/measures/lent.json").json() == answer.json()


def test_the_data_of_a_record_follow_a_new_slug_and_end_with_its_withdrawal(client):
    measure = make_measure(slug="old")
    measure = Measure.objects.get(pk=measure.pk)
    measure.slug = "new"
    measure.save()
    answer = client.get("/measures/old.json")
    assert (answer.status_code, answer["Location"]) == (301, "/measures/new.json")
    workflow.withdraw(measure, by=None, reason="Recorded twice.")
    assert client.get("/measures/old.json").status_code == 404
    assert client.get("/measures/new.json").status_code == 404
    make_measure(slug="draft", status="draft")
    assert client.get("/measures/draft.json").status_code == 404


@pytest.mark.parametrize("ending", FORMATS)
def test_who_has_a_file_is_told_so_and_its_headers_alone_cost_no_work(
    client, measures, ending, django_assert_num_queries
):
    address = f"/measures.{ending}?country=ken"
    file = client.get(address)
    body = read(file)
    with django_assert_num_queries(1):
        again = client.get(address, headers={"If-None-Match": file["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    with django_assert_num_queries(1):
        head = client.head(address)
        assert read(head) == b""
    assert {name: head[name] for name in ("ETag", "X-Row-Count", "Content-Disposition")} == {
        name: file[name] for name in ("ETag", "X-Row-Count", "Content-Disposition")
    }
    assert len(read(client.get(address))) in range(len(body) - 20, len(body) + 20)
    workflow.withdraw(measures[1], by=None, reason="Recorded twice.")
    assert client.get(address, headers={"If-None-Match": file["ETag"]}).status_code == 200


@pytest.mark.parametrize(("ending", "expected"), [("csv", "br"), ("jsonl", "br"), ("xlsx", None)])
def test_what_is_streamed_is_compressed_on_its_way_unless_it_is_already(client, measures, ending, expected):
    answer = client.get(f"/measures.{ending}", headers={"Accept-Encoding": "gzip, br"})
    assert answer.get("Content-Encoding") == expected
    assert answer["Vary"] == "Accept-Encoding"


def test_a_measure_that_is_withdrawn_while_a_file_is_written_breaks_it_off(client, measures):
    answer = client.get("/measures.csv")
    parts = iter(answer.streaming_content)
    next(parts)
    Measure.objects.filter(slug="lent").update(
        status="withdrawn", withdrawn_at=measures[0].updated_at, withdrawal_reason="Wrong."
    )
    with pytest.raises(Incomplete):
        list(parts)


def test_a_page_offers_the_files_of_what_it_lists(client, measures):
    for page, query in (
        ("/measures/", ""),
        ("/measures/?country=ken&q=spectrum", "?q=spectrum&amp;country=ken"),
        ("/countries/ken/", "?country=ken"),
        ("/topics/affordability/", "?topic=affordability"),
        ("/types/zero-rating/", "?type=zero-rating"),
        ("/crises/covid-19/", "?crisis=covid-19"),
        ("/organizations/ke-ca/", "?organization=ke-ca"),
        ("/tags/schools/", "?tag=schools"),
    ):
        body = client.get(page).content.decode()
        for ending in FORMATS:
            assert f'href="/measures.{ending}{query}"' in body, (page, ending)


def test_an_export_of_many_is_read_in_parts(client, measures, monkeypatch):
    monkeypatch.setattr("practices.serializers.CHUNK", 2)
    assert len(rows_of(client.get("/measures.csv"))) == 3
