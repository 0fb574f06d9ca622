"""Connections to a throwaway server. Imports psycopg, so import this only where a server is used."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen

_ENVIRONMENT = threading.Lock()


class Connection(psycopg.Connection[tuple[Any, ...]]):
    """In autocommit, and no statement waits longer than `limit` seconds: it raises psycopg.OperationalError then."""

    limit = 60.0

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        return super().wait(gen, interval, self.limit if timeout is None else timeout)


def open_connection(host: str | None, database: str | None, user: str | None, **more: Any) -> Connection:
    """Connect. `more` are parameters of libpq. Nothing in our environment (PGOPTIONS, PGSERVICE, PGTZ, ...) has a say.

    Raises psycopg.Error.
    """
    with _without_libpq_variables():
        return Connection.connect(
            host=host,
            dbname=database,
            user=user,
            autocommit=True,
            # Prepared statements of ours would show up in, and be dropped by, the scripts that we run.
            prepare_threshold=None,
            client_encoding="UTF8",
            **{"connect_timeout": 10, "application_name": "pgassay", **more},
        )


@contextmanager
def _without_libpq_variables() -> Iterator[None]:
    with _ENVIRONMENT:
        hidden = {
            name: os.environ.pop(name)
            for name in tuple(os.environ)
            if name.startswith("PG") and not name.startswith("PGASSAY")
        }
        try:
            yield
        finally:
            os.environ.update(hidden)
