"""Making a release: a Frictionless data package of everything that is public at one moment."""

import hashlib
import json
import tempfile
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone, translation

from countries.models import Country
from practices.catalogue.storage import build
from practices.citing import PORTAL_NAME
from practices.exports import FORMATS, LICENCE, Export
from practices.exports.formats import csv_lines, in_parts
from practices.exports.tables import (
    BANDS,
    CITATIONS,
    CODEBOOK,
    COUNTRIES,
    MEASURES,
    ORGANIZATIONS,
    bands_of,
    citations_of,
    codebook,
    organizations,
)
from practices.models import CatalogueVersion
from practices.querysets import today
from practices.releases import texts
from practices.releases.changes import changes_between
from practices.releases.database import DATABASE, metadata, write_database
from practices.releases.shelf import PACKAGE, SUMS, Release, releases

SLUG = "network-resiliency-practices"
MEDIA_TYPES = {".csv": "text/csv", ".json": "application/json", ".sqlite": "application/vnd.sqlite3"}
FIELDS = {
    "text": {"type": "string"},
    "list": {"type": "string"},
    "date": {"type": "string", "constraints": {"pattern": r"\d{4}(-\d{2}(-\d{2})?)?"}},
    "time": {"type": "datetime"},
    "number": {"type": "number"},
    "yes-no": {"type": "boolean"},
}
ZIPPED_AT = (1980, 1, 1, 0, 0, 0)  # the same files make the same archive


class ReleaseError(Exception):
    """Why no release was made. Nothing is left of it."""


@dataclass(kw_only=True)
class Spooled(Export):
    """An export whose measures are read from the database once, and each time from the file ``spool`` then."""

    spool: Path

    def __post_init__(self):
        with self.spool.open("w") as file:
            file.writelines(f"{json.dumps(measure)}\n" for measure in super().measures())

    def measures(self):
        with self.spool.open() as file:
            yield from map(json.loads, file)


def make():
    """Write a release of the catalogue as it is now, and return it.

    It is there as a whole or not at all: it is made beside the others, and moved to its place when it is done.
    """
    root = settings.RELEASES_ROOT
    root.mkdir(parents=True, exist_ok=True)
    earlier = releases()
    name = _free_name({release.name for release in earlier})
    with tempfile.TemporaryDirectory(dir=root, prefix=".making-") as scratch:
        folder = Path(scratch) / name
        folder.mkdir()
        with translation.override("en"), one_state():
            _write(folder, earlier[0] if earlier else None)
        try:
            folder.rename(root / name)
        except OSError as error:
            raise ReleaseError(f"Another release was made meanwhile; nothing was added. Try again. ({error})") from None
    with transaction.atomic():
        CatalogueVersion.advance()  # the page that lists releases is another one now
    return Release(root / name)


@contextmanager
def one_state():
    """Have all that is read within come from one committed state, whatever others commit meanwhile.

    Within a transaction that has begun already it is read as that transaction sees it.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")  # unlike atomic(), which takes the lock of writers
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _free_name(taken):
    day = today().isoformat()
    return next(name for name in chain([day], (f"{day}-{number}" for number in count(2))) if name not in taken)


def _write(folder, previous):
    """Fill ``folder`` with a release whose name it has."""
    catalogue, at = _catalogue(folder.with_suffix(".index")), timezone.now()
    if not len(catalogue):
        raise ReleaseError("Nothing is public yet, so there is nothing to release.")
    address = f"{settings.SITE_URL}{reverse('practices:measure_list')}"
    ids = catalogue.ids(order="announced")
    export = Spooled(catalogue, ids, at, address, {}, spool=folder.with_suffix(".jsonl"))
    tables = [
        (MEASURES, export.measures),
        (CITATIONS, lambda: chain.from_iterable(map(citations_of, export.measures()))),
        (BANDS, lambda: chain.from_iterable(map(bands_of, export.measures()))),
        (COUNTRIES, lambda: Country.objects.order_by("iso3").prefetch_related("groups")),
        (ORGANIZATIONS, organizations),
        (CODEBOOK, lambda: codebook(catalogue.records)),
    ]
    counts = {table.name: _write_table(folder, table, rows()) for table, rows in tables}
    with (folder / "measures.json").open("wb") as file:
        file.writelines(FORMATS["json"].write(export))
    write_database(folder / DATABASE, tables)
    _write_json(folder / "metadata.json", metadata([table for table, _rows in tables]))
    about = {"name": folder.name, "at": at, "counts": counts}
    (folder / "CHANGELOG.md").write_text(texts.changelog(about, previous, changes_between(previous, folder)))
    (folder / "CITATION.cff").write_text(texts.citation(about))
    (folder / "LICENSE.md").write_text(texts.licence())
    (folder / "README.md").write_text(texts.readme(about, [table for table, _rows in tables]))
    _write_json(folder / PACKAGE, _package(folder, at, [(table, counts[table.name]) for table, _rows in tables]))
    _write_archive(folder)
    sums = [f"{_sha256(path)}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / SUMS).write_text("".join(sums))


def _catalogue(folder):
    """Return the catalogue as the database has it in this transaction, from an index of its own in ``folder``.

    The index that readers share is no use here: it follows what others commit meanwhile, and this transaction does not.
    """
    folder.mkdir()
    _index, catalogue = build(folder)
    return catalogue


def _write_table(folder, table, rows):
    """Write a table; how many rows it has."""
    number = 0

    def counted():
        nonlocal number
        for number, row in enumerate(rows, start=1):  # noqa: B007
            yield row

    with (folder / f"{table.name}.csv").open("wb") as file:
        file.writelines(in_parts(csv_lines(table, counted())))
    return number


def _write_json(path, value):
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _package(folder, at, tables):
    """What describes the package to programs: https://specs.frictionlessdata.io/data-package/."""
    return {
        "profile": "data-package",
        "name": SLUG,
        "id": f"{settings.SITE_URL}{reverse('practices:data')}#{folder.name}",
        "title": PORTAL_NAME,
        "description": texts.DESCRIPTION,
        "version": folder.name,
        "created": at.isoformat(timespec="seconds"),
        "homepage": settings.SITE_URL,
        "licenses": [LICENCE],
        "sources": [
            {"title": "Public pages that each measure cites; citations.csv lists them", "path": "citations.csv"},
            {"title": "World Bank: income groups", "path": "https://datahelpdesk.worldbank.org/"},
            {"title": "United Nations: M49", "path": "https://unstats.un.org/unsd/methodology/m49/"},
        ],
        "contributors": [{"title": settings.OPERATOR_NAME, "role": "publisher"}],
        "keywords": ["telecommunications", "regulation", "resilience", "spectrum", "COVID-19"],
        "resources": [
            *(_table_resource(folder, table, rows) for table, rows in tables),
            _resource(folder / "measures.json", "measures-json", "Measures with everything, as JSON", "json"),
            _resource(folder / DATABASE, "catalogue", "The same tables as a database of SQLite", "file"),
        ],
    }


def _table_resource(folder, table, rows):
    schema = {"fields": [{"name": c.name, "description": c.description, **FIELDS[c.kind]} for c in table.columns]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    if table.links:
        schema["foreignKeys"] = [
            {"fields": [column], "reference": {"resource": linked.name, "fields": list(linked.key)}}
            for column, linked in table.links.items()
        ]
    resource = _resource(folder / f"{table.name}.csv", table.name, table.title, "table")
    return resource | {"profile": "tabular-data-resource", "rowCount": rows, "schema": schema}


def _resource(path, name, title, kind):
    return {
        "name": name,
        "type": kind,
        "title": title,
        "path": path.name,
        "format": path.suffix[1:],
        "mediatype": MEDIA_TYPES[path.suffix],
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{_sha256(path)}",
    }


def _sha256(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_archive(folder):
    """All files as one."""
    paths = sorted(folder.iterdir())
    name = f"{SLUG}-{folder.name}"
    with zipfile.ZipFile(folder / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            entry = zipfile.ZipInfo(f"{name}/{path.name}", ZIPPED_AT)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            entry.file_size = path.stat().st_size  # tells zipfile whether to write a large one
            with path.open("rb") as source, archive.open(entry, "w") as target:
                while part := source.read(2**20):
                    target.write(part)
