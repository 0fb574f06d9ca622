"""`postgres = "container:IMAGE"`: a server of any image that is made like the official one, for one run.

On a Supabase image its own database is dropped, because only the platform's services would complete it: `auth.users`
has the shape of 2018 there, and most of storage and realtime is missing. Databases are made from template0 with the
same environment as everywhere else; what stays of the image are its extensions, its libraries and its settings.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pgassay.errors import CannotCheck
from pgassay.postgres import data_directory
from pgassay.postgres.binaries import OLDEST_MAJOR
from pgassay.postgres.databases import Databases
from pgassay.postgres.docker_server import LOOPBACK, DockerServer
from pgassay.postgres.limits import DEFAULT, Limits
from pgassay.postgres.provider import MAINTENANCE_DATABASE, MIGRATION_ROLE, SUPERUSER, Info
from pgassay.postgres.session import Session

if TYPE_CHECKING:
    from pgassay.postgres.connection import Connection

_UNTIL_READY = 180.0
_UNTIL_DEAD = 6.0
_FIRST_DATABASE = "postgres"

# The image decides where it listens. Workers of pg_cron and pg_net act with a superuser's rights in the database that
# they are told: one that no migration enters.
_SETTINGS = {
    **{
        name: value
        for name, value in data_directory.SETTINGS.items()
        if name != "listen_addresses" and not name.startswith("unix_socket_")
    },
    "cron.database_name": MAINTENANCE_DATABASE,
    "pg_net.database_name": MAINTENANCE_DATABASE,
}

_ATTRIBUTES = "login nosuperuser createdb createrole noreplication bypassrls"

_TOO_POWERFUL = """
select pg_catalog.string_agg(rolname, ', ' order by rolname) from pg_catalog.pg_roles
where (rolsuper or rolname in ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'))
  and pg_catalog.pg_has_role(%s, oid, 'member')
"""


class Container:
    """Making one raises CannotCheck when no Docker daemon answers or there is no such image; for one `with` block."""

    def __init__(self, image: str, *, limits: Limits = DEFAULT) -> None:
        self._image = image
        self._server = DockerServer(image, limits)
        self._databases = Databases(self._open_as, self._death, limits=limits, stop=self._server.stop)
        self._passwords = {role: secrets.token_urlsafe(24) for role in (SUPERUSER, MIGRATION_ROLE)}

    def __enter__(self) -> Self:
        try:
            environment = {
                "POSTGRES_USER": SUPERUSER,
                "POSTGRES_PASSWORD": self._passwords[SUPERUSER],
                "POSTGRES_DB": _FIRST_DATABASE,
            }
            self._server.start(environment, [word for item in _SETTINGS.items() for word in ("-c", "=".join(item))])
            self._port = self._server.port()
            self._found()
            version = self._databases.open()
            self._refuse_powerful_role()
        except BaseException:
            self._stop()
            raise
        self.info = Info(version, self._major, f"container:{self._image}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def create(self, name: str, *, template: str | None = None) -> None:
        self._databases.create(name, template=template)

    def drop(self, name: str) -> None:
        self._databases.drop(name)

    def prepare(self, name: str, sql: str, *, roles: Sequence[str] = ()) -> None:
        self._databases.prepare(name, sql)
        if roles:
            self._refuse_powerful_role()

    def connect(self, name: str) -> Session:
        # A migration may have given its role another one.
        self._databases.ask(f"alter role {MIGRATION_ROLE} password '{self._verifiers[MIGRATION_ROLE]}'")
        return self._databases.connect(name)

    def alive(self) -> bool:
        return self._server.ended() is None

    def _stop(self) -> None:
        try:
            self._databases.close()
        finally:
            self._server.close()

    def _open_as(self, role: str, database: str) -> Connection:
        from pgassay.postgres.connection import open_connection, undisturbed

        options = undisturbed(self._major) if role == MIGRATION_ROLE else ""
        password = self._passwords[role]
        return open_connection(
            LOOPBACK, database, role, port=self._port, password=password, sslmode="disable", options=options
        )

    def _found(self) -> None:
        """Turn what the image made into a server of ours."""
        import psycopg

        with self._first_connection() as connection:
            self._server.serving = True
            self._major = connection.info.server_version // 10000
            if self._major < OLDEST_MAJOR:
                raise CannotCheck(
                    f"{self._image} is PostgreSQL {self._major}, but pgassay needs {OLDEST_MAJOR} or newer: before "
                    "that, a role that may create roles can give itself a shell; name a newer image in `postgres`"
                )
            try:
                connection.execute(f"create database {MAINTENANCE_DATABASE} template template0")
            except psycopg.Error as error:
                raise self._unusable(error) from None
        try:
            with self._open_as(SUPERUSER, MAINTENANCE_DATABASE) as connection:
                self._make_ours(connection)
        except psycopg.Error as error:
            raise self._unusable(error) from None

    def _make_ours(self, connection: Connection) -> None:
        from pgassay.postgres.connection import scram_verifier

        # Its name is left to migrations, which say `alter database postgres`.
        connection.execute(f"drop database if exists {_FIRST_DATABASE} with (force)")
        connection.execute(f"revoke all on database {MAINTENANCE_DATABASE}, template1 from public")
        found = connection.execute("select from pg_catalog.pg_roles where rolname = %s", [MIGRATION_ROLE])
        if not found.rowcount:
            connection.execute(f"create role {MIGRATION_ROLE}")
        connection.execute(f"alter role {MIGRATION_ROLE} with {_ATTRIBUTES}")
        connection.execute(f"alter role {MIGRATION_ROLE} reset all")
        # What it has the server log would be taken for the server's last words.
        connection.execute(f"alter role {MIGRATION_ROLE} set log_min_messages = fatal")
        # The server's own environment still holds the superuser's first password.
        self._passwords[SUPERUSER] = secrets.token_urlsafe(24)
        self._verifiers = {role: scram_verifier(connection, password) for role, password in self._passwords.items()}
        for role, verifier in self._verifiers.items():
            connection.execute(f"alter role {role} password '{verifier}'")

    def _first_connection(self) -> Connection:
        """The entrypoint's own server for setting up listens to no port, so who answers is the one that stays."""
        import psycopg

        deadline = time.monotonic() + _UNTIL_READY
        while True:
            try:
                return self._open_as(SUPERUSER, _FIRST_DATABASE)
            except psycopg.Error as error:
                words = " ".join(str(error).split())
                if ended := self._server.ended(0.02):
                    raise ended from None
                if "FATAL" in words and "starting up" not in words:
                    raise self._unusable(error) from None
                if time.monotonic() > deadline:
                    raise CannotCheck(
                        f"{self._image} does not answer on {LOOPBACK}:{self._port} after {_UNTIL_READY:g} s ({words}), "
                        f"its last words: {self._server.last_words}; when pgassay itself runs in a container, start "
                        'the server beside it and name it with postgres = "url:..."'
                    ) from None

    def _unusable(self, error: Exception) -> CannotCheck:
        words = " ".join(str(error).split())
        return CannotCheck(
            f"{self._image} is not set up as the official image is: {words}; name an image that is derived from it"
        )

    def _refuse_powerful_role(self) -> None:
        """Images may have granted postgres more than it can have here."""
        powers = self._databases.ask(_TOO_POWERFUL, MIGRATION_ROLE)[0][0]
        if powers:
            raise CannotCheck(
                f"in {self._image} the role {MIGRATION_ROLE} may become {powers}, which would let a migration run "
                "programs; name another image in `postgres`"
            )

    def _death(self) -> CannotCheck | None:
        """Asked for when a connection was lost: of itself, or with the whole server?"""
        import psycopg

        if death := self._server.ended(0.05):
            return death
        try:
            self._open_as(SUPERUSER, MAINTENANCE_DATABASE).close()
        except psycopg.Error:
            return self._server.ended(_UNTIL_DEAD)
        return None
