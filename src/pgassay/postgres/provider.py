"""What every throwaway server offers, wherever it comes from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from msgspec import Struct

from pgassay.model import ServerError, Unchecked

if TYPE_CHECKING:
    from pgassay.postgres.session import Session

SUPERUSER = "supabase_admin"
"""Supabase's own name for it. Prepares databases that nobody else has touched, and drops databases; nothing more."""

MIGRATION_ROLE = "postgres"
"""What migrations, snapshots and probes run as: LOGIN CREATEDB CREATEROLE BYPASSRLS, never superuser."""

MAINTENANCE_DATABASE = "pgassay"
"""Where the superuser sits. Not `postgres`: migrations say `alter database postgres`, so that name is left to them."""


class Info(Struct, frozen=True):
    """`limits` is what this server lacks, for the report.

    `unconfined` says what is missing of the sandbox around the server and why, None when there is one. `refusals` are
    regular expressions for what the server says, detail included, to statements that another would run. `prepared` are
    databases that were ready on it from the start, `note` is what an earlier run left with them.
    """

    version: str
    major: int
    provider: str
    limits: tuple[Unchecked, ...] = ()
    unconfined: str | None = None
    refusals: tuple[str, ...] = ()
    prepared: tuple[str, ...] = ()
    note: str | None = None

    def is_at_fault(self, error: ServerError) -> bool:
        """The statement is not, then; it went unjudged."""
        said = f"{error.message} {error.detail or ''}"
        return any(re.search(refusal, said) for refusal in self.refusals)


class Template(Struct, frozen=True):
    """A database that a run will clone, and the SQL that makes it out of an empty one. `roles` as in `prepare`."""

    database: str
    sql: str
    roles: tuple[str, ...] = ()


class Provider(Protocol):
    """A server for one run. Everything on it is gone when the `with` block is left, in whatever way.

    Every method raises CannotCheck, with the server's last words, when the server has died.
    """

    @property
    def info(self) -> Info: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def create(self, name: str, *, template: str | None = None) -> None:
        """Make a database. Nobody may be connected to the template."""

    def drop(self, name: str) -> None:
        """Drop a database and end the sessions on it; one that does not exist is no error."""

    def prepare(self, name: str, sql: str, *, roles: Sequence[str] = ()) -> None:
        """Run our own SQL as superuser, in a database that no migration has seen. Raises CannotCheck otherwise.

        `roles` names those that the SQL makes or alters: they belong to the whole server.
        """

    def connect(self, name: str) -> Session:
        """Open a session as the migration role, which owns the database from here on. The superuser stays out."""

    def alive(self) -> bool: ...
