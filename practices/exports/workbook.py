"""Measures as a workbook for spreadsheet programs: their sources, bands and codes on sheets beside them."""

import datetime
import tempfile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

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
    book = Workbook(write_only=True)
    measures, citations, bands = (Sheet(book, table) for table in (MEASURES, CITATIONS, BANDS))
    for measure in export.measures():
        measures.append(measure)
        citations.extend(citations_of(measure))
        bands.extend(bands_of(measure))
    codes, about = Sheet(book, CODEBOOK), Sheet(book, ABOUT)
    codes.extend(codebook(export.snapshot))
    about.extend(_about(export))
    for sheet in (measures, citations, bands, codes, about):
        sheet.finish()
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while part := file.read(PART):
            yield part


class Sheet:
    """A sheet of a table, whose header stays in sight and whose rows can be filtered."""

    def __init__(self, book, table):
        self.table, self.sheet, self.rows = table, book.create_sheet(table.name), 1
        self.sheet.freeze_panes = "B2"
        for place, column in enumerate(table.columns, start=1):
            self.sheet.column_dimensions[get_column_letter(place)].width = WIDTHS.get(column.name, 20)
        header = [WriteOnlyCell(self.sheet, column.name) for column in table.columns]
        for cell in header:
            cell.font = Font(bold=True)
        self.sheet.append(header)

    def append(self, row):
        self.sheet.append([self.cell(column, row) for column in self.table.columns])
        self.rows += 1

    def extend(self, rows):
        for row in rows:
            self.append(row)

    def finish(self):
        self.sheet.auto_filter.ref = f"A1:{get_column_letter(len(self.table.columns))}{self.rows}"

    def cell(self, column, row):
        """What a column says of ``row``: whole days as dates, and text as text, even where it looks like a formula."""
        value = column.value(row)
        if column.kind == "list":
            value = joined(value)
        elif value is not None and column.kind == "date" and len(value) == 10:
            day = datetime.date.fromisoformat(value)
            return day if day.year >= FIRST_YEAR else value
        elif value is not None and column.kind == "time":
            return datetime.datetime.fromisoformat(value).replace(tzinfo=None)
        if not isinstance(value, str):
            return value
        value = ILLEGAL_CHARACTERS_RE.sub("", value)
        if value.startswith(("=", "#")):  # openpyxl's own signs of a formula and of an error
            cell = WriteOnlyCell(self.sheet, value)
            cell.data_type = "s"
            return cell
        return value or None


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
