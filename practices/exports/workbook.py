"""Measures as a workbook for spreadsheet programs: their sources, bands and codes on sheets beside them."""

import datetime
import re
import tempfile

from xlsxwriter import Workbook

from practices.citing import PORTAL_NAME
from practices.exports.tables import (
    BANDS,
    CITATIONS,
    CODEBOOK,
    MEASURES,
    Column,
    Table,
    bands_of,
    citations_of,
    codebook,
    joined,
)

MOST_MEASURES = 20_000
LONGEST_TEXT = 32_767  # characters that a cell holds
# What XML has no way to write.
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
PART = 2**16  # bytes of the file that are sent at a time
FIRST_YEAR = 1900  # spreadsheets know no dates before
WIDTHS = {"title": 60, "summary": 60, "outcome": 40, "definition": 80, "description": 80, "url": 40, "name": 40}

ABOUT = Table(
    "about", "About this file", [Column("what", "", lambda row: row[0]), Column("description", "", lambda row: row[1])]
)


def workbook(export):
    """The parts of the file of an ``Export``: sheets of measures, citations, bands, the codebook, and about itself.

    Nothing comes before all is written, since a workbook is an archive whose list of contents stands at its end.
    """
    with tempfile.TemporaryFile() as file:
        # Each row goes to the disk as soon as the next begins.
        with Workbook(file, {"constant_memory": True}) as book:
            measures, citations, bands = (Sheet(book, table) for table in (MEASURES, CITATIONS, BANDS))
            for measure in export.measures():
                measures.append(measure)
                citations.extend(citations_of(measure))
                bands.extend(bands_of(measure))
            codes, about = Sheet(book, CODEBOOK), Sheet(book, ABOUT)
            codes.extend(codebook(export.catalogue.records))
            about.extend(_about(export))
            for sheet in (measures, citations, bands, codes, about):
                sheet.finish()
        file.seek(0)
        while part := file.read(PART):
            yield part


class Sheet:
    """A sheet of a table, whose header stays in sight and whose rows can be filtered."""

    def __init__(self, book, table):
        self.table, self.sheet, self.rows = table, book.add_worksheet(table.name), 1
        self.day, self.time = (book.add_format({"num_format": form}) for form in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"))
        self.sheet.freeze_panes(1, 1)
        header = book.add_format({"bold": True})
        for place, column in enumerate(table.columns):
            self.sheet.set_column(place, place, WIDTHS.get(column.name, 20))
            self.sheet.write_string(0, place, column.name, header)

    def append(self, row):
        for place, column in enumerate(self.table.columns):
            self.write(self.rows, place, column, column.value(row))
        self.rows += 1

    def extend(self, rows):
        for row in rows:
            self.append(row)

    def finish(self):
        self.sheet.autofilter(0, 0, self.rows - 1, len(self.table.columns) - 1)

    def write(self, row, place, column, value):
        """Write what a column says: whole days and times as dates, numbers as such, and all else as text."""
        if column.kind == "list":
            value = joined(value)
        if value is None or value == "":
            return
        if column.kind == "date" and len(value) == 10 and int(value[:4]) >= FIRST_YEAR:
            self.sheet.write_datetime(row, place, datetime.date.fromisoformat(value), self.day)
        elif column.kind == "time":
            moment = datetime.datetime.fromisoformat(value).replace(tzinfo=None)
            self.sheet.write_datetime(row, place, moment, self.time)
        elif isinstance(value, bool):
            self.sheet.write_boolean(row, place, value)
        elif isinstance(value, int | float):
            self.sheet.write_number(row, place, value)
        else:
            self.sheet.write_string(row, place, UNPRINTABLE.sub("", value)[:LONGEST_TEXT])


def _about(export):
    yield "Catalogue", PORTAL_NAME
    yield "The same as a page", export.address
    yield "Measures", len(export)
    yield "Taken at (UTC)", f"{export.at:%Y-%m-%d %H:%M}"
    yield "Licence", "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"
    yield "Please cite", f"{PORTAL_NAME}, {export.address}, CC BY 4.0, seen on {export.at:%Y-%m-%d}."
    yield "Country data", "Income groups: World Bank."
    yield "Several values", "are joined by a semicolon and a space."
    yield "Dates", "are as precise as the sources: whole days are dates, months and years are text. Times are UTC."
    for table in (MEASURES, CITATIONS, BANDS, CODEBOOK):
        for column in table.columns:
            yield f"{table.name}: {column.name}", column.description
