"""Fixtures whose records are made once for all tests that ask for them in a row.

Tests of one catalogue, one after the other, need not each make it: it stands in a transaction around theirs, so that
each has it as it was made, and takes back only what it does itself. A test that does not ask for it does not see it.
"""

import copy

import pytest
from django.db import transaction

_makers = {}  # functions, by the id of the fixture that they are
_open = None  # the _Made around the present test, if there is one


def made_once(make):
    """``make`` as a fixture of its module, which asks for no other. Each test gets a copy of what it returns.

    A test that commits has it made for itself alone.
    """

    @pytest.fixture(name=make.__name__)
    def fixture(db):
        return copy.deepcopy(_open.value) if _open and _open.make is make else make()

    _makers[id(fixture)] = make
    return fixture


class _Made:
    def __init__(self, make, blocker):
        self.make, self.blocker = make, blocker
        self.transaction = transaction.atomic()
        with blocker.unblock():
            self.transaction.__enter__()
            try:
                self.value = make()
            except BaseException:
                self.take_back()
                raise

    def take_back(self):
        with self.blocker.unblock():
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)


def before_the_database(request):
    """Have around the test of ``request`` what it asks for and nothing else, before its own transaction begins."""
    global _open
    mark = request.node.get_closest_marker("django_db")
    commits = "transactional_db" in request.fixturenames or (mark and mark.kwargs.get("transaction"))
    asked = (_makers.get(id(getattr(request.module, name, None))) for name in request.fixturenames)
    make = None if commits else next(filter(None, asked), None)
    if _open and _open.make is not make:
        close()
    if make and not _open:
        _open = _Made(make, request.getfixturevalue("django_db_blocker"))
        request.session.addfinalizer(close)


def close():
    global _open
    if _open:
        made, _open = _open, None
        made.take_back()
