"""The default provider: a PostgreSQL cluster for one run, on this machine, from programs that are already there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from msgspec.structs import replace

from pgassay import __version__
from pgassay.errors import CannotCheck
from pgassay.model import Unchecked
from pgassay.postgres import binaries, data_directory
from pgassay.postgres.cluster import Cluster
from pgassay.postgres.databases import Databases
from pgassay.postgres.limits import DEFAULT, Limits
from pgassay.postgres.provider import MAINTENANCE_DATABASE, MIGRATION_ROLE, SUPERUSER, Info, Template
from pgassay.postgres.session import Session

if TYPE_CHECKING:
    from pgassay.postgres.connection import Connection
    from pgassay.postgres.store import Store

BASE = "pgassay_base"

_UNTIL_DEAD = 6.0
"""Seconds that a server whose backend crashed needs to go down, at most."""


class Embedded:
    """`wanted_major` is preferred among the PostgreSQL versions found; `make` fills the data directory.

    With a `store`, a data directory with the `template` on it is kept for the next run and taken from the last; `base`
    names what `keep` may put on top of it. What runs here is confined, as far as the kernel can, and kept within
    `limits`. Making one, or entering it, raises CannotCheck when no server can be had. For one `with` block each.
    """

    def __init__(
        self,
        wanted_major: int | None = None,
        *,
        make: data_directory.Maker = data_directory.initialise,
        limits: Limits = DEFAULT,
        template: Template | None = None,
        store: Store | None = None,
        base: str | None = None,
    ) -> None:
        self._programs = binaries.find(wanted_major)
        self._make = make
        self._limits = limits
        self._template = template
        self._store = store if template else None
        self._base = base
        self._note: str | None = None
        self._databases = Databases(self._open_as, self._death, limits=limits, stop=self._give_up)

    def __enter__(self) -> Self:
        self._cluster = Cluster(self._programs, self._limits)
        try:
            prepared = self._cluster.start(self._taken_or_made)
            if not prepared:
                self._databases.found()
            version = self._databases.open()
            if self._template and not prepared:
                self._make_template(self._template)
        except BaseException:
            self._stop()
            raise
        databases: tuple[str, ...] = (self._template.database,) if self._template else ()
        if self._note is not None:
            self._databases.know_as_touched(BASE)
            databases += (BASE,)
        info = _info(version, self._programs.major, self._cluster.unconfined)
        self.info = replace(info, prepared=databases, note=self._note)
        return self

    def keep(self, note: str) -> None:
        """Put a copy away for the next run with the same `base`; nobody may be connected."""
        store, key = self._store, self._base_key
        if store and key and not store.read_only:
            self._at_rest(lambda data: store.save(key, data, note))

    def _taken_or_made(self, programs: binaries.Binaries, data: Path, run: data_directory.Run) -> bool:
        if self._store and self._base_key:
            self._note = self._store.restore(self._base_key, data)
        if self._note is not None or (self._store and self._store.restore(self._key, data) is not None):
            return True
        return self._make(programs, data, run)

    def _make_template(self, template: Template) -> None:
        self._databases.create(template.database)
        self._databases.prepare(template.database, template.sql)
        if (store := self._store) and not store.read_only:
            self._at_rest(lambda data: store.save(self._key, data))

    def _at_rest(self, do: Callable[[Path], object]) -> None:
        self._databases.close()
        self._cluster.rest(do)
        self._databases.open()

    @property
    def _base_key(self) -> str | None:
        return hashlib.sha256(f"{self._key} {self._base}".encode()).hexdigest() if self._base else None

    @property
    def _key(self) -> str:
        """Whatever another data directory would follow from."""
        programs, template = self._programs, self._template
        parts = (__version__, programs.version, programs.bin, *data_directory.settings(programs.major), template)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    @property
    def folder(self) -> Path:
        """Everything that this server has on disk, its socket included."""
        return self._cluster.folder

    def create(self, name: str, *, template: str | None = None) -> None:
        self._databases.create(name, template=template)

    def drop(self, name: str) -> None:
        self._databases.drop(name)

    def prepare(self, name: str, sql: str, *, roles: Sequence[str] = ()) -> None:  # noqa: ARG002
        self._databases.prepare(name, sql)

    def connect(self, name: str) -> Session:
        return self._databases.connect(name)

    def alive(self) -> bool:
        return self._cluster.ended() is None

    def _stop(self) -> None:
        try:
            self._databases.close()
        finally:
            self._cluster.close()

    def _give_up(self, why: str) -> None:
        self._cluster.stop(why)

    def _open_as(self, role: str, database: str) -> Connection:
        from pgassay.postgres.connection import open_connection, undisturbed

        options = undisturbed(self._programs.major) if role == MIGRATION_ROLE else ""
        return open_connection(str(self._cluster.socket_folder), database, role, options=options)

    def _death(self) -> CannotCheck | None:
        """Asked for when a connection was lost: of itself, or with the whole server?"""
        import psycopg

        if death := self._cluster.ended(0.05):
            return death
        try:
            self._open_as(SUPERUSER, MAINTENANCE_DATABASE).close()
        except psycopg.Error:
            return self._cluster.ended(_UNTIL_DEAD)
        return None


def _info(version: str, major: int, unconfined: str | None) -> Info:
    missing = Unchecked(
        "the sandbox around the throwaway server",
        f"a part is not to be had ({unconfined}), so a flaw of PostgreSQL would lead to what your own user may do",
        "run pgassay in a container, or on Linux 5.13 or newer",
    )
    return Info(version, major, "embedded", (missing,) if unconfined else (), unconfined)
