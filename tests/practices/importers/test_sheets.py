"""Files that are uploaded as tables: what is read, and what is refused in words before it does harm."""

import datetime
import io
import time
import tracemalloc
import zipfile

import pytest
from openpyxl import Workbook

from practices.importers import sheets
from practices.importers.sheets import Unreadable, read

HEADER = ["slug", "title"]


def workbook(*rows, edit=lambda parts: None):
    """An Excel workbook with ``rows``; ``edit`` may change its parts, bytes by name, before they are packed."""
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    edit(parts)
    return zipped(parts)


def zipped(parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def with_part(name, content):
    return workbook(HEADER, ["a", "b"], edit=lambda parts: parts.update({name: content}))


def billion_laughs():
    entities = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha ha ha ha ha">' for n in range(10)
    )
    return with_part(
        "xl/worksheets/sheet1.xml",
        f'<?xml version="1.0"?><!DOCTYPE worksheet [{entities}]>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        '<c r="A1" t="inlineStr"><is><t>&l9;</t></is></c></row></sheetData></worksheet>',
    )


def encrypted_zip():
    """A ZIP file whose first part says that it has a password."""
    data = bytearray(workbook(HEADER))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    return bytes(data)


def shared_strings(count):
    def share(parts):
        kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        part = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
        parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", part)
        namespace = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        parts["xl/sharedStrings.xml"] = b'<sst xmlns="%s">%s</sst>' % (namespace, b"<si><t>a</t></si>" * count)

    return workbook(HEADER, ["a", "b"], edit=share)


HOSTILE = {
    "Latin-1": (lambda: "slug,title\na,Téléphone".encode("latin-1"), "Line 2 is not in UTF-8"),
    "UTF-16 that breaks off": (lambda: "slug,title\na,b".encode("utf-16")[:-1], "is not in UTF-8"),
    "NULs": (lambda: b"slug,title\na,b\x00c", "Line 2 has a NUL"),
    "random bytes": (lambda: bytes(range(256)) * 100, "is not in UTF-8"),
    "a quote that never ends": (lambda: b'slug,title\na,"b\n' + b"c\n" * 100, "cannot be read from line"),
    "a million columns": (lambda: b"a," * 1_000_000, "beyond 100 columns"),
    "a million rows": (lambda: b"slug,title\n" + b"a,b\n" * 1_000_000, "more than 5000 rows"),
    "a million empty rows": (lambda: b"slug,title\n" + b"\n" * 1_000_000, "more than 5000 rows"),
    "50 MB": (lambda: b"slug,title\n" + b"a" * 50 * 2**20, "larger than 10.0"),
    "a cell of a megabyte": (lambda: b"slug,title\na," + b"b" * 2**20, "cannot be read|more than 32767 characters"),
    "a cell without a name": (lambda: b"slug,title\na,b,c", "column 3, which the first row gives no name"),
    "nothing": (lambda: b"", "first row is empty"),
    "an old Excel file, or an encrypted one": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "password"),
    "a ZIP file with a password": (encrypted_zip, "has a password"),
    "a ZIP file of something else": (lambda: zipped({"a.txt": b"a"}), "no Excel workbook"),
    "the first bytes of a ZIP file": (lambda: b"PK\x03\x04" + b"a" * 1000, "no Excel workbook"),
    "a workbook cut off": (lambda: workbook(HEADER, ["a", "b"])[:-200], "no Excel workbook"),
    "a zip bomb": (lambda: with_part("xl/worksheets/sheet1.xml", b" " * 200 * 2**20), "Unpacked, the workbook is"),
    "entities that grow": (billion_laughs, "no Excel workbook that can be read"),
    "a part that is no XML": (lambda: with_part("xl/worksheets/sheet1.xml", b"<sheet"), "that can be read"),
    "macros": (lambda: with_part("xl/vbaProject.bin", b"Sub"), "has macros"),
    "a formula": (lambda: workbook(HEADER, ["a", "=1+1"]), "Cell B2 has a formula"),
    "an error": (lambda: workbook(HEADER, ["a", "#DIV/0!"]), "Cell B2 has a formula or an error"),
    "a workbook of 16,384 columns": (lambda: workbook(["a"] * 16_384), "beyond 100 columns"),
    "a workbook of 20,000 rows": (lambda: workbook(HEADER, *[["a", "b"]] * 20_000), "more than 5000 rows"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_in_words_in_bounded_memory_and_time(what):
    make, sentence = HOSTILE[what]
    data = make()
    tracemalloc.start()
    started = time.process_time()
    try:
        with pytest.raises(Unreadable, match=sentence):
            read(data)
        assert time.process_time() - started < 15
        assert tracemalloc.get_traced_memory()[1] < 150 * 2**20
    finally:
        tracemalloc.stop()


def test_many_shared_strings_are_read_in_bounded_memory():
    data = shared_strings(100_000)
    tracemalloc.start()
    try:
        read(data)
        assert tracemalloc.get_traced_memory()[1] < 20 * 2**20  # less than the part as a tree of elements
    finally:
        tracemalloc.stop()


def test_a_sheet_that_says_it_is_larger_than_it_is_is_read():
    def boast(parts):
        name = "xl/worksheets/sheet1.xml"
        parts[name] = parts[name].replace(b'ref="A1:B2"', b'ref="A1:XFD1048576"')

    assert read(workbook(HEADER, ["a", "b"], edit=boast)) == (HEADER, [(2, ["a", "b"])])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_as_spreadsheets_save_it(encoding, delimiter):
    text = f'slug{delimiter}title\r\n\r\na{delimiter}"Téléphone\r\n电话"\r\n'
    assert read(text.encode(encoding)) == (HEADER, [(3, ["a", "Téléphone\n电话"])])


def test_numbers_and_dates_of_a_workbook_are_texts():
    rows = [["slug", "a", "b", "c", "d"], ["x", 2020, 7.5, datetime.date(2020, 4, 17), None]]
    assert read(workbook(*rows))[1] == [(2, ["x", "2020", "7.5", "2020-04-17", ""])]


DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1", "''=1", '=HYPERLINK("https://example.org")']


@pytest.mark.parametrize("text", [*DANGEROUS, "plain", "'quoted'", "a=b"])
def test_no_cell_is_a_formula_and_it_comes_back_as_it_was(text):
    rows = [HEADER, ["a", text]]
    as_csv = b"".join(sheets.csv_lines(rows))
    with sheets.xlsx_file({"Measures": rows}) as file:
        as_xlsx = file.read()
    assert read(as_csv)[1] == [(2, ["a", text])]
    assert read(as_xlsx)[1] == [(2, ["a", text.replace("\r", "\n")])]
    cell = as_csv.decode("utf-8-sig").splitlines()[1].partition(",")[2].strip('"')
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_a_text_that_a_workbook_cannot_hold_is_not_cut_short():
    with pytest.raises(ValueError, match="too long for an Excel workbook"):
        sheets.xlsx_file({"Measures": [["a" * 32_768]]})
