"""Check the HTML of every kind of page with the Nu validator: python -m tools.html_check [address ...]

The validator is a Java program that comes from npm; it is installed once into the user's cache folder.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.addresses import PAGES
from tools.portal import serving, sqlite_database

VALIDATOR = "vnu-jar@26.9.27"
# Said on purpose: Safari takes a list without bullets for no list unless it is told.
INTENDED = ".*The “list” role is unnecessary.*"


def validator():
    """Where the validator's program is; installed when it is not there yet."""
    for program, package in (("java", "a Java runtime, for instance default-jre-headless"), ("npm", "npm")):
        if not shutil.which(program):
            raise SystemExit(f"The HTML check needs {program}: install {package}.")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reg4covid" / VALIDATOR
    program = cache / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    if not program.exists():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(  # noqa: S603
            ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(cache), VALIDATOR],  # noqa: S607
            check=True,
        )
    return program


def save_pages(portal, pages, folder):
    """Fetch the pages into the folder: the address of each file."""
    addresses = {}
    for path in pages:
        answer = portal.get(path)
        if answer.status != PAGES.get(path, 200):
            raise SystemExit(f"{path} answers with status {answer.status}.")
        file = folder / (re.sub(r"\W+", "-", path).strip("-") + f"-{len(addresses)}.html").lstrip("-")
        file.write_bytes(answer.body)
        addresses[file] = path
    return addresses


def check(portal, pages, program):
    """Say what is wrong with the HTML of the pages, and return whether anything is."""
    with tempfile.TemporaryDirectory() as name:
        addresses = save_pages(portal, pages, Path(name))
        # Pages hold records in other languages than their own: what language a text looks like says nothing.
        options = ["--Werror", "--no-langdetect", "--filterpattern", INTENDED]
        command = ["java", "-Dfile.encoding=UTF-8", "-jar", str(program), *options, *map(str, addresses)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    output = done.stdout + done.stderr
    for file, path in addresses.items():
        output = output.replace(f"file:{file}", path)
    print(output, end="")
    print(f"{len(addresses)} pages checked: {'faults above' if done.returncode else 'no faults'}.")
    return done.returncode != 0


def main(pages):
    program = validator()
    with sqlite_database() as url, serving(url) as portal:
        return int(check(portal, pages, program))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(PAGES)))
