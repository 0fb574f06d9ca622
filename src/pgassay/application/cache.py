"""What was read of a file, kept by its content. Whatever is wrong with the cache, the files are there to be read."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from pgassay.postgres.store import VARIABLE

_MOST_ENTRIES = 200_000


class Cache:
    """Entries of other versions of this package are never found: its own source is part of every key."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._version = _digest()
        self._database = sqlite3.connect(path, timeout=2.0, isolation_level=None)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = off")
        self._database.execute("create table if not exists usages (key blob primary key, value blob) without rowid")
        self._fresh: list[tuple[bytes, bytes]] = []

    @classmethod
    def of_user(cls) -> Cache | None:
        """In XDG_CACHE_HOME or ~/.cache; None where it cannot be had, and where a container brings a store: it goes."""
        if os.environ.get(VARIABLE):
            return None
        home = os.environ.get("XDG_CACHE_HOME")
        try:
            folder = (Path(home) if home else Path.home() / ".cache") / "pgassay"
            return cls(folder / "application.sqlite")
        except (OSError, RuntimeError, sqlite3.Error):
            return None

    def get(self, key: bytes) -> bytes | None:
        with suppress(sqlite3.Error):
            row = self._database.execute("select value from usages where key = ?", (self._version + key,)).fetchone()
            return bytes(row[0]) if row else None
        return None

    def put(self, key: bytes, value: bytes) -> None:
        self._fresh.append((self._version + key, value))

    def close(self) -> None:
        """Write what is new."""
        with suppress(sqlite3.Error):
            self._database.execute("begin")
            if self._database.execute("select count(*) from usages").fetchone()[0] > _MOST_ENTRIES:
                self._database.execute("delete from usages")
            self._database.executemany("insert or replace into usages values (?, ?)", self._fresh)
            self._database.execute("commit")
        self._database.close()


def _digest() -> bytes:
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted([*folder.glob("*.py"), folder.parent / "model" / "usage.py"]):
        digest.update(path.read_bytes())
    return digest.digest()[:8]
