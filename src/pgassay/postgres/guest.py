"""What a run makes on a server that belongs to somebody else, and how all of it goes away again.

Databases and one role to log in with carry the run's name, `pgassay_TIME_RANDOM`. The roles of an environment have
names that migrations use, so runs share them: they are only made where nobody else has made them, a comment marks them,
and the last run takes them away. Roles that were there before are never altered, nor granted to anybody.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from pgassay.errors import CannotCheck
from pgassay.postgres.databases import quoted
from pgassay.postgres.provider import MIGRATION_ROLE
from pgassay.postgres.session import QueryRefused, Session

MARK = "made by pgassay"
PREFIX = "pgassay_"

ABANDONED_AFTER = 3600
"""Seconds after which a run that nobody is connected for has been killed: far more than one may take."""

_RUN = "^pgassay_[0-9a-f]{8}_[0-9a-f]{8}"
_LOCK = 7494085166
_PASSES = 4

_RUNS = f"select rolname from pg_catalog.pg_roles where rolname ~ '{_RUN}$'"

_ABANDONED = f"""
with now as (select extract(epoch from pg_catalog.clock_timestamp())::bigint as seconds),
names as (
  select rolname as name from pg_catalog.pg_roles where rolname ~ '{_RUN}$'
  union select substring(datname from '{_RUN}') from pg_catalog.pg_database where datname ~ '{_RUN}_'
)
select name from names, now
where ('x' || substring(name from 9 for 8))::bit(32)::bigint < now.seconds - %s and not exists (
  select from pg_catalog.pg_stat_activity
  where name in (usename, application_name) or starts_with(datname, name || '_')
)
"""

# Whoever may create roles becomes an administrator of those that it creates, by a grant of the first superuser.
_WITH_THOSE_THEY_MADE = """
with recursive made as (
  select oid from pg_catalog.pg_roles where oid = any(%s)
  union
  select m.roleid from pg_catalog.pg_auth_members m join made on m.member = made.oid
  where m.admin_option and m.grantor = 10 and m.roleid > made.oid
)
select oid from made
"""

_NEWEST_FIRST = "select rolname from pg_catalog.pg_roles where oid = any(%s) order by oid desc"

_MARKED = "select oid from pg_catalog.pg_roles where pg_catalog.shobj_description(oid, 'pg_authid') = %s"

_SETTINGS_OF = """
select unnest(setconfig) from pg_catalog.pg_db_role_setting where setrole = %s::regrole and setdatabase = 0
"""

_DOOMED_DATABASES = """
select datname from pg_catalog.pg_database where oid = any(%s) or datdba = any(%s)
  or exists (select from unnest(%s::text[]) as run where starts_with(datname, run || '_'))
"""


class Guest:
    """`session` is the login that we were given, in a database of its own. Raises CannotCheck when it may too little.

    `alias` says that migrations act as `postgres`, which nobody else has taken here.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        ((self.user, self.is_superuser, creates, bypasses),) = session.rows(
            "select rolname, rolsuper, rolcreatedb and rolcreaterole, rolbypassrls"
            " from pg_catalog.pg_roles where rolname = current_user"
        )
        if not (self.is_superuser or creates):
            raise CannotCheck(
                f'the user {self.user} of postgres = "url:..." may not create databases and roles; '
                f"let a superuser run `alter role {quoted(self.user)} createdb createrole`, or name another user"
            )
        # Nobody may even take away what he has not got himself; a new role has none of it.
        self._attributes = "nosuperuser nocreatedb noreplication createrole" if self.is_superuser else "createrole"
        if self.is_superuser or bypasses:
            self._attributes += " bypassrls"
        seconds = session.rows("select extract(epoch from pg_catalog.clock_timestamp())::bigint")[0][0]
        self.run = f"{PREFIX}{seconds:08x}_{secrets.token_hex(4)}"
        self.alias = False
        self._databases: list[int] = []
        # Shows other runs that this one is alive.
        session.rows(f"set application_name = '{self.run}'")

    @property
    def migration_role(self) -> str:
        return MIGRATION_ROLE if self.alias else self.run

    def arrive(self, verifier: str) -> None:
        """Take away what killed runs have left, and make the role to log in with."""
        with self._alone():
            self._sweep()
            self._make(self.run, "login connection limit 20")
            self.set_password(verifier)
            if self.is_superuser:
                self._do(f"alter role {self.run} set temp_file_limit = '256MB'")
                # We read what it says.
                self._do(f"alter role {self.run} set lc_messages = 'C'")
                # Nobody who reads the server's log asked for what migrations have to say.
                self._do(f"alter role {self.run} set log_min_messages = fatal")
                self.alias = not self.foreign([MIGRATION_ROLE])
            else:
                self._do(f"grant {self.run} to current_user with inherit true, set true")
            if self.alias:
                self._make(MIGRATION_ROLE, f"nologin {self._attributes}")
                self._do(f"grant {MIGRATION_ROLE} to {self.run} with inherit true, set true")
            else:
                self._do(f"alter role {self.run} with {self._attributes}")

    def set_password(self, verifier: str) -> None:
        """Before every login, because a migration may have given its role another one."""
        self._do(f"alter role {self.run} password '{verifier}'")

    def made_database(self, name: str) -> None:
        """By its number from here on: a migration may rename it."""
        rows = self._rows("select oid from pg_catalog.pg_database where datname = %s", name)
        self._databases += (row[0] for row in rows)

    def foreign(self, roles: Collection[str]) -> list[str]:
        """Those of the roles that somebody else made."""
        rows = self._rows(
            "select rolname from pg_catalog.pg_roles where rolname = any(%s)"
            " and pg_catalog.shobj_description(oid, 'pg_authid') is distinct from %s order by 1",
            list(roles),
            MARK,
        )
        return [row[0] for row in rows]

    @contextmanager
    def with_roles(self, roles: Iterable[str]) -> Iterator[None]:
        """The marked roles are there, and no other run alters them during the block."""
        with self._alone():
            for role in roles:
                self._make(role, "")
            yield
            if self.alias:
                self._take_over_settings()

    def leave(self) -> None:
        """Remove everything of this run, and what runs share when this was the last one."""
        with self._alone():
            self._remove([self.run], self._databases)

    def _take_over_settings(self) -> None:
        """What ALTER ROLE postgres SET says is for those who log in as postgres, and nobody does here."""
        for (setting,) in self._rows(_SETTINGS_OF, MIGRATION_ROLE):
            name, _, value = setting.partition("=")
            self._rows("select pg_catalog.set_config(%s, %s, false)", name, value)
            self._do(f"alter role {self.run} set {quoted(name)} from current")
            self._do(f"reset {quoted(name)}")

    def _make(self, role: str, attributes: str) -> None:
        if not self._rows("select 1 from pg_catalog.pg_roles where rolname = %s", role):
            self._do(f"create role {quoted(role)}")
            self._do(f"comment on role {quoted(role)} is '{MARK}'")
        if attributes:
            self._do(f"alter role {quoted(role)} with {attributes}")

    def _sweep(self) -> None:
        self._remove([row[0] for row in self._rows(_ABANDONED, ABANDONED_AFTER)], [])

    def _remove(self, runs: list[str], databases: list[int]) -> None:
        mine = [row[0] for row in self._rows("select oid from pg_catalog.pg_roles where rolname = any(%s)", runs)]
        if not {row[0] for row in self._rows(_RUNS)} - set(runs):
            # Nobody is left to share these with.
            mine += (row[0] for row in self._rows(_MARKED, MARK))
        doomed = [row[0] for row in self._rows(_WITH_THOSE_THEY_MADE, mine)]
        for (name,) in self._rows(_DOOMED_DATABASES, databases, doomed, runs):
            with suppress(QueryRefused):
                # Its owner may have called it one.
                self._do(f"alter database {quoted(name)} is_template false")
                self._do(f"drop database if exists {quoted(name)} with (force)")
        # The newest first, because without its maker nobody but a superuser may drop a role; then once more for what
        # depended on each other in another way.
        for _ in range(_PASSES):
            for (name,) in self._rows(_NEWEST_FIRST, doomed):
                with suppress(QueryRefused):
                    self._do(f"drop owned by {quoted(name)}")
                with suppress(QueryRefused):
                    self._do(f"drop role {quoted(name)}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One run at a time, as far as they log in to the same database."""
        self._rows("select pg_catalog.pg_advisory_lock(%s)", _LOCK)
        try:
            yield
        finally:
            with suppress(CannotCheck):
                self._rows("select pg_catalog.pg_advisory_unlock(%s)", _LOCK)

    def _do(self, sql: str) -> None:
        self._session.rows(sql)

    def _rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        return self._session.rows(sql, parameters or None)
