"""The snapshot that this process has, and how it keeps up with the database."""

import logging
import threading
import time

from django.db import connection

from practices.catalogue.reading import Reader, one_state
from practices.catalogue.snapshot import Snapshot
from practices.catalogue.version_row import version_row
from practices.models import CatalogueVersion, Change
from practices.search.matching import carry_over, reader_of

logger = logging.getLogger(__name__)

MOST_APPLIED = 500  # changes; where more have changed, reading all is as quick
MAKE_READY_AFTER = 0.5  # seconds: first come the readers whose pages have to be made anew
READ_AT_ONCE = 20_000  # measures; reading more would make a reader wait, so the old snapshot serves meanwhile

_lock = threading.Lock()
_snapshot = None
_seen = None  # what the version's row held when the snapshot was read, as the database gave it
# In a process that serves many readers, and has ready what makes their pages quicker: the snapshot that it began with.
# All of its kind share it, and to let it go would be to copy it before.
_first = None
# What readers do not wait for: whether everything has to be read anew, and the snapshot to be made ready; the thread
# that does it, or did, and whether it goes on.
_has_to_be_read = _has_to_be_ready = False
_thread, _thread_works = None, False


def current():
    """The ``Snapshot`` of what is public now. One query where nothing has changed since the last call.

    The measures that the journal names are read within the call, and so are the records that measures point at,
    such as countries and topics, where one of them has changed. Anything else (a source, something deleted) has
    all read anew: within the call too, but for a catalogue so large that readers would notice. They are shown
    measures as they are now beside what they pointed at before, until another thread has read everything.
    """
    global _snapshot, _seen, _has_to_be_read, _has_to_be_ready
    seen, row = _seen, version_row()
    if _snapshot is not None and row == seen:
        return _snapshot
    with _lock:
        # Whoever waited for another to catch up need not do so again, however much was published meanwhile.
        is_caught_up = _seen is not seen and _seen and row and _seen[0] >= row[0]
        if _snapshot is not None and (is_caught_up or version_row() == _seen):
            return _snapshot
        newer, row = _caught_up(_snapshot) if _snapshot is not None else (None, None)
        may_wait = _snapshot is None or len(_snapshot) <= READ_AT_ONCE
        if may_wait and (newer is None or newer.is_behind):
            newer, row = _read()
        if newer is not None:
            _snapshot, _seen, _has_to_be_ready = newer, row, _first is not None
        if newer is None or newer.is_behind:
            _has_to_be_read = True
        _have_a_thread_work()
        return _snapshot


def prepare():
    """Read the catalogue and its words, and make what pages are made quicker with, now and after each change."""
    global _first
    snapshot = current()
    _make_ready()
    if _first is None:  # else it was done before this process was one of several
        reader_of(snapshot).prepare_common_words()
        _first = snapshot
    else:
        _rehearse(snapshot)


def _rehearse(snapshot):
    """Let a measure go and come back, and forget it: what the first changes take beyond others, memory above all, is
    there before a reader waits for it.
    """
    with one_state():
        reader, ids = Reader(snapshot.records, snapshot.part.translations), snapshot.ids[:1].tolist()
        gone, there = reader.read([]), reader.read(ids)
    snapshots = [snapshot]
    for read in (gone, there, gone):  # so many are in use at a time
        part = snapshots[-1].part.with_changes(ids, read)
        later = snapshot.followed_by(snapshot.version, snapshot.changed_at, part, reader.records, is_behind=False)
        later.prepare()
        snapshots.append(later)


def forget():
    """Let the next call of ``current`` read everything."""
    global _snapshot, _seen
    with _lock:
        _snapshot = _seen = None


def _caught_up(snapshot):
    """``snapshot`` with what the journal names since, and its version's row.

    The snapshot ``is_behind`` where that is not all that changed. A pair of None where the journal does not
    lead there: too much has changed, or the database is not the one that it was.
    """
    with one_state():
        row = version_row()
        if row is None or row[0] <= snapshot.version:
            return None, None
        changes = Change.objects.filter(version__gt=snapshot.version).order_by().values_list("measure_id", flat=True)
        ids = list(changes[: MOST_APPLIED + 1])
        if len(ids) > MOST_APPLIED:
            return None, None
        version = CatalogueVersion.objects.get(pk=CatalogueVersion.ROW)
        reader, part = Reader(snapshot.records, snapshot.part.translations), snapshot.part
        if version.number - snapshot.version > len(ids):  # the journal does not name each of the changes
            part = reader.renew(part)
        if ids:
            part = part.with_changes(ids, reader.read(ids))
    is_behind = snapshot.is_behind or row[1] > snapshot.version
    newer = snapshot.followed_by(version.number, version.changed_at, part, reader.records, is_behind)
    if not is_behind:  # what else has changed may be words: a source's title
        carry_over(snapshot, newer, ids)
    return newer, row


def _read():
    """The snapshot of the present, and the row of its version."""
    with one_state():
        return read_snapshot(), version_row()


def read_snapshot():
    """The snapshot of the state that the database is being read in (``one_state``), for what reads more of it."""
    version = CatalogueVersion.objects.filter(pk=CatalogueVersion.ROW).first()
    reader = Reader()
    part = reader.read()
    number, changed_at = (version.number, version.changed_at) if version else (0, None)
    return Snapshot(number, changed_at, part, reader.records)


def _have_a_thread_work():
    """Have a thread do what readers do not wait for, if there is any and none does it. The lock has to be held."""
    global _thread, _thread_works
    if (_has_to_be_read or _has_to_be_ready) and not _thread_works:
        _thread, _thread_works = threading.Thread(target=_work, name="catalogue", daemon=True), True
        _thread.start()


def _work():
    global _thread_works
    try:
        while True:
            with _lock:
                work = _replace if _has_to_be_read else _make_ready if _has_to_be_ready else None
                if work is None:
                    _thread_works = False
                    return
            if work is _make_ready:
                time.sleep(MAKE_READY_AFTER)
            work()
    except Exception:
        logger.exception("The catalogue could not be read anew; the next request tries again.")
        with _lock:
            _thread_works = False
    finally:
        connection.close()


def _replace():
    """Read everything, and have it in place of what there is."""
    global _snapshot, _seen, _has_to_be_read, _has_to_be_ready
    try:
        read, row = _read()
    except Exception:
        with _lock:
            _seen, _has_to_be_read = None, False
        raise
    with _lock:
        _snapshot, _seen, _has_to_be_read, _has_to_be_ready = read, row, False, _first is not None


def _make_ready():
    """Have what makes the pages of the present snapshot quicker, and its words in memory."""
    global _has_to_be_ready
    snapshot = _snapshot
    try:
        snapshot.prepare()
        reader_of(snapshot).prepare()
    finally:
        with _lock:
            _has_to_be_ready = _has_to_be_ready and _snapshot is not snapshot  # somebody may have published meanwhile
