"""Start the portal as production does and look at it from outside, on SQLite and on another database.

    python -m tools.production_check --database-url postgres://... --cache-url redis://...

The database that the address names is only the way in: the check makes one of its own there and drops it. With --html
it is tools.html_check as well, of the portal that it has started.
"""

import argparse
import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import brotli
import psycopg
from psycopg import sql

from tools import html_check
from tools.addresses import FIRST_VISIT, PAGES
from tools.portal import ROOT, production_environment, serving, sqlite_database

IMMUTABLE = re.compile(r"max-age=\d{7,}, public, immutable")


@contextlib.contextmanager
def postgres_database(url):
    parts = urlsplit(url)
    way_in = urlunsplit(parts._replace(scheme="postgresql", path="/postgres"))
    name = f"reg4covid_check_{os.getpid()}"
    with psycopg.connect(way_in, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(parts._replace(path=f"/{name}"))
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def faults_of_pages(portal):
    """What is wrong with the pages, a sentence each; the names of the static files they use."""
    files = set()
    faults = []
    for path, status in PAGES.items():
        answer = portal.get(path, **{"Accept-Encoding": "br"})
        if answer.status != status:
            faults.append(f"{path}: status {answer.status}, {status} expected")
            continue
        if answer.headers["Content-Encoding"] != "br":
            faults.append(f"{path}: not compressed with brotli")
            continue
        if answer.headers["Set-Cookie"]:
            faults.append(f"{path}: sets a cookie, so that no shared cache keeps it")
        if "default-src 'self'" not in answer.headers.get("Content-Security-Policy", ""):
            faults.append(f"{path}: no Content-Security-Policy")
        files |= files_of(answer)
    return faults, files


def files_of(answer):
    """The static files that a page, compressed with brotli, loads."""
    return set(re.findall(r"""["'](/static/[^"'#?]+)""", brotli.decompress(answer.body).decode()))


def faults_of_weight(portal):
    for path, budget in FIRST_VISIT.items():
        page = portal.get(path, **{"Accept-Encoding": "br"})
        files = [portal.get(file, **{"Accept-Encoding": "br"}) for file in files_of(page)]
        weight = len(page.body) + sum(len(file.body) for file in files)
        print(f"{path}: {weight:,} bytes on a first visit ({len(page.body):,} of them the page), {budget:,} allowed")
        if weight > budget:
            yield f"{path}: {weight:,} bytes on a first visit, {budget:,} allowed"


def faults_of_files(portal, files):
    if not any(file.endswith(".css") for file in files):
        yield "no page uses a style sheet"
    for file in sorted(files):
        answer = portal.get(file, **{"Accept-Encoding": "br"})
        if answer.status != 200:
            yield f"{file}: status {answer.status}"
            continue
        if not IMMUTABLE.fullmatch(answer.headers.get("Cache-Control", "")):
            yield f"{file}: Cache-Control is {answer.headers.get('Cache-Control')}"
        if file.endswith((".css", ".js")) and answer.headers["Content-Encoding"] != "br":
            yield f"{file}: not compressed with brotli"


def faults_of_index(folder):
    if not any(file.is_file() for file in Path(folder).rglob("*")):
        yield f"INDEX_DIR ({folder}) has no file although lists were read: the index is not there"


def check(name, database_url, cache_url, validator=None):
    """Return the faults of a portal, a sentence each; those of its HTML too, if there is a ``validator``."""
    with serving(database_url, cache_url) as portal:
        faults, files = faults_of_pages(portal)
        faults += faults_of_files(portal, files)
        faults += faults_of_weight(portal)
        faults += faults_of_index(portal.environment["INDEX_DIR"])
        health = subprocess.run([sys.executable, "tools/healthcheck.py"], cwd=ROOT, env=portal.environment, check=False)
        if health.returncode:
            faults.append(f"tools/healthcheck.py ends with status {health.returncode}")
        if validator and html_check.check(portal, list(PAGES), validator):
            faults.append("the HTML has the faults above")
    print(f"{name}: {len(PAGES)} pages and {len(files)} files looked at, {len(faults)} faults")
    return [f"{name}: {fault}" for fault in faults]


def check_settings():
    """Django's own list for production, with TLS on as there."""
    environment = production_environment(8000, "sqlite://:memory:", "locmemcache://")
    del environment["INSECURE_HTTP"]
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=environment,
        check=False,
    )
    return ["manage.py check --deploy has warnings"] if done.returncode else []


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--database-url", required=True, help="a PostgreSQL server, as DATABASE_URL names it")
    parser.add_argument("--cache-url", required=True, help="a Redis server, as CACHE_URL names it")
    parser.add_argument("--html", action="store_true", help="check the HTML of every kind of page too")
    arguments = parser.parse_args()
    validator = html_check.validator() if arguments.html else None
    faults = check_settings()
    with sqlite_database() as url:
        faults += check("SQLite", url, "locmemcache://", validator)
    with postgres_database(arguments.database_url) as url:
        faults += check("PostgreSQL", url, arguments.cache_url)
    print(*faults, sep="\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
