"""Visiting many sources, and keeping what was found."""

import threading
import time
from collections import Counter, defaultdict, deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue
from urllib.parse import urlsplit

from django.utils import timezone

from practices.custody.visiting import Visitor
from practices.models import CatalogueVersion, Source
from practices.models.source import normalise_url

Result = Source.CheckResult
LONGEST_URL = Source._meta.get_field("moved_to").max_length
WORKERS = 8
LONGEST_WAIT = 120  # seconds that a server may ask us to stay away for, within a run
WAIT = 30  # where it does not say how long


@dataclass
class Checked:
    """What came of a run: how many sources had each result, and how many were left for another time."""

    results: Counter = field(default_factory=Counter)
    left: int = 0

    def in_words(self):
        """Pairs of a result, in words, and how many sources had it."""
        return [(label, self.results[value]) for value, label in Result.choices if self.results[value]]


def check(sources, *, visitor=None, workers=WORKERS, seconds=3600, progress=lambda source, visit: None):
    """Visit ``sources``, a list, several hosts at a time, and keep what is found: a ``Checked``.

    No visit begins after ``seconds``. Where a server asks us to come back later, its sources are visited later in the
    run, or left as they were. ``progress`` hears of each visit. Visits are made by threads and kept by this one,
    each as soon as it is made. Pages that readers see are made anew once, when all is done: who stops a run half-way
    leaves readers the dates of before for a day at most.
    """
    visitor = visitor or Visitor()
    queues = defaultdict(deque)
    for source in sources:
        queues[_host(source.url)].append(source)
    ends_at, stop = time.monotonic() + seconds, threading.Event()
    visits, checked, is_seen = SimpleQueue(), Checked(left=len(sources)), False

    def work(host, queue):
        try:
            for visit in _visits(host, queue, visitor, lambda: stop.is_set() or time.monotonic() > ends_at):
                visits.put(visit)
        finally:
            visits.put(None)

    with ThreadPoolExecutor(workers) as pool:
        jobs = [pool.submit(work, *item) for item in queues.items()]
        try:
            working = len(jobs)
            while working:
                done = visits.get()
                if done is None:
                    working -= 1
                    continue
                source, visit = done
                if keep(source, visit):
                    checked.results[source.last_check_result] += 1
                    checked.left -= 1
                    is_seen = True
                progress(source, visit)
        finally:
            stop.set()
            if is_seen:
                CatalogueVersion.advance()
    for job in jobs:
        job.result()  # raises what went wrong in it
    return checked


def _visits(host, queue, visitor, is_over):
    """Pairs of a source and its ``Visit``, for the sources of one host, one after the other."""
    put_off = set()
    while queue and not is_over():
        source = queue.popleft()
        visit = visitor.visit(source.url)
        if _is_later(visit):
            wait = WAIT if visit.retry_after is None else visit.retry_after
            if source.pk in put_off or wait > LONGEST_WAIT:
                return
            put_off.add(source.pk)
            visitor.turns.put_off(host, wait)
            queue.append(source)
        else:
            yield source, visit


def _is_later(visit):
    """Whether the server asks to be left alone for a while, which says nothing of the source."""
    return visit.status == 429 or (visit.status == 503 and visit.retry_after is not None)


def keep(source, visit):
    """Write what ``visit`` found to ``source``, in one statement; False where its address is another by now."""
    now = timezone.now()
    result = _result(source, visit)
    works = result in (Result.LIVE, Result.MOVED, Result.CHANGED)
    values = {
        "last_checked_at": now,
        "last_check_result": result,
        "last_check_note": visit.note[:200],
        "moved_to": normalise_url(visit.moved_to) if result == Result.MOVED else "",
        "days_unreachable": _days_unreachable(source, now) if result == Result.UNREACHABLE else 0,
        "last_working_at": now if works else source.last_working_at,
        "content_digest": (works and visit.digest) or source.content_digest,
    }
    for name, value in values.items():
        setattr(source, name, value)
    # Not by save(), which would write back what an editor may have changed meanwhile, and have all read anew.
    return Source.objects.filter(pk=source.pk, url=source.url).update(**values) == 1


def _result(source, visit):
    if visit.status in (404, 410):
        return Result.GONE
    if visit.status is not None and 400 <= visit.status < 500:
        return Result.REFUSED
    if visit.status is None or not 200 <= visit.status < 300:
        return Result.UNREACHABLE
    if visit.moved_to and normalise_url(visit.moved_to) != source.url and len(visit.moved_to) <= LONGEST_URL:
        return Result.MOVED
    is_other = source.content_digest and visit.digest not in ("", source.content_digest)
    # It stays changed until an editor has read it, however often it is visited until then.
    return Result.CHANGED if is_other or source.last_check_result == Result.CHANGED else Result.LIVE


def _days_unreachable(source, now):
    is_counted = source.days_unreachable and source.last_checked_at.date() == now.date()
    return source.days_unreachable if is_counted else source.days_unreachable + 1


def _host(url):
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
