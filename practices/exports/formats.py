"""The formats that measures can be had in. Each is written part by part, so that memory holds one part of it."""

import csv
import io
import json
from collections.abc import Callable
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from practices.citing import PORTAL_NAME, bibtex_entry
from practices.exports.tables import MEASURES, joined, note_in_words
from practices.exports.workbook import MOST_MEASURES, workbook

PART = 2**16  # characters of a file that are sent at a time
BOM = "\ufeff"  # tells spreadsheets that the text is UTF-8
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # how what a spreadsheet would run begins
LICENCE = {
    "name": "CC-BY-4.0",
    "title": "Creative Commons Attribution 4.0 International",
    "path": "https://creativecommons.org/licenses/by/4.0/",
}


class Format(NamedTuple):
    """``write`` makes the parts of a file (bytes) of an ``Export``; ``most`` is how many measures it can have."""

    name: str
    purpose: str
    media_type: str
    write: Callable
    most: int | None = None


def in_parts(texts):
    """``texts`` joined to parts of about ``PART`` characters, in UTF-8. The first comes at once."""
    part, size = [], PART
    for text in texts:
        part.append(text)
        size += len(text)
        if size >= PART:
            yield "".join(part).encode()
            part, size = [], 0
    if part:
        yield "".join(part).encode()


def csv_lines(table, rows):
    """The lines of a CSV file (RFC 4180) of ``rows`` of ``table``: first the names of its columns."""
    line = io.StringIO()
    writer = csv.writer(line)

    def written(cells):
        line.seek(0)
        line.truncate()
        writer.writerow(cells)
        return line.getvalue()

    yield BOM + written([column.name for column in table.columns])
    for row in rows:
        yield written([cell(column, row) for column in table.columns])


def cell(column, row):
    """What a column of a CSV file says of ``row``."""
    value = column.value(row)
    if column.kind == "list":
        return joined(map(harmless, value))
    if column.kind == "yes-no":
        return "" if value is None else "true" if value else "false"
    return harmless(value) if isinstance(value, str) else value


def harmless(text):
    """``text`` as no spreadsheet takes for a formula: behind an apostrophe where it begins like one."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def as_csv(export):
    return in_parts(csv_lines(MEASURES, export.measures()))


def as_json(export):
    return in_parts(_json_texts(export))


def _json_texts(export):
    head = {
        "title": PORTAL_NAME,
        "url": export.address,
        "licence": LICENCE,
        "generated_at": export.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "filters": export.filters,
        "count": len(export),
    }
    yield f'{_json(head)[:-1]}, "measures": ['
    for number, measure in enumerate(export.measures()):
        yield f"{',' if number else ''}\n{_json(measure)}"
    yield "\n]}\n"


def as_json_lines(export):
    return in_parts(f"{_json(measure)}\n" for measure in export.measures())


def _json(value):
    return json.dumps(value, ensure_ascii=False)


def as_bibtex(export):
    return in_parts(
        bibtex_entry(
            measure["slug"], measure["title"], measure["updated_at"][:4], measure["url"], sources_in_words(measure)
        )
        + "\n\n"
        for measure in export.measures()
    )


def as_ris(export):
    return in_parts(_ris_entry(measure, export.at) for measure in export.measures())


def _ris_entry(measure, at):
    lines = [
        ("TY", "ELEC"),
        ("ID", measure["slug"]),
        ("TI", measure["title"]),
        ("T2", PORTAL_NAME),
        ("PY", measure["updated_at"][:4]),
        ("DA", measure["updated_at"][:10].replace("-", "/")),
        ("AB", measure["summary"]),
        ("LA", measure["language"]),
        ("N1", sources_in_words(measure)),
        ("UR", measure["url"]),
        ("Y2", f"{at:%Y/%m/%d}"),
        ("ER", ""),
    ]
    return "".join(f"{tag}  - {' '.join(text.split())}\r\n" for tag, text in lines) + "\r\n"


def sources_in_words(measure):
    """The sources that a measure rests on, on one line."""
    sources = []
    for source in measure["sources"]:
        note = note_in_words(source)
        sources.append(f"{source['title']} ({source['publisher']}), {source['url']}{f' ({note})' if note else ''}")
    return f"Rests on: {'; '.join(sources)}"


FORMATS = {
    "csv": Format("CSV", _("for spreadsheets and programs, one row a measure"), "text/csv; charset=utf-8", as_csv),
    "xlsx": Format(
        "XLSX",
        _("for Excel and LibreOffice, with sources, bands and codebook"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        workbook,
        MOST_MEASURES,
    ),
    "json": Format("JSON", _("for programs, with everything"), "application/json", as_json),
    "jsonl": Format("JSON Lines", _("the same, one measure a line"), "application/jsonl; charset=utf-8", as_json_lines),
    "bib": Format("BibTeX", _("for citing the records"), "application/x-bibtex; charset=utf-8", as_bibtex),
    "ris": Format("RIS", _("for Zotero, EndNote and others"), "application/x-research-info-systems", as_ris),
}
