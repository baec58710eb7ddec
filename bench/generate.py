"""Generate any number of measures like the shipped ones, for the portal and for Datasette.

    python -m bench.generate 100000

writes them into the database that DATABASE_URL names, which has to be migrated and to hold the reference data and no
measure. `bench.load` calls it, and `write_datasette` for the same measures as Datasette would have them.

Each measure takes its place from one shipped record, its type from another, its dates from a third and so on. So every
value is about as frequent as among the shipped records. A text is made of runs of six words from shipped texts and one
coined word: some words are in most measures, and some in one of 100,000. The same number always gives the same
measures, and a smaller number gives the first of them.

The measures are written straight into the tables, since `practices.workflow` would take hours for a million. They have
no history. The version of the catalogue is counted up once, after the last measure. The index is not written here:
`manage.py rebuild_index` builds it, as `bench.servers` does.
"""

import argparse
import itertools
import json
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
SEED = 20200311
BATCH = 10_000
STRETCH = 6  # words
TITLE_STRETCHES, SUMMARY_STRETCHES = 2, 10
COINED_WORDS = 60_000
SYLLABLES = [first + vowel for first in "bdfgklmnprstvz" for vowel in "aiou"]
LATEST_YEAR = 2025
FIRST_PUBLISHED = datetime(2025, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Generated:
    """One measure. Dates are numbers as the database has them (YYYYMMDD, zeros for what is not known) or None."""

    number: int  # from 1
    slug: str
    title: str
    summary: str
    scope: str
    countries: list[str]  # iso3
    areas: list[str]
    organizations: list[str]
    topic: str
    measure_type: str
    legal_nature: str
    crisis: str
    announced_on: int | None
    starts_on: int | None
    ends_on: int | None
    beneficiaries: list[str]
    tags: list[str]
    sources: list[dict]  # address, title, publisher, kind and language; every address is another


class Shipped:
    """What the generated measures are drawn from."""

    def __init__(self):
        data = ROOT / "practices/data"
        self.records = _read(data / "measures.json")
        sources = {source["url"]: source for source in _read(data / "sources.json")}
        self.sources = [[sources[url] for url in record["sources"][:2]] for record in self.records]
        self.topics = {
            kind["code"]: topic["code"] for topic in _read(data / "vocabulary.json") for kind in topic["measure_types"]
        }
        self.tags = [tag for record in self.records for tag in record["tags"]]
        self.regions = {
            country["iso3"]: country["itu_region"].lower() for country in _read(ROOT / "countries/data/countries.json")
        }
        self.titles = _stretches(record["title"] for record in self.records)
        self.summaries = _stretches(record["summary"] for record in self.records)


def _read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def _stretches(texts):
    """Every run of ``STRETCH`` words within a text."""
    words = [text.split() for text in texts]
    return [" ".join(run[start : start + STRETCH]) for run in words for start in range(len(run) - STRETCH + 1)]


def coined(rank):
    """The word of a rank from 0: other than every other rank's, and in no language."""
    syllables = []
    for _place in range(4):
        rank, syllable = divmod(rank, len(SYLLABLES))
        syllables.append(SYLLABLES[syllable])
    return "".join(syllables)


def later(date, years):
    """An ISO partial date, or None, some ``years`` later, as a number."""
    if date is None:
        return None
    year, month, day = (int(part) for part in f"{date}-00-00".split("-")[:3])
    return (year + years) * 10000 + month * 100 + (28 if (month, day) == (2, 29) else day)


def measures(number, shipped=None):
    """Yield ``number`` measures (``Generated``)."""
    shipped = shipped or Shipped()
    batches = (batch for first in range(0, number, BATCH) for batch in _batch(first, shipped))
    return itertools.islice(batches, number)


def _batch(first, shipped):
    rng = np.random.default_rng([SEED, first])

    def draw(upper, *columns):
        return rng.integers(0, upper, (BATCH, *columns)).tolist()

    records = shipped.records
    rows = zip(
        draw(len(records), 5),
        draw(len(shipped.titles), TITLE_STRETCHES),
        draw(len(shipped.summaries), SUMMARY_STRETCHES),
        ((rng.zipf(1.2, BATCH) - 1) % COINED_WORDS).tolist(),
        draw(len(shipped.tags), 5),
        rng.integers(3, 6, BATCH).tolist(),
        rng.choice(6, BATCH, p=[0.5, 0.1, 0.1, 0.1, 0.1, 0.1]).tolist(),
        strict=True,
    )
    for number, (drawn, titles, summaries, rank, tags, tag_number, years) in enumerate(rows, start=first + 1):
        place, kind, time, people, cited = drawn
        place, kind, time, people = records[place], records[kind], records[time], records[people]
        years = max(0, min(years, LATEST_YEAR - int((time["announced_on"] or "2020")[:4])))
        word = coined(rank)
        title = " ".join(shipped.titles[start] for start in titles)
        summary = [shipped.summaries[start] for start in summaries]
        yield Generated(
            number=number,
            slug=f"{kind['measure_type']}-{number}",
            title=f"{title[0].upper()}{title[1:]}"[:200],
            summary=f"{word.capitalize()} {' '.join(summary).rstrip('.,;')}.",
            scope=place["scope"],
            countries=place["countries"],
            areas=place["areas"],
            organizations=place["organizations"],
            topic=shipped.topics[kind["measure_type"]],
            measure_type=kind["measure_type"],
            legal_nature=kind["legal_nature"] or "",
            crisis=time["crisis"],
            announced_on=later(time["announced_on"], years),
            starts_on=later(time["starts_on"], years),
            ends_on=later(time["ends_on"], years),
            beneficiaries=people["beneficiaries"],
            tags=list(dict.fromkeys(shipped.tags[tag] for tag in tags))[:tag_number],
            sources=[
                source | {"url": f"https://source{place}.example.org/{number}"}
                for place, source in enumerate(shipped.sources[cited], start=1)
            ],
        )


# The portal


def write_portal(number):
    """Write ``number`` measures into the portal's database. SystemExit where it has measures."""
    from django.db import connection, transaction
    from django.db.models import Max

    from practices.models import CatalogueVersion, Measure, Source

    if Measure.objects.exists():
        raise SystemExit("The database already has measures. Use a new one that has the reference data only.")
    shipped = Shipped()
    keys = _Keys(shipped.tags)
    source_numbers = itertools.count((Source.objects.aggregate(last=Max("pk"))["last"] or 0) + 1)
    for batch in itertools.batched(measures(number, shipped), BATCH):
        with transaction.atomic():
            for table, columns, rows in _tables(batch, keys, source_numbers):
                _insert(connection, table, columns, rows)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(_no_style(), [Measure, Source]):
            cursor.execute(statement)
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM (ANALYZE)")  # else the server does it by itself in the middle of a measurement
    CatalogueVersion.advance()


def _no_style():
    from django.core.management.color import no_style

    return no_style()


class _Keys:
    """The primary keys of what measures name, by code. Of the ``tags``, those that are not there are made."""

    def __init__(self, tags):
        from countries.models import Country, Group
        from practices.models import Beneficiary, Crisis, MeasureType, Organization, Tag

        def keys(model, code):
            return dict(model.objects.values_list(code, "pk"))

        self.countries, self.areas = keys(Country, "iso3"), keys(Group, "code")
        self.organizations, self.beneficiaries = keys(Organization, "slug"), keys(Beneficiary, "code")
        self.types, self.crises = keys(MeasureType, "code"), keys(Crisis, "slug")
        for name in sorted(set(tags) - set(keys(Tag, "name"))):
            Tag.objects.create(name=name, label_en=name.replace("-", " "))
        self.tags = keys(Tag, "name")


def _tables(batch, keys, source_numbers):
    """Yield (table, columns, rows) for some measures, in the order in which foreign keys want them."""
    from django.db import connection

    from practices.choices import Status
    from practices.models import Citation, Measure, Source, TaggedMeasure

    rows, sources, citations = [], [], []
    for measure in batch:
        at = connection.ops.adapt_datetimefield_value(FIRST_PUBLISHED + timedelta(seconds=20 * measure.number))
        rows.append(
            (
                *(measure.number, measure.slug, measure.title, measure.title, measure.summary, measure.summary, "", ""),
                *(measure.scope, keys.crises[measure.crisis], keys.types[measure.measure_type], measure.legal_nature),
                *(measure.announced_on, measure.starts_on, measure.ends_on),
                *(Status.PUBLISHED.value, at, "", at, at),
            )
        )
        for position, source in enumerate(measure.sources):
            number = next(source_numbers)
            sources.append(
                (number, *(source[name] for name in ("url", "title", "publisher", "kind", "language")), *[""] * 5, 0)
            )
            citations.append((measure.number, number, position, "", ""))
    columns = (
        "id slug title title_en summary summary_en outcome outcome_en scope crisis_id measure_type_id legal_nature "
        "announced_on starts_on ends_on status published_at withdrawal_reason created_at updated_at"
    )
    yield Measure._meta.db_table, columns, rows
    for field in ("countries", "areas", "organizations", "beneficiaries"):
        through = getattr(Measure, field).through
        other = through._meta.get_fields()[-1].column
        known = getattr(keys, field)
        links = [(measure.number, known[code]) for measure in batch for code in getattr(measure, field)]
        yield through._meta.db_table, f"measure_id {other}", links
    tags = [(measure.number, keys.tags[tag]) for measure in batch for tag in measure.tags]
    yield TaggedMeasure._meta.db_table, "content_object_id tag_id", tags
    columns = (
        "id url title publisher kind language archived_url "
        "last_check_result last_check_note moved_to content_digest days_unreachable"
    )
    yield Source._meta.db_table, columns, sources
    yield Citation._meta.db_table, "measure_id source_id position locator note", citations


def _insert(connection, table, columns, rows):
    names = ", ".join(columns.split())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns.split()))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608


# Datasette

# What is filtered by one value, and what by any of several.
SCALARS = ["topic", "type", "crisis", "legal", "year"]
LISTS = ["country", "region", "tag", "beneficiary", "organization", "source_language"]


def _index(name):
    """An index that finds a value's rows in the order of the list, and that facets and counts need nothing beside."""
    others = [other for other in SCALARS if other != name]
    return f"CREATE INDEX by_{name} ON measures ({', '.join([name, 'announced', *others])});"


def _link_table(name):
    return f"""
CREATE TABLE measure_{name} (
    measure_id INTEGER NOT NULL REFERENCES measures (id), {name} TEXT NOT NULL, PRIMARY KEY ({name}, measure_id)
) WITHOUT ROWID;
INSERT INTO measure_{name}
SELECT DISTINCT measures.id, value FROM measures, json_each({name}) ORDER BY value, measures.id;
"""  # noqa: S608


TABLE = f"""
CREATE TABLE measures (
    id INTEGER PRIMARY KEY, announced INTEGER, {", ".join(f"{name} TEXT" for name in SCALARS + LISTS)},
    slug TEXT, title TEXT, summary TEXT
);
"""
# Datasette knows a full-text table by its content in double quotes.
INDEXES = f"""
CREATE INDEX by_announced ON measures (announced);
{"".join(map(_index, SCALARS))}
{"".join(map(_link_table, LISTS))}
CREATE VIRTUAL TABLE measures_fts USING fts5 (title, summary, tokenize='porter', content="measures", content_rowid=id);
INSERT INTO measures_fts (measures_fts) VALUES ('rebuild');
INSERT INTO measures_fts (measures_fts) VALUES ('optimize');
ANALYZE;
"""  # noqa: S608


def datasette_values(measure, regions):
    """What Datasette knows of a measure, by column; several values as a list. ``regions`` has them by country."""
    return {
        "id": measure.number,
        "slug": measure.slug,
        "title": measure.title,
        "summary": measure.summary,
        "announced": measure.announced_on,
        "topic": measure.topic,
        "type": measure.measure_type,
        "crisis": measure.crisis,
        "legal": measure.legal_nature or None,
        "year": str(measure.announced_on // 10000) if measure.announced_on else None,
        "country": [iso3.lower() for iso3 in measure.countries],
        "region": sorted({regions[iso3] for iso3 in measure.countries}),
        "tag": measure.tags,
        "beneficiary": measure.beneficiaries,
        "organization": measure.organizations,
        "source_language": sorted({source["language"] for source in measure.sources}),
    }


def write_datasette(path, number):
    """Write ``number`` measures into a new SQLite database as a careful user of Datasette would.

    One table, in which lists are JSON arrays; an index for every column that is filtered, each with all that facets
    count; a table beside it for every list, whose index finds what ``__arraycontains`` would read all rows for;
    title and summary in FTS5.
    """
    shipped = Shipped()
    names = ["id", "announced", *SCALARS, *LISTS, "slug", "title", "summary"]
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; {TABLE}")
        rows = (
            [json.dumps(row[name]) if name in LISTS else row[name] for name in names]
            for row in (datasette_values(measure, shipped.regions) for measure in measures(number, shipped))
        )
        connection.executemany(
            f"INSERT INTO measures ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",  # noqa: S608
            rows,
        )
        connection.commit()
        connection.executescript(INDEXES)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("number", type=int)
    arguments = parser.parse_args()

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reg4covid.settings")
    django.setup()
    write_portal(arguments.number)


if __name__ == "__main__":
    main()
