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
        self._prepared: dict[str, str] = {}

    def environment(self, name: str) -> str:
        """The database that holds the environment, to be used as a template."""
        if name not in self._prepared:
            database = f"pgassay_{name}"
            self.server.create(database)
            self.server.prepare(database, environments.sql(name))
            self._prepared[name] = database
        return self._prepared[name]

    @contextmanager
    def clone(self, name: str, template: str) -> Iterator[str]:
        """A database for the block. Nobody may be connected to the template, nor to the clone at the end."""
        self.server.create(name, template=template)
        try:
            yield name
        finally:
            if self.server.alive():
                self.server.drop(name)
