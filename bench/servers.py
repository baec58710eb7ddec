"""The servers that are compared: their databases and indexes, their start and end, the memory they use."""

import contextlib
import http.client
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from http import HTTPStatus
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
POLL_SECONDS = 0.02
UNLIMITED = "3600000"  # milliseconds
DATASETTE_SETTINGS = {
    "default_page_size": "20",
    "default_facet_size": "12",  # as many values as the portal's list shows of a facet
    "suggest_facets": "off",
    "facet_time_limit_ms": UNLIMITED,
    "sql_time_limit_ms": UNLIMITED,
    "cache_size_kb": "200000",  # the whole file of 100,000 measures stays in memory
}


@dataclass(frozen=True)
class Index:
    """The index of a generated catalogue, in a folder of its own (INDEX_DIR)."""

    folder: Path
    build_seconds: float

    def size(self):
        """Return the bytes of its files."""
        return sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())


def built_index(folder, build, *, again=False):
    """Return the index in ``folder``. Call ``build`` if it is missing or unfinished, or to build it ``again``.

    A file beside the folder keeps the seconds that the build took; it is written when the build has ended.
    """
    seconds_file = build_record(folder)
    if again or not seconds_file.exists() or not folder.is_dir():
        seconds_file.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        start = time.monotonic()
        build()
        seconds_file.write_text(f"{time.monotonic() - start:.1f}\n", encoding="ascii")
    index = Index(folder, float(seconds_file.read_text(encoding="ascii")))
    print(f"their index: {index.build_seconds:,.0f} s, {index.size() / 1e6:,.0f} MB", flush=True)
    return index


def build_record(folder):
    """Return the path of the file that says how long the build of the index in ``folder`` took."""
    return folder.with_name(f"{folder.name}.seconds")


@dataclass
class Server:
    """A server on 127.0.0.1, with one port for each of its processes or one that they share."""

    name: str
    ports: list[int]
    processes: list[subprocess.Popen]
    environment: dict
    log: IO
    ready_seconds: float = 0.0  # from the start to the first answer
    index: Index | None = None
    peak_memory: int = 0  # bytes

    def path(self, question):
        if self.name.startswith("datasette"):
            return question.datasette(arrays=self.name == "datasette-json")
        return question.portal

    def get(self, path, **headers):
        """Return status, headers and body of an answer, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[0], timeout=START_SECONDS)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()

    def last_words(self):
        """Return the end of its log."""
        self.log.seek(0)
        return self.log.read()[-4000:]

    def processor_seconds(self):
        """Return the processor time of its processes; 0 on systems that have no /proc."""
        return sum(_processor_seconds(pid) for pid in _family(self.processes))

    def measure_memory(self):
        """Return the peak so far of the memory of its processes, in bytes.

        Shared pages count once (PSS). On systems without PSS it is RSS, where they count for each process.
        """
        self.peak_memory = max(self.peak_memory, sum(_memory(pid) for pid in _family(self.processes)))
        return self.peak_memory


def _family(processes):
    """Return the ids of the processes and of their descendants."""
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
def running(name, ports, commands, environment, first_path="/"):
    """Start a server by the ``commands``, one for each port, and end it when the block is left.

    It is ready when each port has answered for ``first_path``.
    """
    with tempfile.TemporaryFile("w+") as log, contextlib.ExitStack() as stack:
        processes = []
        start = time.monotonic()
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
                _wait_for(process, port, first_path)
            server.ready_seconds = time.monotonic() - start
            yield server
        except SystemExit:
            print(f"{name} wrote:\n{server.last_words()}", file=sys.stderr)
            raise


def _wait_for(process, port, path):
    """Wait until the port answers for the path. SystemExit if it ends, refuses, or takes too long."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"A server ended while starting, with status {process.returncode}.")
        # A server may listen before it can answer.
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            if response.status == HTTPStatus.OK:
                return
            if response.status != HTTPStatus.SERVICE_UNAVAILABLE:
                raise SystemExit(f"A server answered {path} with status {response.status} after its start.")
        time.sleep(POLL_SECONDS)
    raise SystemExit(f"A server did not answer within {START_SECONDS} seconds.")


@contextlib.contextmanager
def portal(name, database_url, cache_url, index):
    """Start the portal as in production, on a database and an index that are there."""
    port = free_port()
    environment = production_environment(port, database_url, cache_url, index.folder)
    environment["WEB_CONCURRENCY"] = str(PROCESSES)
    command = [sys.executable, "-m", "gunicorn", "reg4covid.wsgi"]
    with running(name, [port], [command], environment, first_path="/measures/") as server:
        server.index = index
        yield server


@contextlib.contextmanager
def bare(number_of_bytes):
    """Start the view of ``bench.bare``, served as the portal is."""
    port = free_port()
    environment = production_environment(port, "", "") | {
        "WEB_CONCURRENCY": str(PROCESSES),
        "BYTES": str(number_of_bytes),
    }
    with tempfile.NamedTemporaryFile("w", suffix=".py") as configuration:
        # The portal's hooks would open its index. Gunicorn counts the arguments of a hook.
        portals = (ROOT / "gunicorn.conf.py").read_text(encoding="utf-8")
        configuration.write(f"{portals}\nwhen_ready = post_worker_init = lambda _: None\n")
        configuration.write("post_fork = lambda _server, _worker: None\n")
        configuration.flush()
        command = [sys.executable, "-m", "gunicorn", "--config", configuration.name, "bench.bare"]
        with running("bare", [port], [command], environment) as server:
            yield server


@contextlib.contextmanager
def datasette(name, file):
    """Start Datasette in as many processes as the portal has workers, each at a port of its own."""
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
    """The generated catalogues of one size, each with its index.

    They are made when asked for, and kept in the ``folder``; without one they are removed when the block is left. A
    kept database is migrated and not filled again. A kept index is opened as it is, unless ``rebuild`` is true.
    """

    def __init__(self, number, folder, postgres_url, *, rebuild=False):
        self.number, self.folder, self.postgres_url, self.rebuild = number, folder, postgres_url, rebuild
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
        """Return the DATABASE_URL of the portal's catalogue on ``engine``."""
        return getattr(self, f"_{engine}")()

    def index(self, engine, url):
        """Return the index of the catalogue on ``engine``, whose DATABASE_URL is ``url``."""
        folder = self._index_folder(engine)
        return built_index(folder, lambda: _manage(url, "rebuild_index", index_dir=folder), again=self.rebuild)

    def _index_folder(self, engine):
        return self.path / f"index-{engine}"

    def _sqlite(self):
        file, unfinished = self.path / "portal.sqlite3", self.path / "unfinished.sqlite3"
        if file.exists():
            _manage(f"sqlite:///{file}", "migrate", "--noinput")
        else:
            for left in self.path.glob(f"{unfinished.name}*"):
                left.unlink()
            self._fill(f"sqlite:///{unfinished}", "SQLite")
            build_record(self._index_folder("sqlite")).unlink(missing_ok=True)  # of a database that is gone
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
                build_record(self._index_folder("postgres")).unlink(missing_ok=True)
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


def postgres_version(url):
    """Return the release of the PostgreSQL server that an address names."""
    with _connected(url) as server:
        return server.execute("SHOW server_version").fetchone()[0].split()[0]


def _connected(url, database="postgres"):
    """Connect to a ``database`` of the server that an address names, whatever database the address names."""
    parts = urlsplit(url)._replace(scheme="postgresql", path=f"/{database}")
    return psycopg.connect(urlunsplit(parts), autocommit=True)


def _manage(url, *command, index_dir=""):
    _run(url, "manage.py", *command, "--verbosity", "0", index_dir=index_dir)


def _run(url, *command, index_dir=""):
    environment = production_environment(0, url, "locmemcache://", index_dir)
    subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True)  # noqa: S603


@contextlib.contextmanager
def _said(what):
    start = time.monotonic()
    print(f"{what}: ", end="", flush=True)
    yield
    print(f"{time.monotonic() - start:,.0f} s", flush=True)
