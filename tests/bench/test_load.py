import itertools
from collections import Counter

import pytest

from bench import report
from bench.addresses import Question
from bench.client import Run
from bench.generate import COINED_WORDS, SYLLABLES, coined, later, measures


def test_the_same_measures_come_again_and_a_smaller_number_is_the_first_of_them():
    few = list(measures(3))
    assert few == list(itertools.islice(measures(10_001), 3))


def test_generated_measures_have_what_a_publication_asks_for():
    for measure in measures(500):
        assert measure.title
        assert len(measure.title) <= 200
        assert measure.summary
        assert measure.countries or measure.areas
        assert 1 <= len(measure.sources) <= 2
        assert len(set(measure.tags)) == len(measure.tags)


def test_every_source_has_an_address_of_its_own():
    addresses = [source["url"] for measure in measures(2_000) for source in measure.sources]
    assert len(set(addresses)) == len(addresses)


def test_coined_words_differ():
    assert len(SYLLABLES) ** 4 >= COINED_WORDS
    assert len({coined(rank) for rank in range(0, COINED_WORDS, 7)}) == len(range(0, COINED_WORDS, 7))


@pytest.mark.parametrize(
    ("date", "years", "number"),
    [
        (None, 3, None),
        ("2020", 1, 20210000),
        ("2020-04", 0, 20200400),
        ("2020-04-17", 2, 20220417),
        ("2020-02-29", 1, 20210228),
    ],
)
def test_a_date_some_years_later_is_as_precise(date, years, number):
    assert later(date, years) == number


def test_a_question_is_asked_of_each_server_in_its_own_parameters():
    question = Question((("country", "ken"), ("topic", "spectrum")), "relief fund")
    assert question.portal == "/measures/?country=ken&topic=spectrum&q=relief+fund"
    asked = question.datasette()
    assert asked.startswith("/datasette/measures?_search=relief+fund&_where=id+in+%28select+measure_id+from")
    assert "topic=spectrum" in asked
    assert "country__arraycontains=ken" in question.datasette(arrays=True)
    assert Question().portal == "/measures/"
    assert Question(page_of="ken").portal == "/countries/ken/"
    assert "ken" in Question(page_of="ken").datasette()


def test_percentiles_are_waits_that_readers_had():
    run = Run(waits=[0.001 * number for number in range(100, 0, -1)], seconds=2.0)
    assert run.throughput == 50
    assert run.percentile(0.5) == pytest.approx(0.051)
    assert run.percentile(0.99) == pytest.approx(0.1)
    assert Run().percentile(0.5) == 0


def test_two_runs_are_one_of_both():
    run = Run(waits=[0.1], statuses=Counter({200: 1}), received=10, seconds=1.0, client_seconds=0.2, server_seconds=0.3)
    both = run + Run(waits=[0.3], statuses=Counter({200: 1}), received=30, seconds=3.0)
    assert both == Run([0.1, 0.3], Counter({200: 2}), 40, 4.0, 0.2, 0.3)
    assert both.throughput == 0.5


def results(**throughputs):
    """Results of the crisis at the judged size; ``throughputs`` by server."""
    found = report.Results()
    for server, throughput in throughputs.items():
        run = Run(waits=[0.01] * throughput, seconds=1.0, client_seconds=0.1)
        found.add(report.Result(report.JUDGED_SIZE, "crisis", "Again and again", server, run))
        found.memory[report.JUDGED_SIZE, server] = 50_000_000
    return found


def test_ratios_are_judged():
    over_datasette, of_bare, _memory = results(datasette=10, bare=2000, sqlite=700).checks()
    assert over_datasette.endswith("70.0 × Datasette; target: at least 60.0 ×; **reached**")
    assert of_bare.endswith("35% of the bare view; target: at least 40%; **not reached**")


def test_what_was_not_measured_is_not_judged():
    found = results(sqlite=700)
    found.memory.clear()
    assert list(found.checks()) == []


@pytest.mark.parametrize(("scenario", "other", "target"), report.MIN_RATIOS)
def test_a_ratio_is_judged_by_its_target(scenario, other, target):
    for throughput, verdict in ((round(100 * target), "**reached**"), (round(100 * target) - 1, "**not reached**")):
        found = report.Results()
        for server, number in ((other, 100), ("postgres", throughput)):
            run = Run(waits=[0.01] * number, seconds=1.0)
            found.add(report.Result(report.JUDGED_SIZE, scenario, scenario, server, run))
        assert next(found.checks()).endswith(verdict)


@pytest.mark.parametrize(
    ("size", "memory", "verdict"),
    [
        (100_000, 350e6, "350 MB; target: at most 350 MB; **reached**"),
        (100_000, 351e6, "351 MB; target: at most 350 MB; **not reached**"),
        (1_000_000, 1_500e6, "1,500 MB; target: at most 1,500 MB; **reached**"),
        (1_000_000, 1_501e6, "1,501 MB; target: at most 1,500 MB; **not reached**"),
    ],
)
def test_memory_is_judged_by_size(size, memory, verdict):
    found = report.Results()
    found.memory[size, "sqlite"] = memory
    found.memory[size, "datasette"] = 5e9
    assert [check.rpartition(": peak memory at ")[2] for check in found.checks()] == [f"{size:,}: {verdict}"]


def test_a_start_is_judged_at_every_size_and_a_build_at_one():
    found = report.Results()
    found.starts = {
        (10_000, "postgres"): report.Start(1.2, 90.0, 12_000_000),
        (100_000, "postgres"): report.Start(3.1, 45.0, 120_000_000),
        (1_000_000, "postgres"): report.Start(3.0, 600.0, 1_200_000_000),
    }
    assert [check.removeprefix("portal, PostgreSQL: ") for check in found.checks()] == [
        "ready after a start at 10,000: 1.2 s; target: at most 3 s; **reached**",
        "ready after a start at 100,000: 3.1 s; target: at most 3 s; **not reached**",
        "index built from nothing at 100,000: 45 s; target: at most 45 s; **reached**",
        "ready after a start at 1,000,000: 3.0 s; target: at most 3 s; **reached**",
    ]


def test_the_growth_of_a_random_mix_is_judged():
    found = report.Results()
    for size, wait in ((10_000, 0.01), (1_000_000, 0.031)):
        run = Run(waits=[wait] * 10, seconds=1.0)
        found.add(report.Result(size, "random-searches", "Searches, each another", "sqlite", run))
    growth, p99 = found.checks()
    assert growth.endswith("p50 at 1,000,000 over p50 at 10,000: 3.1; target: at most 3; **not reached**")
    assert p99.endswith("p99 at 1,000,000: 31 ms; target: under 300 ms; **reached**")


def test_the_table_has_a_column_for_every_server_and_ratio():
    head, rule, row, memory = results(datasette=10, bare=2000, sqlite=700).table(report.JUDGED_SIZE)
    assert [line.count("|") for line in (head, rule, row, memory)] == [7] * 4
    assert "700 (10, 10)" in row
    assert "70.0 ×" in row


def test_the_table_says_when_a_portal_was_ready_and_what_its_index_took():
    found = results(datasette=10, sqlite=700)
    found.starts[report.JUDGED_SIZE, "sqlite"] = report.Start(1.23, 31.4, 123_400_000)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in found.table(report.JUDGED_SIZE)]
    assert rows[-4:] == [
        ["Peak memory", "50 MB", "50 MB", ""],
        ["Ready after a start", "", "1.2 s", ""],
        ["Index built in", "", "31 s", ""],
        ["Index on disk", "", "123 MB", ""],
    ]


def test_figures_go_between_the_markers_and_nowhere_else(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", encoding="utf-8")
    report.write(page, "new")
    assert page.read_text(encoding="utf-8") == f"before\n{report.BEGIN}\nnew\n{report.END}\nafter\n"


def test_a_page_without_markers_is_refused(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before", encoding="utf-8")
    with pytest.raises(ValueError, match="has not got the lines"):
        report.write(page, "new")
