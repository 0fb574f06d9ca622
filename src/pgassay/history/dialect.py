"""Which database a folder of migrations is for, where its runner has written that down."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pgassay.history.journal import journal_of

LOCK = "migration_lock.toml"
_POSTGRES = frozenset({"postgresql", "postgres", "cockroachdb"})


def another_database(folder: Path) -> str | None:
    """What Prisma's lock file or Drizzle's journal names, when that is not PostgreSQL."""
    journal = journal_of(folder)
    named = _provider(folder / LOCK) or (journal.dialect if journal else None)
    return named if named and named not in _POSTGRES else None


def _provider(lock: Path) -> str | None:
    try:
        named = None if lock.is_symlink() else tomllib.loads(lock.read_text(encoding="utf-8")).get("provider")
    except (OSError, ValueError):
        return None
    return named if isinstance(named, str) else None
