"""How good the search is: what it puts first, against what people who know the records would put first.

    python -m bench.relevance [--held-out] [--verbose]

measures the database that DATABASE_URL names, which has to hold the starter data. `make relevance` prepares one of
SQLite and one of PostgreSQL and measures both. bench/README.md says how the queries of bench/relevance.json are judged.
"""

import argparse
import json
import math
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEST, GOOD = 2, 1
DEPTH = 10
SUCCESS = 3
MEASURES_OF_A_QUERY = ["success@1", f"success@{SUCCESS}", f"nDCG@{DEPTH}"]


def read(path):
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


def judged_queries():
    return read("bench/relevance.json")


def catalogue():
    """The shipped records as the judgements see them: by slug, the codes that each has under every name of a rule."""
    vocabulary = read("practices/data/vocabulary.json")
    topics = {kind["code"]: topic["code"] for topic in vocabulary for kind in topic["measure_types"]}
    return {
        record["slug"]: {
            "country": set(record["countries"]),
            "topic": {topics[record["measure_type"]]},
            "measure_type": {record["measure_type"]},
            "crisis": {record["crisis"]},
            "organizations": set(record["organizations"]),
            "beneficiaries": set(record["beneficiaries"]),
            "tags": set(record["tags"]),
            "band": {band["band"] for band in record["spectrum"]},
        }
        for record in read("practices/data/measures.json")
    }


def selected(records, rules):
    """The slugs that a rule selects: any code of every name that the rule has."""
    return {
        slug
        for slug, codes in records.items()
        if any(all(codes[name] & set(wanted) for name, wanted in rule.items()) for rule in rules)
    }


def grades(query, records):
    """What each relevant record is worth, by slug. A slug written out counts before a rule, and best before good."""
    worth = (
        dict.fromkeys(selected(records, query.get("good_where", [])), GOOD)
        | dict.fromkeys(selected(records, query.get("best_where", [])), BEST)
        | dict.fromkeys(query.get("good", []), GOOD)
        | dict.fromkeys(query.get("best", []), BEST)
    )
    return {slug: grade for slug, grade in worth.items() if slug not in query.get("never", ())}


def success(ranking, worth, depth):
    """1 if one of the first ``depth`` is a best answer, 0 if none is."""
    return float(any(worth.get(slug) == BEST for slug in ranking[:depth]))


def ndcg(ranking, worth, depth=DEPTH):
    """How near the first ``depth`` come to the best order there could be: 1 if as good, 0 if none is relevant."""
    ideal = _discounted(sorted(worth.values(), reverse=True)[:depth])
    return _discounted([worth.get(slug, 0) for slug in ranking[:depth]]) / ideal if ideal else 0.0


def _discounted(gains):
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, start=1))


def scores(ranking, worth, never=()):
    """The measures of a query. A ranking with a record that the query excludes has failed in all of them."""
    if not set(ranking[:DEPTH]).isdisjoint(never):
        return [0.0] * len(MEASURES_OF_A_QUERY)
    return [success(ranking, worth, 1), success(ranking, worth, SUCCESS), ndcg(ranking, worth)]


def mean(rows):
    return [sum(column) / len(rows) for column in zip(*rows, strict=True)]


def table(judged):
    """Lines: the means of each kind of query, then of all; ``judged`` has pairs of a query and its scores."""
    kinds = {}
    for query, row in judged:
        kinds.setdefault(query["kind"], []).append(row)
    yield _line("", "queries", MEASURES_OF_A_QUERY)
    for kind, rows in [*kinds.items(), ("all", [row for _query, row in judged])]:
        yield _line(kind, len(rows), [f"{value:.3f}" for value in mean(rows)])


def _line(name, number, values):
    return f"{name:<14}{number:>8}" + "".join(f"{value:>11}" for value in values)


def first_slugs(text):
    """The first slugs of the list page for the words ``text``, in the order in which the page has them."""
    from practices.catalogue import current
    from practices.filters import MeasureFilter

    return [measure.slug for measure in MeasureFilter({"q": text}, current()).in_order()[:DEPTH]]


def explained(query, ranking, worth):
    """Lines: what a query found first, and what would have been right."""
    yield f"{query['query']}  ({query['kind']})"
    for slug in ranking[:SUCCESS]:
        yield f"    found   {worth.get(slug, 0)}  {slug}"
    if not ranking:
        yield "    found nothing"
    for slug in query.get("never", ()):
        if slug in ranking:
            yield f"    excluded   {slug}"
    best = sorted(slug for slug, grade in worth.items() if grade == BEST)
    for slug in best[:SUCCESS]:
        yield f"    best       {slug}"
    if len(best) > SUCCESS:
        yield f"    best       ... {len(best)} in all"


def measure(held_out, verbose):
    """Print how the database that is connected does. Raises SystemExit where it has not got the judged records."""
    from django.db import connection

    from practices.models import Measure

    records = catalogue()
    missing = records.keys() - set(Measure.objects.published().values_list("slug", flat=True))
    if missing:
        raise SystemExit(
            f"{len(missing)} of the {len(records)} records of practices/data/measures.json are not public in this "
            "database. Right would be a database that `sh tools/prepare.sh` has just made."
        )
    judged, failed = [], []
    for query in judged_queries():
        if query["held_out"] == held_out:
            ranking, worth = first_slugs(query["query"]), grades(query, records)
            row = scores(ranking, worth, query.get("never", ()))
            judged.append((query, row))
            if not row[1]:
                failed.append(list(explained(query, ranking, worth)))
    which = "held out" if held_out else "open, the held-out third apart"
    print(f"{connection.display_name}: {len(judged)} queries ({which})", *table(judged), sep="\n")
    print(f"{len(failed)} queries fail: no best record among the first {SUCCESS}, or one that the query excludes.")
    if verbose:
        print(*(line for lines in failed for line in lines), sep="\n")


def measure_new_databases(postgres_url, arguments):
    """Measure a new database of each engine, each in a process of its own. The highest exit status of them."""
    from tools.portal import sqlite_database
    from tools.production_check import postgres_database

    status = 0
    for database in (sqlite_database(), postgres_database(postgres_url)):
        with database as url:
            environment = os.environ | {"DATABASE_URL": url, "PYTHON": sys.executable}
            subprocess.run(
                ["sh", "tools/prepare.sh"],  # noqa: S607
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                check=True,
            )
            command = [sys.executable, "-m", "bench.relevance", *arguments]
            done = subprocess.run(command, cwd=ROOT, env=environment, check=False)  # noqa: S603
            status = max(status, done.returncode)
        print(flush=True)
    return status


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--held-out", action="store_true", help="the queries that tuning does not look at")
    parser.add_argument("--verbose", action="store_true", help="what the failing queries found, and what they should")
    parser.add_argument("--new-databases", metavar="URL", help="on SQLite and on this PostgreSQL server, both new")
    arguments = parser.parse_args()
    if arguments.new_databases:
        passed = [f"--{name.replace('_', '-')}" for name in ("held_out", "verbose") if getattr(arguments, name)]
        return measure_new_databases(arguments.new_databases, passed)

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reg4covid.settings")
    django.setup()
    measure(arguments.held_out, arguments.verbose)
    return 0


if __name__ == "__main__":
    sys.exit(main())
