"""The index on disk: built, kept in step with the database, and shared by the processes of a host.

The folder ``INDEX_DIR`` is a cache of the database and may be deleted at any time. In it, ``current-<release>`` names
the folder of the index that the processes of a release read, so that a new one can be built beside it. Whoever writes
holds the lock of the file ``lock``. Without ``INDEX_DIR``, or where it cannot be written, a process has its own index
in memory.

One document of the index is its status: which catalogue and which version of it the index has, when that was made, and
at which version the ``records`` of each kind last changed. It is written in the same commit as what it tells.
"""

import fcntl
import hashlib
import json
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import tantivy
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from tantivy import Document, Index, Query

from practices.catalogue import schema
from practices.catalogue.catalogue import Catalogue
from practices.catalogue.documents import documents, published_ids
from practices.catalogue.records import MODELS, Records, UnknownRecordError
from practices.catalogue.word_lists import DATA
from practices.models import CatalogueVersion, Change, JournalEntry

logger = logging.getLogger(__name__)

WRITER_BYTES, BUILDER_BYTES = 15_000_000, 64_000_000  # of memory before documents go to disk; the first is the least
MAX_CHANGES = 5000  # that are applied one by one; after more, the index is built again
LOCK_SECONDS = 5  # that a request waits for a catalogue that another thread builds
PROGRESS_STEP = 10_000  # documents
OTHER_RELEASES_SECONDS = 86_400  # for which the index of another release stays
MADE_BY = ("analysis", "documents", "schema", "synonyms")  # modules that decide what is in a document


class NotReadyError(Exception):
    """The catalogue is being built, and nothing can be answered from it yet."""


class Version(NamedTuple):
    """Which catalogue there is in the database, and at which version. ``changed_at`` is as the database writes it."""

    catalogue: str
    number: int
    changed_at: str

    @property
    def status(self) -> dict[str, Any]:
        """The part of the status of an index that says which version it has."""
        return {"catalogue": self.catalogue, "version": self.number, "changed_at": self.changed_at}

    def is_that_of(self, status: dict[str, Any]) -> bool:
        """Return whether an index with this ``status`` has just this version."""
        return self == (status["catalogue"], status["version"], status["changed_at"])


# Without a model, which would take most of the time of a page that the reader has.
_READ_VERSION = (
    "SELECT CAST(catalogue AS text), number, CAST(changed_at AS text) "  # noqa: S608
    f"FROM {CatalogueVersion._meta.db_table} WHERE id = {CatalogueVersion.ROW}"
)


def read_version() -> Version:
    """Return the version of the catalogue in the database: the one query of most requests.

    It is the first of a page, so it opens a connection again that the database has ended, for instance to restart.
    """
    try:
        row = _version_row()
    except (OperationalError, InterfaceError):
        if connection.in_atomic_block or connection.is_usable():
            raise
        connection.close()
        row = _version_row()
    return Version(*row) if row else Version("", 0, "")


def _version_row() -> tuple[str, int, str] | None:
    with connection.cursor() as cursor:
        cursor.execute(_READ_VERSION)
        return cursor.fetchone()


@cache
def release() -> str:
    """Return a digest of what documents are made by: the index of another one is not read."""
    folder = Path(__file__).parent
    digest = hashlib.blake2b(tantivy.__version__.encode(), digest_size=6)
    for path in (*(folder / f"{name}.py" for name in MADE_BY), DATA / "synonyms.json"):
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Storage:
    """The index of this process. ``directory`` is None for one in memory."""

    def __init__(self, directory: Path | None):
        self._directory = directory
        self._thread_lock = threading.Lock()
        self._index: Index | None = None
        self._folder: Path | None = None
        self._records: Records | None = None
        self._catalogue: Catalogue | None = None

    def rebuild(self) -> tuple[int, float]:
        """Build the index again while readers use the present one, and return its number of measures and the seconds.

        OSError where the folder cannot be written.
        """
        start = time.monotonic()
        folder = self._make_folder()
        index, catalogue = build(folder)
        with self._thread_lock, self._lock():
            self._switch_to(index, folder, catalogue.records)
        return len(catalogue), time.monotonic() - start

    # Reading.

    def current(self) -> Catalogue:
        """Return the catalogue as it is in the database now. NotReadyError while another thread builds the index."""
        version, catalogue = read_version(), self._catalogue
        if catalogue is not None and version.is_that_of(catalogue.status):
            return catalogue
        if not self._thread_lock.acquire(timeout=LOCK_SECONDS if catalogue is None else -1):
            raise NotReadyError
        try:
            return self._refreshed(version)
        finally:
            self._thread_lock.release()

    def has_catalogue(self) -> bool:
        """Return whether the index has been opened, so that readers need not wait for it."""
        return self._catalogue is not None

    def _refreshed(self, version: Version) -> Catalogue:
        catalogue = self._catalogue
        if catalogue is None or not version.is_that_of(catalogue.status):
            if self._directory is not None:
                try:
                    catalogue = self._read(version)
                except (OSError, ValueError):
                    logger.exception("The index in %s cannot be used; this process has one in memory.", self._directory)
                    self._directory = self._index = self._folder = None
            if self._directory is None:
                catalogue = self._read(version)
            self._catalogue = catalogue
        return catalogue

    def _read(self, version: Version) -> Catalogue:
        """Return the catalogue of the index, which is brought up to the ``version`` first where it is behind."""
        status = self._open()
        if status is None or not version.is_that_of(status):
            with self._lock():
                status, version = self._open(), read_version()
                if status is None or not version.is_that_of(status):
                    status = self._update(status, version)
        self._refresh_records(status)
        return Catalogue(self._index.searcher(), self._records, status)

    def _refresh_records(self, status: dict[str, Any]) -> None:
        """Read the kinds of records again that have changed since, by this process or another one."""
        versions = status["records"]
        if self._records is None or any(self._records.versions[kind] < versions[kind] for kind in MODELS):
            self._records = Records(versions, self._records)

    def _open(self) -> dict[str, Any] | None:
        """Open the present index, and return its status; None where there is none that can be read."""
        folder = self._current_folder()
        if self._directory is not None and folder is None:
            return None
        try:
            if self._index is None or folder != self._folder:
                if folder is None:
                    return None
                self._index, self._folder, self._records = schema.open_index(str(folder)), folder, None
            self._index.reload()
            return _status(self._index)
        except (OSError, ValueError):
            logger.warning("The index in %s cannot be read and is built again.", folder, exc_info=True)
            self._index = self._folder = None
            return None

    def _current_folder(self) -> Path | None:
        if self._directory is None:
            return None
        try:
            folder = self._directory / self._pointer.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return folder if folder.is_dir() else None

    @property
    def _pointer(self) -> Path:
        return self._directory / f"current-{release()}"

    # Writing. Whoever calls these holds the lock.

    def _update(self, status: dict[str, Any] | None, version: Version) -> dict[str, Any]:
        """Bring the open index up to a ``version``, and return its status."""
        if status is None or not _precedes(status, version):
            return self._build()
        measures, kinds = _journal(status["version"], version.number)
        if len(measures) > MAX_CHANGES:
            return self._build()
        status = status | version.status | {"records": status["records"] | dict.fromkeys(kinds, version.number)}
        self._refresh_records(status)
        self._write(measures, status)
        return status

    def _build(self) -> dict[str, Any]:
        """Build an index from nothing, put it in place of what there is, and return its status."""
        folder = self._make_folder()
        index, catalogue = build(folder)
        self._switch_to(index, folder, catalogue.records)
        return catalogue.status

    def _make_folder(self) -> Path | None:
        if self._directory is None:
            return None
        self._directory.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f"{release()}-", dir=self._directory))

    def _switch_to(self, index: Index, folder: Path | None, records: Records) -> None:
        """Have all processes of this release read the ``index`` in ``folder``, and remove those that nobody reads."""
        self._index, self._folder, self._records = index, folder, records
        if folder is None:
            return
        unfinished = self._pointer.with_suffix(".new")
        unfinished.write_text(folder.name, encoding="utf-8")
        os.replace(unfinished, self._pointer)
        for other in self._directory.iterdir():
            is_own = other.name.startswith(release())
            is_old = other.stat().st_mtime < time.time() - OTHER_RELEASES_SECONDS
            if other.is_dir() and other != folder and (is_own or is_old):
                shutil.rmtree(other, ignore_errors=True)  # a process that reads it has its files open

    def _write(self, ids: Iterable[int], status: dict[str, Any]) -> None:
        """Write the measures ``ids`` again as the database has them, and the ``status``, in one commit."""
        written = self._documents(ids, status)
        writer = self._index.writer(WRITER_BYTES, 1)
        for pk in ids:
            writer.delete_documents_by_term("key", str(pk))
        for document in written:
            writer.add_document(document)
        writer.delete_documents_by_term("key", schema.STATUS)
        writer.add_document(_status_document(status))
        writer.commit()
        writer.garbage_collect_files()
        writer.wait_merging_threads()
        self._index.reload()

    def _documents(self, ids: Iterable[int], status: dict[str, Any]) -> list[Document]:
        try:
            return list(documents(self._records, ids))
        except UnknownRecordError as error:
            if status["records"][error.kind] == status["version"]:
                raise
            # A new one, which counts as a change once a measure names it.
            status["records"][error.kind] = status["version"]
            self._refresh_records(status)
            return self._documents(ids, status)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Keep other processes from writing the index."""
        if self._directory is None:
            yield
            return
        self._directory.mkdir(parents=True, exist_ok=True)
        with (self._directory / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def build(folder: Path | None) -> tuple[Index, Catalogue]:
    """Build the index of the database in an empty ``folder``, or in memory, and return it with what it has."""
    version = read_version()  # before all else: what changes meanwhile is in the journal after it
    status = version.status | {"records": dict.fromkeys(MODELS, version.number)}
    records, ids = Records(status["records"]), published_ids()
    start = time.monotonic()
    index = schema.open_index(folder and str(folder))
    writer = index.writer(BUILDER_BYTES if len(ids) > PROGRESS_STEP else WRITER_BYTES, 1)
    for count, document in enumerate(documents(records, ids)):
        writer.add_document(document)
        if count and count % PROGRESS_STEP == 0:
            logger.info("Building the index: %s documents of %s measures.", f"{count:,}", f"{len(ids):,}")
    writer.add_document(_status_document(status))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    logger.info("Built the index of %s measures in %.1f s.", f"{len(ids):,}", time.monotonic() - start)
    return index, Catalogue(index.searcher(), records, status)


def _status_document(status: dict[str, Any]) -> Document:
    document = Document()
    document.add_text("key", schema.STATUS)
    document.add_text("kind", schema.STATUS)
    document.add_bytes("status", json.dumps(status).encode())
    return document


def _status(index: Index) -> dict[str, Any] | None:
    searcher = index.searcher()
    hits = searcher.search(Query.term_query(schema.SCHEMA, "key", schema.STATUS), 1).hits
    return json.loads(searcher.doc(hits[0][1])["status"][0]) if hits else None


def _journal(after: int, up_to: int) -> tuple[set[int], set[str]]:
    """Return what changed after a version: the ids of measures, and the kinds of records that have other names."""
    between = {"version__gt": after, "version__lte": up_to}
    measures = set(Change.objects.filter(**between).order_by().values_list("measure_id", flat=True))
    entries = set(JournalEntry.objects.filter(**between).values_list("kind", "record_id"))
    measures.update(pk for kind, pk in entries if kind == JournalEntry.MEASURE)
    kinds = {kind for kind, _pk in entries if kind in MODELS}
    return measures, kinds | {"type"} if "topic" in kinds else kinds  # a type has its topic


def _precedes(status: dict[str, Any], version: Version) -> bool:
    """Return whether the journal leads from an index with this ``status`` to the ``version``."""
    return status["catalogue"] == version.catalogue and status["version"] < version.number


_storage: Storage | None = None


def storage() -> Storage:
    """Return the index of this process."""
    global _storage
    if _storage is None:
        _storage = Storage(Path(settings.INDEX_DIR) if settings.INDEX_DIR else None)
    return _storage


def current() -> Catalogue:
    """Return the catalogue as it is in the database now. NotReadyError while another thread builds the index."""
    return storage().current()


def forget() -> None:
    """Let the next call of ``current`` open the index again, or build it where it is in memory."""
    global _storage
    _storage = None
