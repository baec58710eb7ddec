"""What the measurements come to: lines, the table of docs/performance.md, and whether what was asked is reached."""

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
# Throughput over Datasette's and over the bare view's, at the judged size.
RATIOS = [
    ("random-lists", "datasette", 10),
    ("random-searches", "datasette", 8),
    ("crisis", "datasette", 60),
    ("crisis", "bare", 0.4),
    ("conditional", "bare", 0.5),
]
RANDOM = ["random-lists", "random-searches"]
MOST_GROWTH = 3  # of the p50 from the smallest size to the largest, over a random mix
MOST_P99 = 0.3  # seconds, over a random mix
MOST_PAUSE = 0.1  # seconds, while an editor works


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


class Results:
    """All results of a run, by size, scenario and server."""

    def __init__(self, postgres_version=""):
        self.postgres_version = postgres_version
        self.results, self.memory, self.publishing = {}, {}, {}

    def add(self, result):
        self.results[result.size, result.scenario, result.server] = result

    @property
    def sizes(self):
        return sorted({size for size, _scenario, _server in self.results})

    def ratio(self, size, scenario, server, to):
        """The server's throughput over that of another, or None where one of them was not measured."""
        one, other = (self.results.get((size, scenario, name)) for name in (server, to))
        return one.run.throughput / other.run.throughput if one and other and other.run.throughput else None

    def checks(self):
        """Sentences of what was asked for, each with what was measured and whether that reaches it."""
        for engine in ENGINES:
            for scenario, to, wanted in RATIOS:
                ratio = self.ratio(JUDGED_SIZE, scenario, engine, to)
                if ratio is not None:
                    title = self.results[JUDGED_SIZE, scenario, engine].title
                    yield _judged(
                        f"{NAMES[engine]}: {title.lower()}: {_times(ratio, to)}", _times(wanted, to), ratio >= wanted
                    )
            yield from self._growth(engine)
            if waits := self.publishing.get(engine):
                yield _judged(
                    f"{NAMES[engine]}: the longest that a reader waited while an editor worked: "
                    f"{waits['longest'] * 1000:,.0f} ms ({waits['quiet'] * 1000:,.0f} ms before)",
                    f"at most {MOST_PAUSE * 1000:.0f} ms",
                    waits["longest"] <= MOST_PAUSE,
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
                    f"at most {MOST_GROWTH}",
                    growth <= MOST_GROWTH,
                )
            if mixes:
                slowest = max(mixes, key=lambda result: result.run.percentile(0.99))
                p99 = slowest.run.percentile(0.99)
                yield _judged(
                    f"{NAMES[engine]}: {slowest.title.lower()}: p99 at {slowest.size:,}: {p99 * 1000:,.0f} ms",
                    f"under {MOST_P99 * 1000:.0f} ms",
                    p99 < MOST_P99,
                )

    def table(self, size):
        """The lines of a Markdown table: throughput, p50 and p99 of every scenario and server of a ``size``."""
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
        yield _row(
            [
                "Peak memory",
                *(f"{self.memory[size, name] / 1e6:,.0f} MB" for name in servers),
                *[""] * (len(head) - 1 - len(servers)),
            ]
        )

    def markdown(self):
        """What stands between the markers of docs/performance.md."""
        lines = [f"Measured on {machine(self.postgres_version)}.", ""]
        for size in self.sizes:
            lines += [f"### {size:,} measures", "", *self.table(size), ""]
        checks = list(self.checks())
        if checks:
            lines += ["### What was asked for", "", *(f"- {check}" for check in checks), ""]
        return "\n".join(lines)


def _times(ratio, to):
    if ratio is None:
        return ""
    return f"{ratio:.0%}" if to == "bare" else f"{ratio:,.1f} ×"


def _judged(measured, wanted, reached):
    return f"{measured}; asked for: {wanted}; **{'reached' if reached else 'not reached'}**"


def _row(cells):
    return f"| {' | '.join(cells)} |"


def machine(postgres_version=""):
    """The machine and the releases that the figures belong to, in one sentence's worth of words."""
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
