"""What tests of several processes, and of several threads of one, need."""

import pytest

from practices import catalogue
from practices.catalogue import process


@pytest.fixture
def another_process():
    """Gives a function that stands for another process that reads the catalogue now, and then nothing for a while.

    It returns a function that makes this process that one.
    """

    def read_now():
        catalogue.current()
        known = process._snapshot, process._seen

        def become():
            process._snapshot, process._seen = known

        return become

    return read_now
