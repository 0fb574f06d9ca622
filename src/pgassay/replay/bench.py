"""A server with environments ready on it, for one replay or for many in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pgassay.postgres import environments
from pgassay.postgres.embedded import BASE
from pgassay.postgres.provider import Provider, Template
from pgassay.postgres.session import Session
from pgassay.replay.roles import Roles


def template(name: str, default_privileges: str = "legacy") -> Template:
    """An environment as a database to clone."""
    sql = environments.sql(name, default_privileges=default_privileges)
    return Template(f"pgassay_{name}_{default_privileges}", sql, environments.roles(name))


class Bench:
    """Prepares each environment once and clones it from then on."""

    def __init__(self, server: Provider, keep: Callable[[str], None] | None = None) -> None:
        """`keep` puts the server away for the next run, as it is, with a note.

        `roles` are the server's before the last replay.
        """
        self.server = server
        self._keep = keep
        self._prepared = set(server.info.prepared)
        self.roles: Roles | None = None
        self._last: str | None = None

    def environment(self, name: str, *, default_privileges: str = "legacy") -> str:
        """The database that holds the environment, to be used as a template."""
        wanted = template(name, default_privileges)
        if wanted.database not in self._prepared:
            self._forget_roles()
            self.server.create(wanted.database)
            self.server.prepare(wanted.database, wanted.sql, roles=wanted.roles)
            self._prepared.add(wanted.database)
        self._last = wanted.database
        return wanted.database

    def _forget_roles(self) -> None:
        """An environment makes roles and alters them; it must not meet those that a replay has left."""
        if self.roles and self._last:
            with self.clone(BASE, self._last), self.fresh(BASE, self.roles):
                self.roles = None

    @contextmanager
    def base(self, environment: str) -> Iterator[tuple[str, str | None]]:
        """The database for the merged files, and what `keep_base` was told when an earlier run has applied them."""
        if BASE in self._prepared:
            yield BASE, self.server.info.note
            return
        with self.clone(BASE, environment):
            yield BASE, None

    @contextmanager
    def fresh(self, name: str, roles: Roles | None) -> Iterator[Session]:
        """A session on a clone, with the server's `roles` as they were before earlier clones were used."""
        session = self.server.connect(name)
        try:
            # Other runs may be at work on a server of others. The settings of a role are read at its login.
            if roles and self.server.info.provider != "url" and roles.restore(session):
                session.close()
                session = self.server.connect(name)
            yield session
        finally:
            session.close()

    def keep_base(self, note: str) -> None:
        """To be called with nobody connected to the base."""
        if self._keep:
            self._keep(note)

    @contextmanager
    def clone(self, name: str, template: str) -> Iterator[str]:
        """A database for the block. Nobody may be connected to the template, nor to the clone at the end."""
        self.server.create(name, template=template)
        try:
            yield name
        finally:
            if self.server.alive():
                self.server.drop(name)
