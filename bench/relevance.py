"""Measure the relevance of the search: what it puts first, against what people who know the records would put first.

    python -m bench.relevance [--held-out | --all] [--floor] [--queries FILE] [--verbose]

measures the database that DATABASE_URL names, which has to hold the starter data. `make relevance` prepares a new
database of SQLite and one of PostgreSQL and measures both; `make relevance-check` fails where the search has become
worse than the floor. bench/README.md says how the queries of bench/relevance.json are judged.
"""

import argparse
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
QUERIES = ROOT / "bench/relevance.json"
BEST, GOOD = 2, 1
DEPTH = 10
SUCCESS = 3
MEASURES_OF_A_QUERY = ["success@1", f"success@{SUCCESS}", f"nDCG@{DEPTH}"]
FLOOR = dict(zip(MEASURES_OF_A_QUERY, [0.93, 0.98, 0.93], strict=True))
OPEN, HELD_OUT = "open", "held out"


def read(path):
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


def judged_queries(path=QUERIES):
    return read(path)


def catalogue():
    """Return the codes of the shipped records: by slug, then by the name that rules use."""
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
    """Return the grade of each relevant record, by slug. A slug counts before a rule, and best before good."""
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
    """Yield lines that say what a query found first, and what its best records are."""
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


def check_records(records):
    """Raise SystemExit if a judged record is not public in the connected database."""
    from practices.models import Measure

    missing = records.keys() - set(Measure.objects.published().values_list("slug", flat=True))
    if missing:
        raise SystemExit(
            f"{len(missing)} of the {len(records)} records of practices/data/measures.json are not public in this "
            "database. Use a database that `sh tools/prepare.sh` has just made."
        )


def check_queries(queries, records):
    """Raise SystemExit if no search could pass a query: it names an unknown record or has no best one."""
    for query in queries:
        named = {slug for name in ("best", "good", "never") for slug in query.get(name, [])}
        if unknown := sorted(named - records.keys()):
            raise SystemExit(f"The query “{query['query']}” names records that do not exist: {', '.join(unknown)}.")
        if BEST not in grades(query, records).values():
            raise SystemExit(f"The query “{query['query']}” has no best record.")


def chosen(queries, parts):
    """Return the queries of each of the ``parts`` that has any, by the name of the part."""
    found = {part: [query for query in queries if query.get("held_out", False) == (part == HELD_OUT)] for part in parts}
    return {part: queries_of_part for part, queries_of_part in found.items() if queries_of_part}


def measure(queries, parts, *, verbose=False):
    """Print how the connected database does. Return its findings.

    Findings are a dictionary: the ``engine``, the ``means`` of each part by name of the measure, and the first slugs
    (``rankings``) of each query.
    """
    from django.db import connection

    records = catalogue()
    check_queries(queries, records)
    check_records(records)
    findings = {"engine": connection.display_name, "means": {}, "rankings": {}}
    for part, queries_of_part in chosen(queries, parts).items():
        judged, failed = [], []
        for query in queries_of_part:
            ranking, worth = first_slugs(query["query"]), grades(query, records)
            row = scores(ranking, worth, query.get("never", ()))
            judged.append((query, row))
            findings["rankings"][query["query"]] = ranking
            if not row[1]:
                failed.append(list(explained(query, ranking, worth)))
        means = mean([row for _query, row in judged])
        findings["means"][part] = dict(zip(MEASURES_OF_A_QUERY, means, strict=True))
        print(f"{connection.display_name}: {len(judged)} queries ({part})", *table(judged), sep="\n")
        print(f"{len(failed)} queries fail: no best record among the first {SUCCESS}, or one that the query excludes.")
        if verbose:
            print(*(line for lines in failed for line in lines), sep="\n")
        print(flush=True)
    return findings


def below_floor(findings):
    """Yield a sentence for each mean that is below the floor."""
    for part, means in findings["means"].items():
        for name, floor in FLOOR.items():
            if means[name] < floor:
                yield f"{findings['engine']}, {part} queries: {name} is {means[name]:.4f}, below the floor of {floor}."


def differences(one, other):
    """Yield a sentence for each query whose first slugs are not the same, in the same order, in both findings."""
    for query, ranking in one["rankings"].items():
        if ranking == (other_ranking := other["rankings"][query]):
            continue
        pairs = itertools.zip_longest(ranking, other_ranking, fillvalue="nothing")
        place, slugs = next((place, pair) for place, pair in enumerate(pairs, start=1) if pair[0] != pair[1])
        yield (
            f"The query “{query}” gives different results: at place {place} {one['engine']} has {slugs[0]}, "
            f"{other['engine']} has {slugs[1]}."
        )


def check_floor(all_findings):
    """Print a sentence for everything that is below the floor or differs between engines. Return the exit status."""
    failures = [failure for findings in all_findings for failure in below_floor(findings)]
    failures += [failure for pair in itertools.pairwise(all_findings) for failure in differences(*pair)]
    if failures:
        print(*failures, sep="\n")
        return 1
    floor = ", ".join(f"{name} {value}" for name, value in FLOOR.items())
    same = "; the engines give the same first ten for every query" if len(all_findings) > 1 else ""
    print(f"The floor is reached ({floor}){same}.")
    return 0


def measure_new_databases(postgres_url, arguments):
    """Measure a new database of each engine, each in a process of its own. Return the findings of both."""
    from tools.portal import sqlite_database
    from tools.production_check import postgres_database

    return [
        _measure_new_database(database, arguments) for database in (sqlite_database(), postgres_database(postgres_url))
    ]


def _measure_new_database(database, arguments):
    with database as url, tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"DATABASE_URL": url, "INDEX_DIR": f"{folder}/index", "PYTHON": sys.executable}
        subprocess.run(
            ["sh", "tools/prepare.sh"],  # noqa: S607
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        file = Path(folder) / "findings.json"
        command = [sys.executable, "-m", "bench.relevance", "--findings", str(file), *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, check=False)  # noqa: S603
        if done.returncode:
            raise SystemExit(done.returncode)
        return json.loads(file.read_text(encoding="utf-8"))[0]


def parser_of_arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parts = parser.add_mutually_exclusive_group()
    parts.add_argument("--held-out", action="store_true", help="the queries that tuning does not look at")
    parts.add_argument("--all", action="store_true", help="the open and the held-out queries, each with its figures")
    parser.add_argument("--floor", action="store_true", help="measure all, and fail below the floor (see FLOOR)")
    parser.add_argument("--queries", metavar="FILE", type=Path, default=QUERIES, help="other queries, judged alike")
    parser.add_argument("--verbose", action="store_true", help="what the failing queries found, and what they should")
    parser.add_argument("--new-databases", metavar="URL", help="on SQLite and on this PostgreSQL server, both new")
    parser.add_argument("--findings", metavar="FILE", type=Path, help="write the means and rankings there, as JSON")
    return parser


def main():
    arguments = parser_of_arguments().parse_args()
    parts = [OPEN, HELD_OUT] if arguments.all or arguments.floor else [HELD_OUT if arguments.held_out else OPEN]
    file = arguments.queries.resolve()
    queries = judged_queries(file)
    if not chosen(queries, parts):
        raise SystemExit(f"{file} has no query that is {' or '.join(parts)}.")
    if arguments.new_databases:
        passed = ["--queries", str(file), *(["--verbose"] if arguments.verbose else [])]
        passed += ["--all"] if len(parts) > 1 else ["--held-out"] if arguments.held_out else []
        all_findings = measure_new_databases(arguments.new_databases, passed)
    else:
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reg4covid.settings")
        django.setup()
        all_findings = [measure(queries, parts, verbose=arguments.verbose)]
    if arguments.findings:
        arguments.findings.write_text(json.dumps(all_findings), encoding="utf-8")
    return check_floor(all_findings) if arguments.floor else 0


if __name__ == "__main__":
    sys.exit(main())
