"""The servers side by side: their databases, their start and end, the memory they take."""

import contextlib
import http.client
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bench.addresses import facets_of_datasette
from bench.generate import write_datasette
from tools.portal import ROOT, end, free_port, production_environment

PROCESSES = 2
START_SECONDS = 300
UNLIMITED = "3600000"  # milliseconds
DATASETTE_SETTINGS = {
    "default_page_size": "20",
    "default_facet_size": "12",  # as many values as the portal's list shows of a facet
    "suggest_facets": "off",
    "facet_time_limit_ms": UNLIMITED,
    "sql_time_limit_ms": UNLIMITED,
    "cache_size_kb": "200000",  # the whole file of 100,000 measures stays in memory
}


@dataclass
class Server:
    """Something that answers on 127.0.0.1, at one port for each of its processes or at one that they share."""

    name: str
    ports: list[int]
    processes: list[subprocess.Popen]
    environment: dict
    log: IO
    peak_memory: int = 0  # bytes

    def path(self, question):
        if self.name.startswith("datasette"):
            return question.datasette(arrays=self.name == "datasette-json")
        return question.portal

    def get(self, path, **headers):
        """Status, headers and body of an answer, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[0], timeout=START_SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()

    def last_words(self):
        """The end of what it wrote."""
        self.log.seek(0)
        return self.log.read()[-4000:]

    def processor_seconds(self):
        """What its processes have taken of the processors; 0 on systems that have no /proc."""
        return sum(_processor_seconds(pid) for pid in _family(self.processes))

    def measure_memory(self):
        """What its processes take now, in bytes, shared pages once (PSS; on systems without it RSS, more than once)."""
        self.peak_memory = max(self.peak_memory, sum(_memory(pid) for pid in _family(self.processes)))
        return self.peak_memory


def _family(processes):
    """The ids of the processes and of their descendants."""
    listed = subprocess.run(["ps", "-axo", "pid=,ppid="], capture_output=True, text=True, check=True)  # noqa: S607
    children = {}
    for pid, parent in (map(int, line.split()) for line in listed.stdout.splitlines()):
        children.setdefault(parent, []).append(pid)
    family = [process.pid for process in processes]
    for pid in family:
        family += children.get(pid, [])
    return family


def _memory(pid):
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")) * 1024
    except (OSError, StopIteration):
        listed = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=False)  # noqa: S603, S607
        return int(listed.stdout or 0) * 1024


def _processor_seconds(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    # Its own, and that of workers that have ended since.
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def running(name, ports, commands, environment):
    """The server that the ``commands`` start, one a port; ended when the block is left."""
    with tempfile.TemporaryFile("w+") as log, contextlib.ExitStack() as stack:
        processes = []
        for command in commands:
            # A session of its own, so that one signal reaches the server and its workers and nobody else.
            process = subprocess.Popen(  # noqa: S603
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
            stack.callback(end, process)
            processes.append(process)
        server = Server(name, ports, processes, environment, log)
        try:
            for process, port in zip(processes, ports, strict=True):
                _wait_for(process, port)
            yield server
        except SystemExit:
            print(f"{name} wrote:\n{server.last_words()}", file=sys.stderr)
            raise


def _wait_for(process, port):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"A server ended while starting, with status {process.returncode}.")
        # The portal listens before it has read its catalogue, and answers then.
        asked = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        with contextlib.suppress(OSError), contextlib.closing(asked):
            asked.request("HEAD", "/")
            asked.getresponse()
            return
        time.sleep(0.1)
    raise SystemExit(f"A server did not answer within {START_SECONDS} seconds.")


def portal(name, database_url, cache_url):
    """The portal as in production, on a database that is prepared."""
    port = free_port()
    environment = production_environment(port, database_url, cache_url) | {"WEB_CONCURRENCY": str(PROCESSES)}
    command = [sys.executable, "-m", "gunicorn", "reg4covid.wsgi"]
    return running(name, [port], [command], environment)


@contextlib.contextmanager
def bare(number_of_bytes):
    """The view of ``bench.bare``, served as the portal is."""
    port = free_port()
    environment = production_environment(port, "", "") | {
        "WEB_CONCURRENCY": str(PROCESSES),
        "BYTES": str(number_of_bytes),
    }
    with tempfile.NamedTemporaryFile("w", suffix=".py") as configuration:
        # It has no catalogue to read at the start.
        own = (ROOT / "gunicorn.conf.py").read_text(encoding="utf-8")
        configuration.write(f"{own}\nwhen_ready = post_worker_init = lambda _: None\n")
        configuration.flush()
        command = [sys.executable, "-m", "gunicorn", "--config", configuration.name, "bench.bare"]
        with running("bare", [port], [command], environment) as server:
            yield server


@contextlib.contextmanager
def datasette(name, file):
    """Datasette in as many processes as the portal has workers, each at a port of its own."""
    ports = [free_port() for _process in range(PROCESSES)]
    settings = [part for pair in DATASETTE_SETTINGS.items() for part in ("--setting", *pair)]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as metadata:
        metadata.write(facets_of_datasette(arrays=name == "datasette-json"))
        metadata.flush()
        command = [sys.executable, "-m", "datasette", "serve", "--immutable", str(file), "--metadata", metadata.name]
        commands = [[*command, *settings, "--host", "127.0.0.1", "--port", str(port)] for port in ports]
        kept = {key: value for key, value in os.environ.items() if key in {"PATH", "HOME", "LANG", "TMPDIR"}}
        with running(name, ports, commands, kept) as server:
            yield server


class Databases:
    """The generated catalogues of one size: made when asked for, and kept where ``folder`` is.

    What is not kept goes when the block is left. One that is kept is brought to the present tables, no more.
    """

    def __init__(self, number, folder, postgres_url):
        self.number, self.folder, self.postgres_url = number, folder, postgres_url
        self.stack = contextlib.ExitStack()

    def __enter__(self):
        if self.folder is None:
            self.path = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        else:
            self.path = Path(self.folder).resolve() / str(self.number)
            self.path.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *raised):
        self.stack.close()

    def datasette(self):
        file, unfinished = self.path / "datasette.db", self.path / "unfinished.db"
        if not file.exists():
            unfinished.unlink(missing_ok=True)
            with _said(f"{self.number:,} measures for Datasette"):
                write_datasette(unfinished, self.number)
            unfinished.rename(file)
        return file

    def url(self, engine):
        """The DATABASE_URL of the portal's catalogue on ``engine``."""
        return getattr(self, f"_{engine}")()

    def _sqlite(self):
        file, unfinished = self.path / "portal.sqlite3", self.path / "unfinished.sqlite3"
        if file.exists():
            _manage(f"sqlite:///{file}", "migrate", "--noinput")
        else:
            for left in self.path.glob(f"{unfinished.name}*"):
                left.unlink()
            self._fill(f"sqlite:///{unfinished}", "SQLite")
            unfinished.rename(file)
        return f"sqlite:///{file}"

    def _postgres(self):
        parts = urlsplit(self.postgres_url)
        kept = self.folder is not None
        name = f"reg4covid_bench_{self.number}" + ("" if kept else f"_{os.getpid()}")
        url = urlunsplit(parts._replace(path=f"/{name}"))
        with self._server() as server:
            if kept and server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                _manage(url, "migrate", "--noinput")
                return url
            unfinished = f"{name}_unfinished"
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(unfinished)))
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
            try:
                self._fill(urlunsplit(parts._replace(path=f"/{unfinished}")), "PostgreSQL")
            except BaseException:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(unfinished)))
                raise
            # At rest: else the server would do so by itself while others are measured.
            with _connected(self.postgres_url, unfinished) as filled:
                filled.execute("VACUUM ANALYZE")
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
            )
        if not kept:
            self.stack.callback(self._drop, name)
        return url

    def _drop(self, name):
        with self._server() as server:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _server(self):
        return _connected(self.postgres_url)

    def _fill(self, url, engine):
        with _said(f"{self.number:,} measures on {engine}"):
            _manage(url, "migrate", "--noinput")
            _manage(url, "load_reference")
            _run(url, "-m", "bench.generate", str(self.number))
        if (ROOT / "practices/management/commands/rebuild_search.py").exists():
            with _said("their search index"):
                _manage(url, "rebuild_search")


def postgres_version(url):
    """The release of the PostgreSQL server that an address names."""
    with _connected(url) as server:
        return server.execute("SHOW server_version").fetchone()[0].split()[0]


def _connected(url, database="postgres"):
    """A connection to a ``database`` of the server that an address names, whichever the address says."""
    parts = urlsplit(url)._replace(scheme="postgresql", path=f"/{database}")
    return psycopg.connect(urlunsplit(parts), autocommit=True)


def _manage(url, *command):
    _run(url, "manage.py", *command, "--verbosity", "0")


def _run(url, *command):
    environment = production_environment(0, url, "locmemcache://")
    subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)  # noqa: S603


@contextlib.contextmanager
def _said(what):
    start = time.monotonic()
    print(f"{what}: ", end="", flush=True)
    yield
    print(f"{time.monotonic() - start:,.0f} s", flush=True)
