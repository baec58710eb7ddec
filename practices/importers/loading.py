"""What the loaders share: which entries are new, which record each one became, and the report of what was done."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field

from django.utils import timezone

from countries.models import Country, Group
from practices.importers.checking import Fault
from practices.models import (
    Beneficiary,
    Crisis,
    LoadedRecord,
    Measure,
    MeasureType,
    Organization,
    Source,
    Tag,
    Topic,
)
from practices.models.source import normalise_url

# What the ledger and the reports call the records of a model, and the field that is their key in the files.
KINDS = {
    Country: ("country", "iso3"),
    Group: ("group", "code"),
    Topic: ("topic", "code"),
    MeasureType: ("measure type", "code"),
    Beneficiary: ("beneficiary", "code"),
    Crisis: ("crisis", "slug"),
    Organization: ("organization", "slug"),
    Source: ("source", "url"),
    Tag: ("tag", "name"),
    Measure: ("measure", "slug"),
}


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
    """What was loaded before of one model's records, by the key that the file has, and what became of it."""

    def __init__(self, model):
        self.model = model
        self.kind, self.key_field = KINDS[model]
        self.loaded = {entry.key: entry for entry in LoadedRecord.objects.filter(kind=self.kind)}

    def stored(self, key):
        """A key of a file as the catalogue keeps it, which is how the ledger has it too."""
        return normalise_url(key) if self.model is Source else key

    def records(self, queryset=None):
        """The records by the key that files have for them.

        A key that was loaded means the record that it became, whatever its key was changed to at the desk
        since; any other means the record that has it now.
        """
        records = {record.pk: record for record in (self.model.objects.all() if queryset is None else queryset)}
        became = {key: records[entry.record_id] for key, entry in self.loaded.items() if entry.record_id in records}
        return {getattr(record, self.key_field): record for record in records.values()} | became

    def faults_of(self, keys, records):
        """Faults for those of a file's ``keys`` that mean the same one of ``records`` as one before them."""
        seen = {}
        for key in keys:
            record = records.get(self.stored(key))
            if record is None:
                continue
            if record.pk in seen:
                yield Fault(
                    f"{self.kind} {key}",
                    self.key_field,
                    key,
                    f"the entry {seen[record.pk]} is the same record, whose {self.key_field} was changed at the desk; "
                    "one of the two entries is needed",
                )
            seen.setdefault(record.pk, key)

    def has(self, key, digest):
        """Whether this very entry is what was loaded last."""
        return key in self.loaded and self.loaded[key].digest == digest

    def loaded_at(self, key):
        return self.loaded[key].loaded_at if key in self.loaded else None

    def write(self, entries):
        """Remember ``entries``: triples of key, digest and the record that the entry became."""
        now = timezone.now()
        LoadedRecord.objects.bulk_create(
            [
                LoadedRecord(kind=self.kind, key=key, digest=digest, record_id=record.pk, loaded_at=now)
                for key, digest, record in entries
            ],
            update_conflicts=True,
            unique_fields=["kind", "key"],
            update_fields=["digest", "record_id", "loaded_at"],
            batch_size=500,
        )


def known(model):
    """The records of ``model`` by the key that files have for them."""
    return Ledger(model).records()
