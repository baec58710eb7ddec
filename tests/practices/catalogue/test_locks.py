"""No two changes wait for each other: each takes the lock of the version before it locks any record."""

import threading

import pytest
from django.urls import reverse

from practices import workflow
from practices.admin.measures import MeasureAdmin
from practices.choices import Action
from practices.models import Measure
from tests.factories import UserFactory, make_measure
from tests.practices.admin.test_measures import form_of
from tests.practices.catalogue.test_storage import run_together, version

# Long enough for another thread to come to its lock, which it does not tell.
A_WHILE = 0.5


@pytest.fixture
def record(shared_database):
    return make_measure(slug="m")


def stopping(monkeypatch, owner, name):
    """Let the first call of a function wait a while after it is done. Returns an event: it is done."""
    done, original = threading.Event(), getattr(owner, name)

    def stop(*args, **kwargs):
        result = original(*args, **kwargs)
        if not done.is_set():
            done.set()
            threading.Event().wait(A_WHILE)
        return result

    monkeypatch.setattr(owner, name, stop)
    return done


def correct(record, after):
    assert after.wait(10)
    measure = Measure.objects.get(pk=record.pk)
    with workflow.change(measure, by=None, action=Action.CORRECTED):
        measure.ends_on = "2030"


def test_a_record_is_restored_while_another_corrects_it(record, monkeypatch):
    first, number = record.changes.get(), version()
    is_locked = stopping(monkeypatch, workflow, "_standing")
    run_together(
        lambda: workflow.restore(Measure.objects.get(pk=record.pk), first, by=None),
        lambda: correct(record, is_locked),
    )
    assert version() == number + 2


def test_a_record_is_saved_at_the_desk_while_another_corrects_it(record, monkeypatch, client, settings):
    settings.SECOND_PERSON = False  # so that it is saved at once
    client.force_login(UserFactory(is_superuser=True))
    citation = record.citations.get()
    form = form_of(
        slug="m",
        based_on=record.changes.get().pk,
        public_note="The title.",
        **{"citations-INITIAL_FORMS": 1, "citations-0-id": citation.pk, "citations-0-source": citation.source_id},
    )
    number = version()
    is_saved = stopping(monkeypatch, MeasureAdmin, "save_model")
    address = reverse("admin:practices_measure_change", args=[record.pk])
    response, _nothing = run_together(lambda: client.post(address, form), lambda: correct(record, is_saved))
    assert response.status_code == 302
    assert version() == number + 2
