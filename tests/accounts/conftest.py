import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _no_tries_of_another_test():
    """The limits of signing in are counted in the cache."""
    cache.clear()
