"""An editor at work while readers read, who looks whether it shows: publishes a record, corrects one, withdraws the
first, and renames a topic once; a step a second.

    python -m bench.editor PORT SECONDS

works on the database that DATABASE_URL names, beside the server at the port, and prints a JSON object a step: what was
done, how long that took, and after how many seconds all of ``PROBES`` new connections, which the server spreads over
its workers, showed it (0 where the first answer of each did). It puts everything back at the end.
"""

import http.client
import itertools
import json
import os
import sys
import time
from contextlib import closing

PROBES = 8
PATIENCE = 20  # seconds
PACE = 1  # seconds from the beginning of one step to that of the next


def shows(port, path, text):
    """Whether a reader who comes now is shown ``text``."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", path)
        return text in connection.getresponse().read().decode()


def seconds_until_shown(port, path, text, is_there):
    """When ``PROBES`` readers in a row were shown ``text``, or were not, if it is not to be there any more, from now.

    0.0 where no reader ever saw the state before; None where patience has ended.
    """
    start, last_miss = time.monotonic(), 0.0
    seen = 0
    while seen < PROBES:
        if shows(port, path, text) == is_there:
            seen += 1
        else:
            seen, last_miss = 0, time.monotonic() - start
            if last_miss > PATIENCE:
                return None
            time.sleep(0.02)
    return last_miss


class Editor:
    def __init__(self):
        from practices.models import Measure, Topic

        self.measure = Measure.objects.published().first()
        self.topic = Topic.objects.first()
        self.title, self.name = self.measure.title_en, self.topic.name_en
        self.published = None

    # Each step returns a page that shows it, the words, and whether they are to be there.

    def correct(self, number):
        """Correct a record's title."""
        from practices import workflow
        from practices.choices import Action

        with workflow.change(self.measure, by=None, action=Action.CORRECTED):
            self.measure.title_en = f"{self.title[:150]}, corrected {number}"
        return "/measures/?sort=-updated", self.measure.title_en, True

    def publish(self, number):
        """Publish a new record, which says what the first one does."""
        from django.utils import timezone

        from practices import workflow
        from practices.models import Citation, Measure

        first = self.measure
        measure = Measure(
            slug=f"new-{time.time_ns()}",
            title_en=f"New {number}: {self.title[:150]}",
            summary_en=first.summary_en,
            scope=first.scope,
            crisis=first.crisis,
            measure_type=first.measure_type,
            announced_on=first.announced_on,
            updated_at=timezone.now(),
        )
        measure.save()
        measure.countries.set(first.countries.all())
        measure.areas.set(first.areas.all())
        Citation.objects.create(measure=measure, source=first.citations.first().source)
        workflow.publish(measure, by=None)
        self.published = measure
        return "/measures/?sort=-updated", measure.title_en, True

    def withdraw(self, number):
        """Withdraw the record that was published."""
        from practices import workflow

        measure, self.published = self.published, None
        workflow.withdraw(measure, by=None, reason="It was made for a measurement.")
        return "/measures/?sort=-updated", measure.title_en, False

    def rename(self, number):
        """Rename a topic."""
        self.topic.name_en = f"{self.name} {number}"
        self.topic.save()
        return f"/topics/{self.topic.code}/", self.topic.name_en, True

    def put_back(self):
        from practices import workflow
        from practices.choices import Action

        with workflow.change(self.measure, by=None, action=Action.CORRECTED):
            self.measure.title_en = self.title
        time.sleep(PACE)
        if self.published:
            self.withdraw(0)
            time.sleep(PACE)
        self.topic.name_en = self.name
        self.topic.save()


def work(port, seconds):
    editor = Editor()
    start = time.monotonic()
    steps = itertools.cycle([editor.publish, editor.correct, editor.withdraw])
    try:
        for number in itertools.count(1):
            if time.monotonic() - start > seconds:
                break
            step = editor.rename if number == seconds // 2 else next(steps)
            begun = time.monotonic()
            shown = step(number)
            took = time.monotonic() - begun
            report = {"step": step.__name__, "took": took, "shown_after": seconds_until_shown(port, *shown)}
            print(json.dumps(report), flush=True)
            time.sleep(max(0.0, begun + PACE - time.monotonic()))
    finally:
        editor.put_back()


def main():
    port, seconds = map(int, sys.argv[1:])

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "reg4covid.settings")
    django.setup()
    work(port, seconds)


if __name__ == "__main__":
    main()
