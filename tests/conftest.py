"""One server for the whole test session, and a database of its own for each test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from hypothesis import HealthCheck, settings

from pgassay.postgres.embedded import Embedded
from pgassay.postgres.limits import Limits
from pgassay.replay.bench import Bench

_numbers = count(1)

# On a machine that is busy, a slow example says nothing.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session")
def server() -> Iterator[Embedded]:
    # For as long as the whole suite takes, on a machine however slow.
    with Embedded(limits=Limits(run=7200.0)) as embedded:
        yield embedded


@pytest.fixture(scope="session")
def bench(server: Embedded) -> Bench:
    """The server with environments ready on it, for everything that replays."""
    return Bench(server)


@pytest.fixture
def database(server: Embedded) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    server.create(name)
    yield name
    server.drop(name)
