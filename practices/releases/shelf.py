"""The releases that there are: folders of ``settings.RELEASES_ROOT``, named for their day."""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from django.conf import settings

NAME = re.compile(r"(\d{4}-\d{2}-\d{2})(?:-(\d+))?", re.ASCII)
SUMS = "SHA256SUMS"  # the files of a release with their digests, as the program sha256sum reads them
PACKAGE = "datapackage.json"


@dataclass(frozen=True)
class ReleasedFile:
    path: Path
    sha256: str

    @property
    def name(self):
        return self.path.name

    @property
    def size(self):
        """In bytes."""
        return self.path.stat().st_size


@dataclass(frozen=True)
class Release:
    folder: Path

    @property
    def name(self):
        return self.folder.name

    @property
    def place(self):
        """What puts releases in order: the day, and which one of the day it is."""
        day, number = NAME.fullmatch(self.name).groups()
        return day, int(number or 1)

    @cached_property
    def files(self):
        """Its files by name. What is not among them is not part of the release."""
        sums = self.folder / SUMS
        files = [ReleasedFile(self.folder / line[66:], line[:64]) for line in sums.read_text().splitlines()]
        files.append(ReleasedFile(sums, hashlib.sha256(sums.read_bytes()).hexdigest()))
        return {file.name: file for file in files}

    @property
    def package(self):
        """What ``datapackage.json`` says."""
        return json.loads((self.folder / PACKAGE).read_text())

    @property
    def measure_count(self):
        return next(resource["rowCount"] for resource in self.package["resources"] if resource["name"] == "measures")


def releases():
    """All releases, the newest first."""
    root = settings.RELEASES_ROOT
    folders = root.iterdir() if root.is_dir() else ()
    found = [Release(folder) for folder in folders if NAME.fullmatch(folder.name)]
    return sorted(found, key=lambda release: release.place, reverse=True)


def find(name):
    """The release of that name, or None."""
    return next((release for release in releases() if release.name == name), None)
