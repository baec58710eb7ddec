"""Tables as spreadsheets have them, CSV and Excel workbooks: read with limits, written so that no cell is a formula."""

import csv
import datetime
import io
import re
import tempfile
import zipfile

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook

LARGEST_FILE = 10 * 2**20
LARGEST_WORKBOOK = 30 * 2**20  # unpacked: a workbook is a ZIP file, in which a gigabyte may be a few kilobytes
ROWS, COLUMNS = 5_000, 100
CELL = 32_767  # characters, which is all that Excel keeps
# How far down rows are looked for: a sheet may have empty ones between and after them.
LAST_ROW = 4 * ROWS

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# What a spreadsheet takes for a formula, perhaps behind apostrophes that were put there or typed.
FORMULA = re.compile(r"'*[=+\-@\t\r\n]")  # XML makes \r a \n


class Unreadable(Exception):
    """A file that is no table within the limits. As a text it is a sentence that says what would be."""


def read(data):
    """The table in ``data``, the bytes of a file: the names of its columns, and its rows as (number, cells) pairs.

    Cells are texts, ``""`` where they are empty, one for each column; the number is the row's in the sheet. Rows
    without any text are left out. Raises ``Unreadable``.
    """
    if len(data) > LARGEST_FILE:
        raise Unreadable(too_large())
    if data.startswith(OLE):
        raise Unreadable(
            _("This is an old Excel file, or one with a password. Save it as .xlsx, without a password, or as CSV.")
        )
    header, rows = None, []
    for number, cells in enumerate(_workbook(data) if data.startswith(ZIP) else _text(data), start=1):
        width = max((place for place, cell in enumerate(cells, start=1) if cell), default=0)
        if number > LAST_ROW or (len(rows) == ROWS and width):
            raise Unreadable(
                _("The file has more than %(rows)d rows. Split it into files of at most that many.") % {"rows": ROWS}
            )
        if width > COLUMNS:
            raise Unreadable(
                _("Row %(row)d goes on beyond %(columns)d columns, and no table of measures does.")
                % {"row": number, "columns": COLUMNS}
            )
        if header is None:
            header = [cell.strip() for cell in cells[:width]]
            continue
        if width > len(header):
            raise Unreadable(
                _("Row %(row)d has a cell in column %(column)d, which the first row gives no name.")
                % {"row": number, "column": width}
            )
        if any(len(cell) > CELL for cell in cells):
            raise Unreadable(
                _("Row %(row)d has a cell of more than %(characters)d characters.")
                % {"row": number, "characters": CELL}
            )
        if width:
            rows.append((number, [*map(_as_typed, cells[: len(header)]), *[""] * (len(header) - len(cells))]))
    if not header:
        raise Unreadable(_("The first row is empty. It has to have the names of the columns, as in the template."))
    return header, rows


def too_large():
    return _("The file is larger than %(size)s. Split it into several.") % {"size": filesizeformat(LARGEST_FILE)}


def _text(data):
    """The rows of a CSV file, lists of texts. Columns may be parted by commas, semicolons or tabs."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            _(
                "Line %(line)d is not in UTF-8. Save the file as “CSV UTF-8”, or as an Excel workbook (.xlsx), and "
                "upload that."
            )
            % {"line": data[: error.start].count(b"\n") + 1}
        ) from None
    if "\x00" in text:
        raise Unreadable(
            _("Line %(line)d has a NUL, which no text has. Save the file as “CSV UTF-8” or as an Excel workbook.")
            % {"line": text[: text.index("\x00")].count("\n") + 1}
        )
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise Unreadable(
            _("The table cannot be read from line %(line)d on: %(error)s.") % {"line": reader.line_num, "error": error}
        ) from None


def _workbook(data):
    """The rows of the first sheet of an Excel workbook, lists of texts."""
    try:
        _check_parts(zipfile.ZipFile(io.BytesIO(data)))
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a sheet says of its own size is not to be trusted
        for number, row in enumerate(sheet.iter_rows(max_col=COLUMNS + 1), start=1):
            yield [_cell(cell, number) for cell in row]
    except Unreadable:
        raise
    except Exception as error:  # openpyxl raises whatever a damaged part leads to
        raise Unreadable(
            _("This is no Excel workbook that can be read (%(error)s). Save it again as .xlsx, or as CSV.")
            % {"error": type(error).__name__}
        ) from error


def _check_parts(archive):
    """Refuse what a workbook holds before any of it is unpacked."""
    parts = archive.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(_("The workbook has a password. Save it without one."))
    if sum(part.file_size for part in parts) > LARGEST_WORKBOOK or len(parts) > 1000:
        raise Unreadable(
            _("Unpacked, the workbook is larger than %(size)s. Keep the table alone in it, or save it as CSV.")
            % {"size": filesizeformat(LARGEST_WORKBOOK)}
        )
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names:
        raise Unreadable(_("This is a ZIP file but no Excel workbook. Upload an .xlsx or a CSV file."))
    if any(name.endswith("vbaProject.bin") for name in names):
        raise Unreadable(_("The workbook has macros. Save it as .xlsx, which has none."))


def _cell(cell, row):
    """The text of a cell, dates in the form of ISO 8601."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type in ("f", "e"):
        raise Unreadable(
            _("Cell %(cell)s has a formula or an error. Paste it as a value: formulas are not worked out here.")
            % {"cell": cell.coordinate}
        )
    if isinstance(value, datetime.datetime):
        return (value.date() if value.time() == datetime.time() else value).isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _as_typed(text):
    """``text`` without the apostrophe that ``_inert`` put before it, and with plain line ends."""
    text = text[1:] if text.startswith("'") and FORMULA.match(text) else text
    return text.replace("\r\n", "\n")


def _inert(text):
    """``text`` as a cell that no spreadsheet takes for a formula. ``_as_typed`` undoes it."""
    return f"'{text}" if FORMULA.match(text) else text


def csv_lines(rows):
    """A CSV file of ``rows``, lists of texts, as bytes line by line. Its first bytes tell Excel that it is UTF-8."""
    line = io.StringIO()
    writer = csv.writer(line)
    yield b"\xef\xbb\xbf"
    for row in rows:
        writer.writerow(map(_inert, row))
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def xlsx_file(sheets):
    """An Excel workbook as an open file, with the rows (lists of texts) of each sheet by the sheet's name.

    Raises ``ValueError`` for a text that a workbook cannot hold; CSV can.
    """
    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        checked = [[_held(text) for text in row] for row in rows]  # before openpyxl opens a file of its own
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "B2"
        for row in checked:
            sheet.append(row)
    file = tempfile.TemporaryFile()  # noqa: SIM115 (whoever sends it closes it)
    book.save(file)
    file.seek(0)
    return file


def _held(text):
    cell = _inert(text)
    if len(cell) > CELL or re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", cell):
        raise ValueError(
            _("“%(text)s…” is too long for an Excel workbook, or has characters that it cannot hold. Use CSV.")
            % {"text": re.sub(r"[\x00-\x1f]", " ", cell[:40])}
        )
    return cell
