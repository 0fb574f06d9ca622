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
_UNDISTURBED = {
    "client_min_messages": "notice",
    "default_table_access_method": "heap",
    "default_tablespace": "",
    "default_transaction_isolation": "read\\ committed",
    "default_transaction_read_only": "off",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "local_preload_libraries": "",
    "lock_timeout": "0",
    "quote_all_identifiers": "off",
    "role": "none",
    "row_security": "on",
    "standard_conforming_strings": "on",
    "statement_timeout": "0",
    "temp_tablespaces": "",
}
_UNDISTURBED_SINCE = {17: {"transaction_timeout": "0"}}


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


def undisturbed(major: int) -> str:
    """`options` for a session that works whatever a migration has made the defaults of its role and its database.

    Anybody may ALTER ROLE on himself; the search path is left to it. Settings within the session still count.
    """
    settings = dict(_UNDISTURBED)
    for since, more in _UNDISTURBED_SINCE.items():
        if major >= since:
            settings |= more
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def scram_verifier(connection: Connection, password: str) -> str:
    """What ALTER ROLE takes in place of a password, so that neither the network nor a log has it."""
    return connection.pgconn.encrypt_password(password.encode(), b"", b"scram-sha-256").decode()


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
