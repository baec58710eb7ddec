"""The fields of the index: a document for each published measure and each of its bands, and one on the index itself."""

from tantivy import Index, Schema, SchemaBuilder

from practices.catalogue.analysis import ANALYZERS, PLAIN, STEMMERS

# One field for each list parameter that has a set of values; facets are counted from these. Records stand in them by
# their ids and not by their codes, so that a renamed code is right before the documents are written again.
VALUES = (
    *("country", "region", "income", "group", "topic", "type", "crisis", "actor", "organization", "legal"),
    *("beneficiary", "year", "evidence", "verified", "source_language", "tag", "area"),
)
# The first and the last day that a partial date can mean, as YYYYMMDD; absent where the date is not stated.
DATES = ("announced", "starts", "ends")
# Unique numbers to sort by: a date or moment in the upper 32 bits, the id of the measure in the lower 32.
NEWEST, OLDEST, UPDATED = "newest", "oldest", "updated"
ID_BITS = 32
# Texts that are searched. Each is a field of plain words and a field of stems for each language (``title_fr``).
# ``details`` are sources and terms. Names of what a measure points at are in no document: ``names.py`` looks them up,
# and the measures are then found by the ids of what has the name. So a new name changes no document.
TEXTS = ("title", "summary", "details")
SYNONYMS = ("title", "summary")  # whose English stems have the synonyms of several words as one word, too

# Every document has a kind, and a key by which it is deleted: a text, since deleting by a number deletes nothing. A
# measure shares its key with its bands, one document for each range, so that both edges are asked of the same range.
MEASURE, BAND, STATUS = "measure", "band", "status"


def build() -> Schema:
    """Return the schema of the index."""
    builder = SchemaBuilder()
    builder.add_text_field("key", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    builder.add_unsigned_field("id", fast=True, indexed=True)
    for name in VALUES:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    for name in DATES:
        builder.add_unsigned_field(f"{name}_first", fast=True, indexed=True)
        builder.add_unsigned_field(f"{name}_last", fast=True, indexed=True)
    for name in ("confirmed", "review"):
        builder.add_unsigned_field(name, fast=True, indexed=True)
    for name in (NEWEST, OLDEST, UPDATED):
        builder.add_unsigned_field(name, fast=True, indexed=True)
    for name in ("band_lower", "band_upper"):  # kHz
        builder.add_unsigned_field(name, fast=True, indexed=True)
    for name in TEXTS:
        builder.add_text_field(name, tokenizer_name=PLAIN)
        for language in STEMMERS:
            builder.add_text_field(f"{name}_{language}", tokenizer_name=language)
    builder.add_text_field("spelling", tokenizer_name=PLAIN, index_option="basic")  # words that typing errors may mean
    builder.add_bytes_field("row", stored=True)  # JSON: what a row of a list shows
    builder.add_bytes_field("found_in", stored=True)  # JSON: texts that are searched and that a row does not show
    builder.add_bytes_field("status", stored=True)  # JSON: what the index holds
    return builder.build()


SCHEMA = build()


def open_index(path: str | None = None) -> Index:
    """Open or make the index in the folder ``path``; without one, an empty index in memory."""
    index = Index(SCHEMA, path) if path else Index(SCHEMA)
    for name, analyzer in ANALYZERS.items():
        index.register_tokenizer(name, analyzer)
    return index
