"""What the loaders share: which entries of a file are new, and the report of what was done."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field

from django.utils import timezone

from practices.models import LoadedRecord


def digest_of(*parts):
    """A digest of an entry of a file and of whatever else decides what is stored for it."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


@dataclass
class Report:
    """What a load did: for each kind of record how many were created, changed and left alone.

    ``kept`` names the records that the file would change but that somebody edited at the desk.
    """

    counts: dict[str, Counter] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)

    def of(self, kind):
        """The counts of ``kind`` by outcome, to be added to. It is reported from then on, if only with zeros."""
        return self.counts.setdefault(kind, Counter())

    def lines(self):
        """The report as sentences, one for each kind of record."""
        for kind, counts in self.counts.items():
            yield (
                f"{kind}: {counts['created']:,} created, {counts['changed']:,} changed, "
                f"{counts['unchanged']:,} left alone"
            )
        for name in self.kept:
            yield f"kept as edited at the desk: {name} (--overwrite takes the file's instead)"


class Ledger:
    """What was loaded before, of one kind of record."""

    def __init__(self, kind):
        self.kind = kind
        self.loaded = {entry.key: entry for entry in LoadedRecord.objects.filter(kind=kind)}

    def has(self, key, digest):
        """Whether this very entry is what was loaded last."""
        return key in self.loaded and self.loaded[key].digest == digest

    def loaded_at(self, key):
        return self.loaded[key].loaded_at if key in self.loaded else None

    def write(self, entries):
        """Remember ``entries``: pairs of key and digest."""
        now = timezone.now()
        LoadedRecord.objects.bulk_create(
            [LoadedRecord(kind=self.kind, key=key, digest=digest, loaded_at=now) for key, digest in entries],
            update_conflicts=True,
            unique_fields=["kind", "key"],
            update_fields=["digest", "loaded_at"],
            batch_size=500,
        )
