"""Run the portal on a free port as production does, for as long as a check lasts."""

import contextlib
import functools
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 120


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass(frozen=True)
class Portal:
    port: int
    environment: dict

    def get(self, path, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())


def production_environment(port, database_url, cache_url, index_dir=""):
    """Return the variables of a production start, without those that the shell has for the portal.

    Without an ``index_dir`` each process keeps its index in memory.
    """
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    return kept | {
        "PYTHON": sys.executable,
        "BIND": f"127.0.0.1:{port}",
        "WEB_CONCURRENCY": "2",
        "DEBUG": "false",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "OPERATOR_NAME": "a check",
        "CONTACT_EMAIL": "editors@example.org",
        "EMAIL_URL": "smtp://127.0.0.1:1",  # nobody is there, and no letter is sent
        "INSECURE_HTTP": "true",
        "DATABASE_URL": database_url,
        "CACHE_URL": cache_url,
        "INDEX_DIR": str(index_dir),
    }


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def sqlite_database():
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/db.sqlite3"


@functools.cache
def build_static():
    """Collect the static files, once for all starts of a check."""
    environment = production_environment(0, "sqlite://:memory:", "locmemcache://")
    subprocess.run(["sh", "tools/build_static.sh"], cwd=ROOT, env=environment, check=True)  # noqa: S607


@contextlib.contextmanager
def serving(database_url, cache_url="locmemcache://"):
    """Start the portal with its starter data, by the scripts that the container runs; end it when the block is left."""
    port = free_port()
    build_static()
    with tempfile.TemporaryDirectory() as folder:
        environment = production_environment(port, database_url, cache_url, f"{folder}/index")
        # A session of its own, so that one signal reaches the server and its workers and nobody else.
        server = subprocess.Popen(
            ["sh", "tools/start.sh"],  # noqa: S607
            cwd=ROOT,
            env=environment,
            start_new_session=True,
        )
        try:
            wait_for(server, port)
            yield Portal(port, environment)
        finally:
            end(server)


def wait_for(server, port):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise SystemExit(f"The portal ended while starting, with status {server.returncode}.")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    raise SystemExit(f"The portal did not answer within {START_SECONDS} seconds.")


def end(server):
    if server.poll() is None:
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=40)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()
