import os
import subprocess
import sys

import pytest

from bench import servers
from tools.portal import free_port, production_environment


@pytest.fixture
def build(tmp_path):
    """Writes an index of 300 bytes into the folder ``index``, and counts how often it did."""

    def write():
        write.calls += 1
        (tmp_path / "index" / "segment").mkdir(parents=True)
        (tmp_path / "index" / "meta.json").write_bytes(b"x" * 100)
        (tmp_path / "index" / "segment" / "terms").write_bytes(b"x" * 200)

    write.calls = 0
    return write


def test_a_missing_index_is_built_and_a_finished_one_is_kept(tmp_path, build, capsys):
    index = servers.built_index(tmp_path / "index", build)
    again = servers.built_index(tmp_path / "index", build)

    assert build.calls == 1
    assert again == index
    assert index.size() == 300
    assert capsys.readouterr().out == "their index: 0 s, 0 MB\n" * 2


def test_a_kept_index_says_how_long_its_build_took(tmp_path, build):
    servers.built_index(tmp_path / "index", build)
    servers.build_record(tmp_path / "index").write_text("31.4\n", encoding="ascii")

    assert servers.built_index(tmp_path / "index", build).build_seconds == 31.4


def test_an_index_is_built_again_where_that_is_asked_for(tmp_path, build):
    servers.built_index(tmp_path / "index", build)
    (tmp_path / "index" / "old").touch()
    servers.built_index(tmp_path / "index", build, again=True)

    assert build.calls == 2
    assert not (tmp_path / "index" / "old").exists()


def test_an_unfinished_build_is_done_again_from_nothing(tmp_path, build):
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "half").touch()
    servers.built_index(tmp_path / "index", build)

    assert build.calls == 1
    assert not (tmp_path / "index" / "half").exists()


def test_a_build_that_failed_leaves_no_finished_index(tmp_path):
    def fail():
        raise subprocess.CalledProcessError(1, "rebuild_index")

    with pytest.raises(subprocess.CalledProcessError):
        servers.built_index(tmp_path / "index", fail)
    assert not servers.build_record(tmp_path / "index").exists()


def test_engines_have_indexes_of_their_own_beside_the_database(tmp_path, monkeypatch):
    calls = []

    def run(command, *, env, **options):
        calls.append((command[1:3], env["DATABASE_URL"], env["INDEX_DIR"]))
        os.makedirs(env["INDEX_DIR"])

    monkeypatch.setattr(subprocess, "run", run)
    with servers.Databases(1_000, tmp_path, "postgres://localhost/portal") as databases:
        folders = [databases.index(engine, f"{engine}://url").folder for engine in ("sqlite", "postgres")]

    assert folders == [tmp_path / "1000" / "index-sqlite", tmp_path / "1000" / "index-postgres"]
    assert calls == [
        (["manage.py", "rebuild_index"], f"{engine}://url", str(folder))
        for engine, folder in zip(("sqlite", "postgres"), folders, strict=True)
    ]


def test_what_is_not_kept_goes_with_its_index(monkeypatch):
    monkeypatch.setattr(subprocess, "run", lambda command, *, env, **options: os.makedirs(env["INDEX_DIR"]))
    with servers.Databases(1_000, None, "postgres://localhost/portal") as databases:
        folder = databases.index("sqlite", "sqlite:///file").folder
        assert folder.is_dir()
    assert not folder.exists()


def test_a_start_names_the_folder_of_the_index_and_takes_none_from_the_shell(monkeypatch):
    monkeypatch.setenv("INDEX_DIR", "/elsewhere")
    assert production_environment(8000, "sqlite://:memory:", "locmemcache://")["INDEX_DIR"] == ""
    assert production_environment(8000, "", "", "/data/index")["INDEX_DIR"] == "/data/index"


def python(code):
    """A command that runs the code."""
    return [sys.executable, "-c", code]


SERVER = """
import http.server, sys

class Handler(http.server.BaseHTTPRequestHandler):
    statuses = iter({statuses})

    def do_GET(self):
        self.send_response(next(self.statuses) if self.path == "/measures/" else 404)
        self.end_headers()

http.server.HTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"""


def starting(statuses):
    """A server that answers for its list with the statuses, one after another."""
    port = free_port()
    command = python(SERVER.format(port=port, statuses=statuses))
    return servers.running("portal", [port], [command], dict(os.environ), first_path="/measures/")


def test_a_server_is_ready_with_the_first_answer_that_is_one():
    with starting([503, 503, 200]) as server:
        assert server.ready_seconds >= 2 * servers.POLL_SECONDS


def test_a_server_that_answers_with_an_error_is_not_waited_for():
    with pytest.raises(SystemExit, match="answered /measures/ with status 500"), starting([500]):
        pass


def test_a_server_that_ends_while_it_starts_is_not_waited_for():
    ending = servers.running("portal", [free_port()], [python("raise SystemExit(3)")], dict(os.environ))
    with pytest.raises(SystemExit, match="ended while starting, with status 3"), ending:
        pass
