"""The metrics on rankings made by hand, and the judged queries against the shipped data."""

import json
import sys
from collections import Counter, defaultdict
from math import log2

import pytest

from bench import relevance
from bench.relevance import (
    BEST,
    FLOOR,
    GOOD,
    HELD_OUT,
    OPEN,
    below_floor,
    catalogue,
    check_floor,
    check_queries,
    check_records,
    chosen,
    differences,
    first_slugs,
    grades,
    judged_queries,
    measure,
    ndcg,
    scores,
    selected,
    success,
    table,
)
from tests.factories import CountryFactory, make_measure

RECORDS = catalogue()
QUERIES = judged_queries()
OPTIONAL = {"best", "best_where", "good", "good_where", "never"}
WORTH = {"a": BEST, "b": BEST, "c": GOOD}


@pytest.mark.parametrize(
    ("ranking", "depth", "value"),
    [
        ("a", 1, 1),
        ("xa", 1, 0),
        ("xxb", 3, 1),
        ("xxxa", 3, 0),
        ("ccc", 3, 0),
        ("", 3, 0),
    ],
)
def test_a_search_succeeds_with_a_best_record_among_the_first(ranking, depth, value):
    assert success(list(ranking), WORTH, depth) == value


@pytest.mark.parametrize(
    ("ranking", "value"),
    [
        ("abc", 1),
        ("bacxx", 1),
        ("", 0),
        ("xyz", 0),
        ("c", 1 / (2 + 2 / log2(3) + 1 / 2)),
        ("xab", (2 / log2(3) + 2 / 2) / (2 + 2 / log2(3) + 1 / 2)),
        ("cba", (1 + 2 / log2(3) + 2 / 2) / (2 + 2 / log2(3) + 1 / 2)),
    ],
)
def test_ndcg_is_the_gain_as_a_share_of_the_greatest_possible(ranking, value):
    assert ndcg(list(ranking), WORTH) == pytest.approx(value)


def test_ndcg_asks_for_no_more_records_than_it_looks_at():
    worth = dict.fromkeys(map(str, range(40)), BEST)

    assert ndcg([str(number) for number in range(10)], worth) == pytest.approx(1)
    assert ndcg(["a", "0"], {"0": BEST}, depth=1) == 0


def test_a_record_below_the_depth_counts_for_nothing():
    assert ndcg([*"0123456789", "a"], WORTH) == 0


def test_a_rule_selects_any_code_of_every_name_it_has():
    records = {
        "one": {"country": {"KEN"}, "topic": {"spectrum"}},
        "two": {"country": {"GHA", "TGO"}, "topic": {"spectrum"}},
        "three": {"country": {"KEN"}, "topic": {"access"}},
    }

    assert selected(records, [{"country": ["KEN"], "topic": ["spectrum"]}]) == {"one"}
    assert selected(records, [{"country": ["KEN", "TGO"]}]) == {"one", "two", "three"}
    assert selected(records, [{"country": ["TGO"]}, {"topic": ["access"]}]) == {"two", "three"}
    assert selected(records, []) == set()


def test_a_slug_written_out_counts_before_a_rule():
    records = {"ken": {"country": {"KEN"}}, "thirteen": {"country": {"KEN", "UGA"}}, "uga": {"country": {"UGA"}}}
    query = {"best_where": [{"country": ["KEN"]}], "good_where": [{"country": ["UGA"]}], "good": ["thirteen"]}

    assert grades(query, records) == {"ken": BEST, "thirteen": GOOD, "uga": GOOD}
    assert grades(query | {"never": ["uga"]}, records) == {"ken": BEST, "thirteen": GOOD}


def test_the_table_has_a_line_for_each_kind_and_one_for_all():
    judged = [({"kind": "year"}, [1, 1, 1]), ({"kind": "tag"}, [0, 1, 0.5]), ({"kind": "tag"}, [0, 0, 0])]

    lines = [line.split() for line in table(judged)]

    assert lines == [
        ["queries", "success@1", "success@3", "nDCG@10"],
        ["year", "1", "1.000", "1.000", "1.000"],
        ["tag", "2", "0.000", "0.500", "0.250"],
        ["all", "3", "0.333", "0.667", "0.500"],
    ]


def test_the_scores_of_a_query_are_those_of_the_table():
    assert scores(["x", "a"], {"a": BEST}) == [0, 1, pytest.approx(1 / log2(3))]


def test_a_record_that_the_query_excludes_fails_it():
    assert scores(["a", "x"], {"a": BEST}, never=["x"]) == [0, 0, 0]
    assert scores(["a"], {"a": BEST}, never=["x"]) == [1, 1, 1]


def findings(engine="SQLite", rankings=None, **means):
    """Findings that are at the floor, but for the ``means`` of the open queries and the ``rankings``."""
    return {"engine": engine, "means": {OPEN: FLOOR | means, HELD_OUT: dict(FLOOR)}, "rankings": rankings or {}}


def test_the_floor_itself_is_not_below_the_floor():
    assert FLOOR == {"success@1": 0.93, "success@3": 0.98, "nDCG@10": 0.93}
    assert list(below_floor(findings())) == []


@pytest.mark.parametrize("name", FLOOR)
def test_a_mean_below_the_floor_is_named(name):
    value = FLOOR[name] - 0.0001
    assert list(below_floor(findings(**{name: value}))) == [
        f"SQLite, open queries: {name} is {value:.4f}, below the floor of {FLOOR[name]}."
    ]


def test_the_held_out_queries_have_the_same_floor():
    low = findings("PostgreSQL")
    low["means"][HELD_OUT]["nDCG@10"] = 0.5
    assert list(below_floor(low)) == ["PostgreSQL, held out queries: nDCG@10 is 0.5000, below the floor of 0.93."]


@pytest.mark.parametrize(
    ("one", "other", "where"),
    [
        ("ab", "ba", "at place 1 SQLite has a, PostgreSQL has b"),
        ("abc", "abd", "at place 3 SQLite has c, PostgreSQL has d"),
        ("ab", "abc", "at place 3 SQLite has nothing, PostgreSQL has c"),
        ("a", "", "at place 1 SQLite has a, PostgreSQL has nothing"),
    ],
)
def test_a_query_that_the_engines_answer_differently_is_named(one, other, where):
    sqlite = findings(rankings={"same": ["x", "y"], "relief fund": list(one)})
    postgres = findings("PostgreSQL", rankings={"same": ["x", "y"], "relief fund": list(other)})
    assert list(differences(sqlite, postgres)) == [f"The query “relief fund” gives different results: {where}."]


def test_the_check_fails_with_a_sentence_for_each_reason(capsys):
    sqlite, postgres = (
        findings(rankings={"q": ["a"]}),
        findings("PostgreSQL", rankings={"q": ["b"]}, **{"nDCG@10": 0.9}),
    )
    assert check_floor([sqlite, postgres]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "PostgreSQL, open queries: nDCG@10 is 0.9000, below the floor of 0.93.",
        "The query “q” gives different results: at place 1 SQLite has a, PostgreSQL has b.",
    ]
    assert check_floor([sqlite, sqlite]) == 0


def test_a_part_has_the_queries_that_are_held_out_or_the_others():
    queries = [{"query": "a", "held_out": True}, {"query": "b", "held_out": False}, {"query": "c"}]
    assert chosen(queries, [OPEN, HELD_OUT]) == {OPEN: queries[1:], HELD_OUT: queries[:1]}
    assert chosen(queries[1:], [HELD_OUT]) == {}


def test_a_query_that_no_search_could_pass_is_refused():
    records = {"a": {"country": {"KEN"}}}
    check_queries([{"query": "q", "best": ["a"]}], records)
    with pytest.raises(SystemExit, match="“q” names records that do not exist: b, c"):
        check_queries([{"query": "q", "best": ["a", "c"], "never": ["b"]}], records)
    with pytest.raises(SystemExit, match="“q” has no best record"):
        check_queries([{"query": "q", "good": ["a"]}], records)


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Runs the command on queries of another file, with a search that finds ``a`` for everything."""
    monkeypatch.setattr(relevance, "catalogue", lambda: {"a": {"country": {"KEN"}}, "b": {"country": {"GHA"}}})
    monkeypatch.setattr(relevance, "check_records", lambda records: None)
    monkeypatch.setattr(relevance, "first_slugs", lambda text: ["a"])
    file = tmp_path / "queries.json"

    def run(queries, *arguments):
        file.write_text(json.dumps(queries), encoding="utf-8")
        monkeypatch.setattr(sys, "argv", ["relevance", "--queries", str(file), *arguments])
        return relevance.main()

    return run


RIGHT = {"query": "kenya", "kind": "country-name", "held_out": False, "best": ["a"]}
WRONG = {"query": "ghana", "kind": "country-name", "held_out": True, "best": ["b"]}


@pytest.mark.django_db
def test_the_queries_of_another_file_are_measured(asked, tmp_path, capsys):
    assert asked([RIGHT, WRONG], "--findings", str(tmp_path / "found.json")) == 0

    (found,) = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    assert found["means"] == {OPEN: {"success@1": 1, "success@3": 1, "nDCG@10": 1}}
    assert found["rankings"] == {"kenya": ["a"]}
    assert "1 queries (open)" in capsys.readouterr().out


@pytest.mark.django_db
def test_the_floor_is_asked_of_the_held_out_queries_too(asked, capsys):
    assert asked([RIGHT, WRONG]) == 0
    assert asked([RIGHT, WRONG], "--held-out") == 0
    assert asked([RIGHT], "--floor") == 0
    assert asked([RIGHT, WRONG], "--floor") == 1
    assert "held out queries: success@1 is 0.0000, below the floor of 0.93." in capsys.readouterr().out


@pytest.mark.django_db
def test_a_file_without_a_query_of_the_part_is_refused(asked):
    with pytest.raises(SystemExit, match="has no query that is held out"):
        asked([RIGHT], "--held-out")


def _name(query):
    return f"{query['kind']}: {query['query']}"


@pytest.mark.parametrize("query", QUERIES, ids=_name)
def test_a_judged_query_names_only_what_the_shipped_data_has(query):
    assert query.keys() - OPTIONAL == {"query", "kind", "language", "held_out"}
    slugs = [*query.get("best", []), *query.get("good", []), *query.get("never", [])]
    assert len(slugs) == len(set(slugs))
    assert set(slugs) <= RECORDS.keys()
    for rule in [*query.get("best_where", []), *query.get("good_where", [])]:
        assert rule
        for name, codes in rule.items():
            assert codes
            assert set(codes) <= {code for record in RECORDS.values() for code in record[name]}, name
        assert selected(RECORDS, [rule]), rule
    assert BEST in grades(query, RECORDS).values()


def test_a_query_with_a_minus_says_what_it_excludes():
    for query in QUERIES:
        assert ("never" in query) == (query["kind"] == "minus") == (" -" in query["query"])


def test_there_are_enough_queries_of_every_kind():
    kinds = Counter(query["kind"] for query in QUERIES)

    assert len(QUERIES) >= 75
    assert len({query["query"] for query in QUERIES}) == len(QUERIES)
    assert min(kinds.values()) >= 3, kinds


def test_every_third_query_of_a_kind_is_held_out():
    of_a_kind = defaultdict(list)
    for query in QUERIES:
        of_a_kind[query["kind"]].append(query["held_out"])

    for kind, held_out in of_a_kind.items():
        assert held_out == [place % 3 == 0 for place in range(1, len(held_out) + 1)], kind


@pytest.mark.django_db
def test_a_query_is_ranked_as_the_list_page_ranks_it():
    kenya = CountryFactory(iso3="KEN", name_en="Kenya")
    make_measure(slug="old", title="Spectrum lent", countries=[kenya], announced_on="2020")
    make_measure(slug="summary", title="Relief", summary="Spectrum lent", countries=[kenya], announced_on="2022")
    make_measure(slug="draft", title="Spectrum lent", countries=[kenya], status="draft")

    assert first_slugs("spectrum kenya") == ["old", "summary"]
    assert first_slugs("x" * 1000) == []


@pytest.mark.django_db
def test_a_database_without_the_judged_records_is_not_measured():
    with pytest.raises(SystemExit, match="724 of the 724 records"):
        check_records(RECORDS)
    with pytest.raises(SystemExit, match="724 of the 724 records"):
        measure(QUERIES, [OPEN])
