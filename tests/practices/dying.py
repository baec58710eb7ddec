"""A program that is killed in the middle of publishing, at every statement in turn (run by ``test_crashes``).

``dying.py <id of a draft>``: one process after the other publishes the record and kills itself before its first
statement, before its second, and so on up to the COMMIT, until one lives to the end. After each another one reads what
the database has, and prints it as a line of JSON.
"""

import json
import os
import signal
import sys

import django


def in_another_process(work, *args):
    """Do ``work`` in a process of its own, with connections of its own. Returns whether it ended by itself."""
    child = os.fork()
    if child == 0:
        work(*args)
        sys.stdout.flush()
        os._exit(0)
    _child, status = os.waitpid(child, 0)
    return os.WIFEXITED(status) and os.waitstatus_to_exitcode(status) == 0


def publish(measure_id, last):
    """Publish the record, and be killed where the statement after the ``last`` one should be."""
    from django.db import connection

    from practices import workflow
    from practices.models import Measure

    statements, commit = 0, connection._commit

    def die_in_time():
        nonlocal statements
        if statements == last:
            os.kill(os.getpid(), signal.SIGKILL)
        statements += 1

    def execute_or_die(execute, *args):
        die_in_time()
        return execute(*args)

    def commit_or_die():
        die_in_time()
        commit()

    measure = Measure.objects.get(pk=measure_id)
    connection._commit = commit_or_die
    with connection.execute_wrapper(execute_or_die):
        workflow.publish(measure, by=None)


def tell(measure_id):
    """Print all that publishing writes: the record, its changes and versions, the catalogue and the search."""
    from reversion.models import Revision, Version

    from practices import catalogue
    from practices.filters import MeasureFilter
    from practices.models import CatalogueVersion, Measure

    measure = Measure.objects.get(pk=measure_id)
    version = CatalogueVersion.objects.get()
    state = {
        "status": measure.status,
        "dated": measure.published_at is not None,
        "changes": list(measure.changes.values_list("action", flat=True)),
        "counted": list(measure.changes.values_list("version", flat=True)) == [version.number],
        "revisions": Revision.objects.count(),
        "versions": Version.objects.count(),
        "in the catalogue": len(catalogue.current()),
        "found": len(MeasureFilter({"q": "quixotic"}, catalogue.current()).in_order()),
    }
    print(json.dumps(state))


if __name__ == "__main__":
    django.setup()
    record, at = int(sys.argv[1]), 0
    while not in_another_process(publish, record, at):
        in_another_process(tell, record)
        at += 1
    in_another_process(tell, record)
