"""`postgres = "url:DSN"`: a server that somebody else runs, such as the service container of a job.

Only our own databases and roles are made, used and removed there (see guest.py). The name `postgres` is somebody else's
on many servers: where the role is there already, migrations run as a role with the name of the run, and an environment
that needs `postgres` and its like to be ours is refused. The database `postgres` is never ours.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from itertools import count
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pgassay.errors import CannotCheck
from pgassay.postgres.binaries import OLDEST_MAJOR
from pgassay.postgres.databases import Databases, Names, NotPrepared
from pgassay.postgres.dsn import Dsn
from pgassay.postgres.guest import Guest
from pgassay.postgres.limits import DEFAULT, Limits
from pgassay.postgres.neighbours import databases_with_tables
from pgassay.postgres.provider import MIGRATION_ROLE, Info
from pgassay.postgres.session import Session

if TYPE_CHECKING:
    from pgassay.postgres.connection import Connection

_SETTING = 'postgres = "url:..."'
# Where others have a say, no operator of theirs stands in for a system one.
_LOOKING = "-c search_path=pg_catalog,pg_temp"

# CREATE DATABASE, and whatever is about the database `postgres`.
_ABOUT_DATABASES = (
    r"^permission denied to create database ",
    r"^must be owner of database postgres ",
    r"^permission denied for database postgres ",
    r'^database "postgres" does not exist ',
)

# ALTER ... OWNER TO postgres, SET ROLE postgres, ALTER DEFAULT PRIVILEGES FOR ROLE postgres.
_ABOUT_ROLES = (
    r'^(?:must be able to SET ROLE|permission denied to .*) "postgres"',
    r'^permission denied to \w+ role .* role "postgres"',
    r"^permission denied to change default privileges ",
    r'^role "postgres" does not exist ',
)


class Url:
    """A server that also holds the data of others is refused unless `shared`. For one `with` block each.

    Entering raises CannotCheck when the server cannot be had or may not be used. No message holds the password.
    """

    def __init__(self, dsn: Dsn, *, shared: bool = False, limits: Limits = DEFAULT) -> None:
        self.limits = limits
        self._dsn = dsn
        self._shared = shared
        self._numbers = count(1)
        self._databases: Databases | None = None
        self._guest: Guest | None = None
        self._given_up: CannotCheck | None = None
        self._names: dict[str, str] = {}
        self._password = secrets.token_urlsafe(24)

    def __enter__(self) -> Self:
        from pgassay.postgres.connection import scram_verifier

        connection = self._first_connection()
        self._session = Session(connection, self)
        self._verifier = scram_verifier(connection, self._password)
        try:
            version, self._major = self._refuse_unfit()
            guest = Guest(self._session)
            if not self._shared:
                self._refuse_others()
            self._guest = guest
            guest.arrive(self._verifier)
            self._databases = Databases(self._open_as, self.death, self._names_there(guest), self.limits, self.stop)
            self._databases.open()
        except BaseException:
            self._stop()
            raise
        refusals = _ABOUT_DATABASES if guest.alias else (*_ABOUT_DATABASES, *_ABOUT_ROLES)
        self.info = Info(version, self._major, "url", unconfined="somebody else runs the server", refusals=refusals)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def create(self, name: str, *, template: str | None = None) -> None:
        databases, guest = self._inside()
        if name in self._names:
            raise CannotCheck(f"database {name} already exists; run pgassay again")
        there = f"{guest.run}_{next(self._numbers)}"
        databases.create(there, template=self._there(template) if template else None)
        self._names[name] = there
        guest.made_database(there)

    def drop(self, name: str) -> None:
        self._inside()[0].drop(self._there(name))
        self._names.pop(name, None)

    def prepare(self, name: str, sql: str, *, roles: Sequence[str] = ()) -> None:
        databases, guest = self._inside()
        try:
            if roles:
                self._refuse_roles(roles)
                with guest.with_roles(roles):
                    databases.prepare(self._there(name), sql)
            else:
                # On the first line, so that a message counts right.
                databases.prepare(self._there(name), f"set pgassay.migration_role = '{guest.migration_role}'; {sql}")
        except NotPrepared as error:
            if guest.is_superuser or error.error.sqlstate != "42501":
                raise
            raise CannotCheck(
                f"the user {guest.user} cannot prepare a database for migrations: {error.error.message}; "
                f"name a superuser in {_SETTING}"
            ) from None

    def connect(self, name: str) -> Session:
        databases, guest = self._inside()
        guest.set_password(self._verifier)
        return databases.connect(self._there(name))

    def alive(self) -> bool:
        return self.death() is None

    def terminate(self, pid: int) -> None:
        self._inside()[0].terminate(pid)

    def stop(self, why: str) -> None:
        """The server is not ours to stop, so this only gives up on it."""
        self._given_up = CannotCheck(why)

    def death(self) -> CannotCheck | None:
        """Asked for when a connection was lost: of itself, or with the whole server?"""
        import psycopg

        if self._given_up:
            return self._given_up
        try:
            with self._connection(options=_LOOKING) as connection:
                row = connection.execute(
                    "select exists (select from pg_catalog.pg_stat_activity where pid = %s)", [self._session.pid]
                ).fetchone()
        except psycopg.Error as error:
            return CannotCheck(
                f"the server at {self._dsn.place} no longer answers: {_words(error)}; see its log and run pgassay again"
            )
        if row and row[0]:
            return None
        return CannotCheck(
            f"the server at {self._dsn.place} has ended pgassay's sessions, as after a crash or a restart; "
            "see its log, and run pgassay again"
        )

    def _stop(self) -> None:
        try:
            if self._databases:
                self._databases.close()
            if self._guest:
                self._guest.leave()
        except CannotCheck:
            # Whatever stays has the name of this run, and a later one takes it away.
            pass
        finally:
            self._session.close()

    def _inside(self) -> tuple[Databases, Guest]:
        assert self._databases
        assert self._guest
        return self._databases, self._guest

    def _there(self, name: str) -> str:
        """What a database is called on the server. One that was never made has no other name than its own."""
        return self._names.get(name, f"{self._inside()[1].run}_{name}"[:63])

    def _connection(
        self, database: str | None = None, user: str | None = None, password: str | None = None, options: str = ""
    ) -> Connection:
        from pgassay.postgres.connection import open_connection

        dsn = self._dsn
        if user is None:
            user, password = dsn.user, dsn.password
        more = {**dsn.parameters, "password": password}
        if options:
            more["options"] = f"{dsn.parameters.get('options', '')} {options}"
        return open_connection(more.pop("host", None), database or dsn.database, user, **more)

    def _open_as(self, role: str, database: str) -> Connection:
        from pgassay.postgres.connection import undisturbed

        assert self._guest
        if role != self._guest.run:
            return self._connection(database, options="" if database.startswith(self._guest.run) else _LOOKING)
        options = undisturbed(self._major) + (f" -c role={MIGRATION_ROLE}" if self._guest.alias else "")
        return self._connection(database, role, self._password, options)

    def _first_connection(self) -> Connection:
        import psycopg

        try:
            return self._connection(options=_LOOKING)
        except psycopg.Error as error:
            raise CannotCheck(
                f"no connection to the server at {self._dsn.place}: {_words(error)}; "
                f"put host, port, user and password of {_SETTING} right, or start the server"
            ) from None

    def _refuse_unfit(self) -> tuple[str, int]:
        ((version, number, recovering, read_only),) = self._session.rows(
            "select current_setting('server_version'), current_setting('server_version_num')::int,"
            " pg_catalog.pg_is_in_recovery(), current_setting('default_transaction_read_only')::bool"
        )
        if number < OLDEST_MAJOR * 10000:
            raise CannotCheck(
                f"the server at {self._dsn.place} is PostgreSQL {version.split()[0]}, but pgassay needs {OLDEST_MAJOR} "
                "or newer: before that, a role that may create roles can give itself a shell; name a newer server"
            )
        if recovering or read_only:
            raise CannotCheck(f"the server at {self._dsn.place} is read-only; name one that can be written")
        return version.split()[0], number // 10000

    def _refuse_others(self) -> None:
        found = databases_with_tables(self._session, lambda name: self._connection(name, options=_LOOKING))
        if found:
            more = f" and {len(found) - 5} more" if len(found) > 5 else ""
            raise CannotCheck(
                f"the server at {self._dsn.place} has tables of others in its databases {', '.join(found[:5])}{more}, "
                "and migrations that anybody may propose would run beside them; name a server without data, or set "
                "allow_shared_server = true"
            )

    def _refuse_roles(self, roles: Sequence[str]) -> None:
        _, guest = self._inside()
        place, otherwise = self._dsn.place, 'or use postgres = "embedded"'
        if not guest.is_superuser:
            raise CannotCheck(
                f"the environment of this project takes a superuser, which {guest.user} at {place} is not; "
                f"name one in {_SETTING}, {otherwise}"
            )
        if not guest.alias:
            raise CannotCheck(
                f"the environment of this project needs {MIGRATION_ROLE} to be an ordinary role of pgassay's, and the "
                f"server at {place} has one already; start it with another superuser, as POSTGRES_USER=supabase_admin "
                f"does for an official image, {otherwise}"
            )
        if foreign := guest.foreign(roles):
            raise CannotCheck(
                f"the server at {place} already has the roles {', '.join(foreign)}, and pgassay alters no role that it "
                f"has not made; name a server without them, {otherwise}"
            )

    def _names_there(self, guest: Guest) -> Names:
        ((maintenance, encoding),) = self._session.rows(
            "select current_database(), pg_catalog.pg_encoding_to_char(encoding)"
            " from pg_catalog.pg_database where datname = 'template0'"
        )
        making = "strategy wal_log"
        if encoding != "UTF8":
            making += " encoding 'UTF8' locale_provider 'libc' locale 'C'"
        return Names(guest.user, guest.migration_role, guest.run, maintenance, making)


def _words(error: Exception) -> str:
    return " ".join(str(error).split())
