"""Databases on a throwaway server, and who may still touch which. The same for every provider."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from pgassay.errors import CannotCheck
from pgassay.model import ServerError
from pgassay.postgres.limits import DEFAULT, Limits
from pgassay.postgres.provider import MAINTENANCE_DATABASE, MIGRATION_ROLE, SUPERUSER
from pgassay.postgres.session import QueryRefused, Session

if TYPE_CHECKING:
    from pgassay.postgres.connection import Connection

_RESERVED = {"template0", "template1"}
_LONGEST_NAME = 63
_DUPLICATE_DATABASE = "42P04"
_DISK_FULL = "53100"
_WRONG_OBJECT_TYPE = "42809"
_UNTIL_LEFT = 1.0
_STILL_THERE = "select exists (select from pg_catalog.pg_stat_activity where datname = %s)"

_ROLE = f"create role {MIGRATION_ROLE} login createdb createrole bypassrls"


class Names(Struct, frozen=True):
    """Who does what. Other names than these are for a server on which somebody else has a say.

    `migration_role` owns what migrations enter; they connect as `login`, which may act as it. `making` is what every
    CREATE DATABASE says besides.
    """

    superuser: str = SUPERUSER
    migration_role: str = MIGRATION_ROLE
    login: str = MIGRATION_ROLE
    maintenance: str = MAINTENANCE_DATABASE
    making: str = "strategy file_copy"


OURS = Names()


class NotPrepared(CannotCheck):
    """SQL of our own failed. `error` is what the server said."""

    def __init__(self, message: str, error: ServerError) -> None:
        super().__init__(message)
        self.error = error


class Databases:
    """`open_as(role, database)` connects, `death` tells why there is no server any more, `stop` ends it.

    The superuser's own session lives in the maintenance database. It never enters a database that a migration has seen,
    where a trigger, a default or a view would run with its rights.
    """

    def __init__(
        self,
        open_as: Callable[[str, str], Connection],
        death: Callable[[], CannotCheck | None],
        names: Names = OURS,
        limits: Limits = DEFAULT,
        stop: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._open_as = open_as
        self.death = death
        self.limits = limits
        self.stop = stop
        self._names = names
        self._made: set[str] = set()
        self._touched: set[str] = set()
        self._handed_over: set[str] = set()
        self._superuser: Session | None = None

    def found(self) -> None:
        """Turn a fresh cluster into one of ours: the migration role, and a maintenance database out of its way."""
        with self._session(SUPERUSER, "template1") as session:
            for statement in (
                f"alter database postgres rename to {MAINTENANCE_DATABASE}",
                f"revoke all on database {MAINTENANCE_DATABASE}, template1 from public",
                _ROLE,
                # What it has the server log would be taken for the server's last words.
                f"alter role {MIGRATION_ROLE} set log_min_messages = fatal",
            ):
                session.rows(statement)

    def open(self) -> str:
        """Open the superuser's session. The server's version, without the words that distributions add."""
        self._superuser = self._session(self._names.superuser, self._names.maintenance)
        return str(self._superuser.rows("show server_version")[0][0]).split()[0]

    def close(self) -> None:
        if self._superuser:
            self._superuser.close()

    def create(self, name: str, *, template: str | None = None) -> None:
        # The superuser's own until a migration enters: another migration could put its own under the same name else.
        words = f"create database {self._quoted(name)} owner {quoted(self._names.superuser)} {self._names.making}"
        if template:
            self._wait_until_left(template)
            self._take_back(template)
        words = f"{words} template {self._quoted(template) if template else 'template0'}"
        try:
            self.ask(words)
        except QueryRefused as refused:
            if refused.error.sqlstate != _DUPLICATE_DATABASE or name in self._made:
                raise _failed(words, refused) from None
            # A migration can create databases too, and nothing but ours has a place here.
            self.drop(name)
            self._command(words)
        self._made.add(name)
        if template in self._touched:
            self._touched.add(name)

    def drop(self, name: str) -> None:
        command = f"drop database if exists {self._quoted(name)} with (force)"
        self.ask(
            "select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity where datname = %s", name
        )
        self._wait_until_left(name)
        try:
            self.ask(command)
        except QueryRefused as refused:
            if refused.error.sqlstate != _WRONG_OBJECT_TYPE:
                raise _failed(command, refused) from None
            # Its owner has called it a template.
            self._command(f"alter database {self._quoted(name)} is_template false")
            self._command(command)
        self._made.discard(name)
        self._touched.discard(name)
        self._handed_over.discard(name)

    def prepare(self, name: str, sql: str) -> None:
        self._quoted(name)
        if name in self._touched:
            raise CannotCheck(
                f"database {name} has been open to migrations, so the superuser no longer enters it; please report this"
            )
        with self._session(self._names.superuser, name) as session:
            error = session.run(sql).error
        if error:
            line = sql.count("\n", 0, error.position or 0) + 1
            raise NotPrepared(
                f"the environment of {name} cannot be built: line {line}: {error.sqlstate}: {error.message}; "
                "please report it",
                error,
            )

    def _take_back(self, name: str) -> None:
        """A template is the superuser's again: the next migration could drop or rename it else."""
        if name in self._handed_over:
            self._command(f"alter database {self._quoted(name)} owner to {quoted(self._names.superuser)}")
            self._handed_over.discard(name)

    def know_as_touched(self, name: str) -> None:
        """A database that came with the data directory and that migrations of an earlier run have seen."""
        self._touched.add(name)
        self._handed_over.add(name)

    def connect(self, name: str) -> Session:
        if name in self._touched:
            self._open_again(name)
        self._touched.add(name)
        if name not in self._handed_over:
            self._command(f"alter database {self._quoted(name)} owner to {quoted(self._names.migration_role)}")
            self._handed_over.add(name)
        return self._session(self._names.login, name)

    def _open_again(self, name: str) -> None:
        """Its owner may have shut it behind him."""
        database = f"database {self._quoted(name)}"
        ((shut,),) = self.ask(
            "select not datallowconn or datconnlimit <> -1 or datdba <> %s::regrole or datacl is not null"
            " from pg_catalog.pg_database where datname = %s",
            quoted(self._names.migration_role),
            name,
        ) or [(False,)]
        if shut and name in self._handed_over:
            for words in (
                f"alter {database} with allow_connections true connection limit -1",
                f"alter {database} owner to {quoted(self._names.migration_role)}",
                f"grant connect on {database} to {quoted(self._names.login)}",
            ):
                with suppress(QueryRefused):
                    self.ask(words)

    def terminate(self, pid: int) -> None:
        # On a session of its own: it may be the superuser's own that does not end.
        with suppress(CannotCheck), self._session(self._names.superuser, self._names.maintenance) as session:
            session.rows("select pg_catalog.pg_terminate_backend(%s)", [pid])

    def _wait_until_left(self, name: str) -> None:
        """A session closed just now is still there for a moment, and the server looks again after 0.1 s only."""
        deadline = time.monotonic() + _UNTIL_LEFT
        while time.monotonic() < deadline and self.ask(_STILL_THERE, name)[0][0]:
            time.sleep(0.0005)

    def _command(self, sql: str) -> None:
        try:
            self.ask(sql)
        except QueryRefused as refused:
            raise _failed(sql, refused) from None

    def ask(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        """A question of ours to the superuser's session, in the maintenance database."""
        assert self._superuser is not None
        return self._superuser.rows(sql, parameters or None)

    def _session(self, role: str, database: str) -> Session:
        def connect() -> Connection:
            return self._connection(role, database)

        return Session(connect(), self, connect)

    def _connection(self, role: str, database: str) -> Connection:
        import psycopg

        try:
            return self._open_as(role, database)
        except psycopg.Error as error:
            if death := self.death():
                raise death from None
            words = " ".join(str(error).split())
            raise CannotCheck(f"no connection to database {database} as {role}: {words}; run pgassay again") from None

    def _quoted(self, name: str) -> str:
        taken = {*_RESERVED, self._names.maintenance}
        if not name or "\0" in name or len(name.encode()) > _LONGEST_NAME or name in taken:
            raise CannotCheck(f"{name!r} cannot be the name of a throwaway database; please report it")
        return quoted(name)


def _failed(sql: str, refused: QueryRefused) -> CannotCheck:
    room = "make room on the server's disk and " if refused.error.sqlstate == _DISK_FULL else ""
    return CannotCheck(f"{sql}: {refused.error.message}; {room}run pgassay again")


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
