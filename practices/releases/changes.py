"""What became of the measures from one release to the next."""

import csv
import datetime
from dataclasses import dataclass, field

from practices.choices import Action
from practices.models import Change, Measure


@dataclass
class Changes:
    """Pairs of slug and words: the title of what was added, the public notes of what was changed, the present slug of
    what was renamed. ``withdrawn`` are slugs."""

    added: list = field(default_factory=list)
    changed: list = field(default_factory=list)
    renamed: list = field(default_factory=list)
    withdrawn: list = field(default_factory=list)


def changes_between(previous, folder):
    """The ``Changes`` from the release ``previous`` to the one in ``folder``; None where there is none before it.

    The files themselves are compared, so that what stands here is true of them whatever became of the database.
    """
    if previous is None:
        return None
    before, now = _measures(previous.folder), _measures(folder)
    changes = Changes()
    renamed = {}
    for slug in sorted(before.keys() - now.keys()):
        record = Measure.by_former_slug(slug)
        if record and record.slug in now and record.slug not in before:
            renamed[record.slug] = slug
            changes.renamed.append((slug, record.slug))
        else:
            changes.withdrawn.append(slug)
    changes.added = [(slug, now[slug][0]) for slug in sorted(now.keys() - before.keys() - renamed.keys())]
    since = {slug: before[renamed.get(slug, slug)][1] for slug in now if renamed.get(slug, slug) in before}
    changed = [slug for slug, moment in since.items() if now[slug][1] != moment]
    notes = _notes(datetime.datetime.fromisoformat(previous.package["created"]))
    changes.changed = [(slug, " ".join(notes.get(slug, ()))) for slug in sorted(changed)]
    return changes


def _measures(folder):
    """Title and time of the last change of each measure of a release, by slug."""
    with (folder / "measures.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["slug"]: (row["title"], row["updated_at"]) for row in csv.DictReader(file)}


def _notes(since):
    """The public notes of corrections after ``since``, oldest first: lists by slug."""
    notes = {}
    corrections = Change.objects.filter(action=Action.CORRECTED, at__gt=since).exclude(public_note="")
    for slug, note in corrections.order_by("at", "pk").values_list("measure__slug", "public_note"):
        notes.setdefault(slug, []).append(note)
    return notes
