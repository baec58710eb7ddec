"""The files of a release that are for people."""

import json

from django.conf import settings

from practices.citing import PORTAL_NAME
from practices.exports.formats import LICENCE

DESCRIPTION = (
    "What regulators, ministries and operators did to keep networks up and people connected in a crisis: a sourced, "
    "dated catalogue. Each measure names the public pages that it rests on."
)


def changelog(about, previous, changes):
    """What changed since the release ``previous``; both are None for the first."""
    lines = [f"# Changes of release {about['name']}", ""]
    if changes is None:
        return "\n".join([*lines, f"The first release, with {about['counts']['measures']:,} measures.", ""])
    lines += [f"Since release {previous.name}. States that follow from dates change with the day and are not listed."]
    for heading, entries in (
        ("Added", [f"{slug}: {_line(title)}" for slug, title in changes.added]),
        ("Corrected", [f"{slug}: {_line(notes)}" if notes else slug for slug, notes in changes.changed]),
        ("Renamed", [f"{former} is now {slug}" for former, slug in changes.renamed]),
        ("Withdrawn", changes.withdrawn),
    ):
        lines += ["", f"## {heading}", "", *([f"- {entry}" for entry in entries] or ["None."])]
    return "\n".join([*lines, ""])


def _line(text):
    return " ".join(text.split())


def citation(about):
    """How to cite the release, as https://citation-file-format.github.io/ writes it. JSON's texts are YAML's too."""
    fields = {
        "cff-version": "1.2.0",
        "message": "If you use these data, please cite them as below.",
        "type": "dataset",
        "title": PORTAL_NAME,
        "abstract": DESCRIPTION,
        "version": about["name"],
        "date-released": about["name"][:10],
        "license": LICENCE["name"],
        "url": settings.SITE_URL,
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}\n" for name, value in fields.items()]
    return "".join([*lines, f"authors:\n  - name: {json.dumps(settings.OPERATOR_NAME, ensure_ascii=False)}\n"])


def licence():
    return f"""# Licence

These data may be copied, changed and used for any purpose, also commercially, under
{LICENCE["title"]} (CC BY 4.0): {LICENCE["path"]}

Say where they come from and whether you changed them:

> {PORTAL_NAME}, {settings.SITE_URL}, CC BY 4.0.

Income groups of countries are the World Bank's: name it where you use them. The sources that measures cite belong to
their publishers.
"""


def readme(about, tables):
    """What the files are and what their columns say."""
    lines = [
        f"# {PORTAL_NAME}, release {about['name']}",
        "",
        DESCRIPTION,
        "",
        f"Taken on {about['at']:%Y-%m-%d at %H:%M} UTC from {settings.SITE_URL}. Licence: CC BY 4.0 (LICENSE.md).",
        "",
        "- `datapackage.json` describes the tables to programs (Frictionless data package).",
        "- `measures.json` has every field of every measure, texts in further languages too.",
        "- `catalogue.sqlite` has the same tables with an index of words. `datasette catalogue.sqlite --metadata "
        "metadata.json` shows it with facets and search.",
        "- `CHANGELOG.md` says what changed since the release before, `CITATION.cff` how to cite this one.",
        "- `SHA256SUMS`, beside these files on the site, checks them: `sha256sum --check SHA256SUMS`.",
        "",
        "CSV files are UTF-8 with a byte order mark. Several values in a cell are parted by a semicolon and a space. A "
        "text that a spreadsheet would take for a formula stands behind an apostrophe. Dates are as precise as the "
        "sources: 2020, 2020-04 or 2020-04-17. What is empty is not stated.",
    ]
    for table in tables:
        lines += ["", f"## {table.name}.csv", "", f"{table.title}. Rows: {about['counts'][table.name]:,}.", ""]
        lines += ["| Column | What it says |", "| --- | --- |"]
        lines += [f"| `{column.name}` | {column.description} |" for column in table.columns]
    return "\n".join([*lines, ""])
