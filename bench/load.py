"""Measure the portal beside Datasette and a bare Django view, on the same measures and in the same run.

    python -m bench.load [--sizes 10000 1000000] [--engines sqlite] [--only portal] [--scenarios random] [--keep DIR]

docs/performance.md says what is measured and how. `make bench` installs what it needs and keeps the figures there.
"""

import argparse
import contextlib
import gc
import itertools
import json
import re
import subprocess
import sys
from pathlib import Path

from bench import report, servers
from bench.addresses import Drawing, scenarios
from bench.client import Run, load, request
from tools.portal import ROOT, build_static

KINDS = ["datasette", "datasette-json", "bare", "portal"]
JSON_SIZE = 100_000  # measures; with more, a page of Datasette that counts lists takes minutes
BYTES = 12_000  # of the bare view, where no portal runs whose list says how many
PUBLISH_SECONDS = 20
PASSES = 5  # over the addresses that are asked again and again: a worker has then met all but a few
MAKING_SECONDS = 60
RANDOM_TIMES = 3  # as long as the rest: Datasette answers few a second, and some are ten times as much work as others
TURN_SECONDS = 1  # servers are measured in turns, since a machine may be a fifth quicker a minute later
COUNT = re.compile(r'id="result-count"[^>]*>\s*([^<]*)')


def counted(server, question):
    """How many measures a server finds."""
    if server.name.startswith("datasette"):
        body = server.get(question.datasette(arrays=server.name == "datasette-json", form=".json"))[2]
        return json.loads(body)["filtered_table_rows_count"]
    words = COUNT.search(server.get(question.portal)[2].decode())[1]
    return int(re.sub(r"\D", "", words) or "0")


def compare(running, size):
    """Print whether all servers find as many measures. SystemExit where filters select different ones."""
    drawing = Drawing(seed=size)
    compared = [server for server in running if server.name != "bare"]
    if len(compared) < 2:
        return
    for what, questions, must in (
        ("filters", drawing.different(40, (1, 2, 3)), True),
        ("words", drawing.different(20, (0, 1), words=(1, 2)), False),
    ):
        differing = []
        for question in questions:
            counts = {server.name: counted(server, question) for server in compared}
            if len(set(counts.values())) > 1:
                differing.append(f"{question.portal}: {counts}")
        print(f"{len(questions) - len(differing)} of {len(questions)} questions by {what} find as many everywhere")
        if differing and must:
            raise SystemExit("\n".join(differing))
        print(*differing[:3], sep="\n")


def requests_of(server, scenario):
    """The requests of a scenario; None where the server does not say whether a page has changed."""
    paths = [server.path(question) for question in scenario.questions]
    if scenario.conditional and server.name != "bare":
        requests = []
        for path in paths:
            if not (etag := server.get(path, **{"Accept-Encoding": "br"})[1]["ETag"]):
                return None
            requests.append(request(path, **{"If-None-Match": etag}))
        return requests
    return [request(path) for path in paths]


def make_pages(server, requests):
    """Let every worker of a portal make the pages that it will be asked for again and again."""
    for _pass in range(PASSES):
        load(server.ports, iter(requests), seconds=MAKING_SECONDS)


def measure(running, scenario, seconds):
    """The ``Run`` of a scenario by each of the servers that have what it needs, taken in turns: a dictionary by server.

    SystemExit where an answer is not what it should be.
    """
    asked, runs = {}, {}
    for server in running:
        if (requests := requests_of(server, scenario)) is None:
            continue
        if scenario.again and server.name in report.ENGINES:
            make_pages(server, requests)
        asked[server.name] = itertools.cycle(requests) if scenario.again else iter(requests)
        runs[server.name] = Run()
    turns = max(1, round(seconds / TURN_SECONDS))
    for _turn in range(turns):
        for server in running:
            if server.name in runs:
                runs[server.name] += _turn_of(server, asked[server.name], seconds / turns)
    for server in running:
        server.measure_memory()
        expected = 304 if scenario.conditional and server.name != "bare" else 200
        if server.name in runs and set(runs[server.name].statuses) != {expected}:
            statuses = dict(runs[server.name].statuses)
            raise SystemExit(f"{server.name}, {scenario.title}: statuses {statuses}, {expected} expected")
    return runs


def _turn_of(server, requests, seconds):
    before = server.processor_seconds()
    run = load(server.ports, requests, seconds=seconds)
    run.server_seconds = max(0.0, server.processor_seconds() - before)
    return run


def publishing(server, scenario):
    """What readers met before and while an editor worked: seconds, and how many publications were shown at once."""
    messages = [request(server.path(question)) for question in scenario.questions]
    calm = {"connections": 4, "pause": 0.02}  # so that a wait is a pause, not a queue
    make_pages(server, messages)
    quiet = load(server.ports, itertools.cycle(messages), seconds=PUBLISH_SECONDS / 2, **calm)
    command = [sys.executable, "-m", "bench.editor", str(server.ports[0]), str(PUBLISH_SECONDS)]
    editor = subprocess.Popen(command, cwd=ROOT, env=server.environment, stdout=subprocess.PIPE, text=True)  # noqa: S603
    busy = load(server.ports, itertools.cycle(messages), seconds=PUBLISH_SECONDS + 3, **calm)
    steps = [json.loads(line) for line in editor.communicate()[0].splitlines()]
    if editor.returncode or set(busy.statuses) != {200}:
        raise SystemExit(f"The editor ended with status {editor.returncode}, the readers met {dict(busy.statuses)}.")
    published = [step["shown_after"] for step in steps if step["step"] != "rename"]
    for step in steps:
        after = "never" if step["shown_after"] is None else f"{step['shown_after'] * 1000:,.0f} ms later"
        print(f"  {step['step']:<8} took {step['took'] * 1000:5,.0f} ms, shown by every worker {after}")
    for what, run in (("before", quiet), ("with the editor", busy)):
        print(f"  readers {what}: p50 {run.percentile(0.5) * 1000:.0f}, p99 {run.percentile(0.99) * 1000:,.0f} ms")
    return {
        "quiet": max(quiet.waits),
        "longest": max(busy.waits),
        "published": len(published),
        "shown": published.count(0.0),
    }


def started(stack, databases, arguments, size):
    """Start the servers that were asked for. Return them, Datasette first and the portals last."""
    running = []
    for kind in ("datasette", "datasette-json"):
        if kind in arguments.only and (kind == "datasette" or size <= JSON_SIZE):
            running.append(stack.enter_context(servers.datasette(kind, databases.datasette())))
    portals = []
    if "portal" in arguments.only:
        for engine in arguments.engines:
            url = databases.url(engine)
            index = databases.index(engine, url)
            print(f"{report.NAMES[engine]}: DATABASE_URL={url} INDEX_DIR={index.folder}")
            server = stack.enter_context(servers.portal(engine, url, arguments.cache_url, index))
            print(f"{report.NAMES[engine]}: ready after {server.ready_seconds:.1f} s", flush=True)
            portals.append(server)
    if "bare" in arguments.only:
        size_of_list = BYTES
        if portals:
            size_of_list = len(portals[0].get("/measures/", **{"Accept-Encoding": "br"})[2])
        running.append(stack.enter_context(servers.bare(size_of_list)))
    return [*running, *portals]


def measure_size(size, asked, arguments, results):
    with contextlib.ExitStack() as stack:
        databases = servers.Databases(size, arguments.keep, arguments.postgres_url, rebuild=arguments.rebuild_index)
        running = started(stack, stack.enter_context(databases), arguments, size)
        for server in running:
            if server.index:
                results.starts[size, server.name] = report.Start(
                    server.ready_seconds, server.index.build_seconds, server.index.size()
                )
        compare(running, size)
        for server in running:  # every process has opened what it needs
            load(server.ports, itertools.repeat(request(server.path(asked["unfiltered"].questions[0])), 16), seconds=60)
        for name, scenario in asked.items():
            if not any(part in name for part in arguments.scenarios):
                continue
            times = RANDOM_TIMES if name in report.RANDOM else 1
            runs = measure(running, scenario, arguments.seconds * times)
            for server in running:
                if server.name not in runs:
                    print(f"{size:>9,}  {scenario.title:<52}{server.name:<22} no ETag")
                    continue
                result = report.Result(size, name, scenario.title, server.name, runs[server.name])
                results.add(result)
                print(result.line(), flush=True)
        if size == report.JUDGED_SIZE and any(part in "publish" for part in arguments.scenarios):
            for server in running:
                if server.name in report.ENGINES:
                    print(f"An editor works on {report.NAMES[server.name]}:")
                    results.publishing[server.name] = publishing(server, asked["crisis"])
        for server in running:
            results.memory[size, server.name] = server.measure_memory()
            print(f"{size:>9,}  {'Peak memory':<52}{report.NAMES[server.name]:<22}{server.peak_memory / 1e6:8,.0f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", "--size", nargs="+", type=int, default=[report.JUDGED_SIZE], help="measures")
    parser.add_argument("--engines", "--engine", nargs="+", choices=report.ENGINES, default=report.ENGINES)
    parser.add_argument("--only", nargs="+", choices=KINDS, default=KINDS, help="servers; all by default")
    parser.add_argument("--scenarios", nargs="+", default=[""], help="parts of their names, such as random")
    parser.add_argument("--seconds", type=float, default=10, help="for each scenario and server: 10, thrice if random")
    parser.add_argument("--keep", metavar="DIR", help="keep the generated catalogues there, and take those that are")
    parser.add_argument("--rebuild-index", action="store_true", help="build the indexes of kept catalogues again")
    parser.add_argument("--postgres-url", default="postgres://postgres@127.0.0.1:5432/reg4covid")
    parser.add_argument("--cache-url", default="locmemcache://", help="as CACHE_URL; none is shared by default")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the figures between the markers of this file")
    arguments = parser.parse_args()
    gc.disable()  # to look through all questions takes a tenth of a second, which would be measured as a server's
    if "portal" in arguments.only:
        build_static()
    postgres = "postgres" in arguments.engines and "portal" in arguments.only
    results = report.Results(servers.postgres_version(arguments.postgres_url) if postgres else "")
    asked = scenarios()
    for size in arguments.sizes:
        measure_size(size, asked, arguments, results)
    print(f"\n{results.markdown()}")
    if arguments.write:
        report.write(arguments.write, results.markdown())


if __name__ == "__main__":
    main()
