"""Report the measurements: lines, the table of docs/performance.md, and which targets are reached."""

import datetime
import os
import platform
import re
import sqlite3
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.client import Run
from tools.portal import ROOT

NAMES = {
    "datasette": "Datasette",
    "datasette-json": "Datasette, JSON lists",
    "bare": "bare view",
    "sqlite": "portal, SQLite",
    "postgres": "portal, PostgreSQL",
}
ENGINES = ["sqlite", "postgres"]
BEGIN, END = "<!-- make bench: begin -->", "<!-- make bench: end -->"
JUDGED_SIZE = 100_000
# The least throughput over Datasette's and over the bare view's, at the judged size.
MIN_RATIOS = [
    ("random-lists", "datasette", 12),
    ("random-searches", "datasette", 10),
    ("crisis", "datasette", 60),
    ("crisis", "bare", 0.4),
    ("conditional", "bare", 0.5),
    ("country", "datasette", 3),
]
RANDOM = ["random-lists", "random-searches"]
MAX_GROWTH = 3  # of the p50 from the smallest size to the largest, over a random mix
MAX_P99_SECONDS = 0.3  # over a random mix
MAX_WAIT_SECONDS = 0.1  # of a reader while an editor works
MAX_MEMORY_BYTES = {100_000: 350_000_000, 1_000_000: 1_500_000_000}  # of the server and its workers, by size
MAX_READY_SECONDS = 3  # after a start, where the index is there
MAX_BUILD_SECONDS = 45  # of the index, at the judged size


@dataclass
class Result:
    size: int
    scenario: str
    title: str
    server: str
    run: Run

    def cells(self):
        """Answers a second, p50 and p99 in milliseconds, as texts."""
        waits = [
            f"{self.run.percentile(share) * 1000:,.{1 if self.run.percentile(share) < 0.01 else 0}f}"
            for share in (0.5, 0.99)
        ]
        return [f"{self.run.throughput:,.0f}" if self.run.throughput >= 10 else f"{self.run.throughput:.1f}", *waits]

    def line(self):
        throughput, p50, p99 = self.cells()
        return (
            f"{self.size:>9,}  {self.title:<52}{NAMES[self.server]:<22}{throughput:>8}/s  p50 {p50:>6}  p99 {p99:>6} ms"
            f"  {self.run.server_seconds / max(1, len(self.run.waits)) * 1000:6.1f} ms of processor"
            f"  {self.run.received / max(1, len(self.run.waits)) / 1000:5.1f} kB"
            f"  client {self.run.client_seconds / self.run.seconds:4.0%}"
        )


@dataclass(frozen=True)
class Start:
    """The start of a portal and the index that it opened."""

    ready_seconds: float  # until the first answer of the list
    build_seconds: float
    index_bytes: int

    def ready(self):
        return f"{self.ready_seconds:.1f} s"

    def build(self):
        return f"{self.build_seconds:,.0f} s"

    def index(self):
        return f"{self.index_bytes / 1e6:,.0f} MB"


class Results:
    """All results of a run: throughput by size, scenario and server; memory and starts by size and server."""

    def __init__(self, postgres_version=""):
        self.postgres_version = postgres_version
        self.results, self.memory, self.starts, self.publishing = {}, {}, {}, {}

    def add(self, result):
        self.results[result.size, result.scenario, result.server] = result

    @property
    def sizes(self):
        return sorted({size for size, _scenario, _server in self.results})

    def ratio(self, size, scenario, server, to):
        """Return the server's throughput over that of another, or None if one of them was not measured."""
        one, other = (self.results.get((size, scenario, name)) for name in (server, to))
        return one.run.throughput / other.run.throughput if one and other and other.run.throughput else None

    def checks(self):
        """Yield a line for each target that was measured: the figure, the target, and whether it is reached."""
        for engine in ENGINES:
            for scenario, to, target in MIN_RATIOS:
                ratio = self.ratio(JUDGED_SIZE, scenario, engine, to)
                if ratio is not None:
                    title = self.results[JUDGED_SIZE, scenario, engine].title
                    of = f"of the {NAMES[to]}" if to == "bare" else NAMES[to]
                    yield _judged(
                        f"{NAMES[engine]}: {title.lower()}: {_times(ratio, to)} {of}",
                        f"at least {_times(target, to)}",
                        ratio >= target,
                    )
            yield from self._growth(engine)
            yield from self._resources(engine)
            if waits := self.publishing.get(engine):
                yield _judged(
                    f"{NAMES[engine]}: the longest that a reader waited while an editor worked: "
                    f"{waits['longest'] * 1000:,.0f} ms ({waits['quiet'] * 1000:,.0f} ms before)",
                    f"at most {MAX_WAIT_SECONDS * 1000:.0f} ms",
                    waits["longest"] <= MAX_WAIT_SECONDS,
                )
                yield _judged(
                    f"{NAMES[engine]}: publications that the next request of every worker showed: "
                    f"{waits['shown']} of {waits['published']}",
                    "all",
                    waits["shown"] == waits["published"],
                )

    def _growth(self, engine):
        for scenario in RANDOM:
            mixes = [self.results[key] for size in self.sizes if (key := (size, scenario, engine)) in self.results]
            if len(mixes) > 1:
                growth = mixes[-1].run.percentile(0.5) / mixes[0].run.percentile(0.5)
                yield _judged(
                    f"{NAMES[engine]}: {mixes[0].title.lower()}: p50 at {mixes[-1].size:,} over p50 at "
                    f"{mixes[0].size:,}: {growth:.1f}",
                    f"at most {MAX_GROWTH}",
                    growth <= MAX_GROWTH,
                )
            if mixes:
                slowest = max(mixes, key=lambda result: result.run.percentile(0.99))
                p99 = slowest.run.percentile(0.99)
                yield _judged(
                    f"{NAMES[engine]}: {slowest.title.lower()}: p99 at {slowest.size:,}: {p99 * 1000:,.0f} ms",
                    f"under {MAX_P99_SECONDS * 1000:.0f} ms",
                    p99 < MAX_P99_SECONDS,
                )

    def _resources(self, engine):
        """Yield the lines about memory, starts and the build of the index."""
        for size, limit in MAX_MEMORY_BYTES.items():
            memory = self.memory.get((size, engine))
            if memory is not None:
                yield _judged(
                    f"{NAMES[engine]}: peak memory at {size:,}: {memory / 1e6:,.0f} MB",
                    f"at most {limit / 1e6:,.0f} MB",
                    memory <= limit,
                )
        for (size, name), start in sorted(self.starts.items()):
            if name != engine:
                continue
            yield _judged(
                f"{NAMES[engine]}: ready after a start at {size:,}: {start.ready()}",
                f"at most {MAX_READY_SECONDS} s",
                start.ready_seconds <= MAX_READY_SECONDS,
            )
            if size == JUDGED_SIZE:
                yield _judged(
                    f"{NAMES[engine]}: index built from nothing at {size:,}: {start.build()}",
                    f"at most {MAX_BUILD_SECONDS} s",
                    start.build_seconds <= MAX_BUILD_SECONDS,
                )

    def table(self, size):
        """Yield the lines of a Markdown table: the scenarios of a ``size``, then memory, starts and the index."""
        servers = [name for name in NAMES if any(key[::2] == (size, name) for key in self.results)]
        portals = [name for name in servers if name in ENGINES]
        others = [name for name in ("datasette", "bare") if name in servers]
        head = ["Answers a second (p50, p99 in ms)", *(NAMES[name] for name in servers)]
        head += [f"{NAMES[name]} / {NAMES[other]}" for name in portals for other in others]
        yield _row(head)
        yield _row(["---", *["---:"] * (len(head) - 1)])
        for scenario in dict.fromkeys(scenario for of, scenario, _server in self.results if of == size):
            found = [self.results.get((size, scenario, name)) for name in servers]
            row = [next(result.title for result in found if result)]
            row += ["{} ({}, {})".format(*result.cells()) if result else "" for result in found]
            for name in portals:
                row += [_times(self.ratio(size, scenario, name, other), other) for other in others]
            yield _row(row)
        no_ratios = [""] * (len(head) - 1 - len(servers))
        yield _row(["Peak memory", *(f"{self.memory[size, name] / 1e6:,.0f} MB" for name in servers), *no_ratios])
        starts = [self.starts.get((size, name)) for name in servers]
        if any(starts):
            for title, text in (
                ("Ready after a start", Start.ready),
                ("Index built in", Start.build),
                ("Index on disk", Start.index),
            ):
                yield _row([title, *(text(start) if start else "" for start in starts), *no_ratios])

    def markdown(self):
        """Return the text between the markers of docs/performance.md."""
        lines = [f"Measured on {machine(self.postgres_version)}.", ""]
        for size in self.sizes:
            lines += [f"### {size:,} measures", "", *self.table(size), ""]
        checks = list(self.checks())
        if checks:
            lines += ["### Targets", "", *(f"- {check}" for check in checks), ""]
        return "\n".join(lines)


def _times(ratio, to):
    if ratio is None:
        return ""
    return f"{ratio:.0%}" if to == "bare" else f"{ratio:,.1f} ×"


def _judged(measured, target, reached):
    return f"{measured}; target: {target}; **{'reached' if reached else 'not reached'}**"


def _row(cells):
    return f"| {' | '.join(cells)} |"


def machine(postgres_version=""):
    """Return the date, the commit, the machine and the releases that the figures belong to."""
    postgres = f"PostgreSQL {postgres_version}, " if postgres_version else ""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    commit = _output("git", "rev-parse", "--short", "HEAD")
    changed = ", with changes" if _output("git", "status", "--porcelain", "--untracked-files=no") else ""
    return (
        f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, commit {commit}{changed}: {os.cpu_count()} cores "
        f"({_processor()}), {memory:.0f} GiB; Python {platform.python_version()}, Django {version('django')}, "
        f"gunicorn {version('gunicorn')}, SQLite {sqlite3.sqlite_version}, {postgres}Datasette {version('datasette')}"
    )


def _processor():
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _output(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603


def write(path, markdown):
    """Put ``markdown`` between the markers of the file at ``path``. ValueError where they are missing."""
    text = path.read_text(encoding="utf-8")
    if not re.search(f"{BEGIN}.*{END}", text, re.DOTALL):
        raise ValueError(f"{path} has not got the lines “{BEGIN}” and “{END}”, between which the figures go.")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n{markdown}\n{END}{after}", encoding="utf-8")
