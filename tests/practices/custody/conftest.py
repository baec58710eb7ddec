"""A server that misbehaves, and visitors that may visit it."""

import pytest

from practices.custody import Visitor
from practices.custody.visiting import Turns
from tests.practices.custody.misbehaving import Server


@pytest.fixture
def server():
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def visitor(server):
    """One in a hurry, who may visit the server and nothing else."""
    return visitor_of(server)


def visitor_of(server, **options):
    def is_allowed(address):
        return address.is_loopback

    return Visitor(
        **{
            "patience": 0.5,
            "longest": 1,
            "most_bytes": 2**20,
            "turns": Turns(pause=0),
            "is_allowed": is_allowed,
            "ports": {80, server.port},
        }
        | options
    )
