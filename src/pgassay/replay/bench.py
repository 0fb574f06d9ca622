"""A server with environments ready on it, for one replay or for many in turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pgassay.postgres import environments
from pgassay.postgres.provider import Provider


class Bench:
    """Prepares each environment once and clones it from then on."""

    def __init__(self, server: Provider) -> None:
        self.server = server
        self._prepared: set[str] = set()

    def environment(self, name: str, *, default_privileges: str = "legacy") -> str:
        """The database that holds the environment, to be used as a template."""
        database = f"pgassay_{name}_{default_privileges}"
        if database not in self._prepared:
            self.server.create(database)
            sql = environments.sql(name, default_privileges=default_privileges)
            self.server.prepare(database, sql, roles=environments.roles(name))
            self._prepared.add(database)
        return database

    @contextmanager
    def clone(self, name: str, template: str) -> Iterator[str]:
        """A database for the block. Nobody may be connected to the template, nor to the clone at the end."""
        self.server.create(name, template=template)
        try:
            yield name
        finally:
            if self.server.alive():
                self.server.drop(name)
