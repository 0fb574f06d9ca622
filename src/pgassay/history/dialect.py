"""Which database a folder of migrations is for, where its runner has written that down."""

from __future__ import annotations

import json
import re
from pathlib import Path

from pgassay.history.journal import PLACE

LOCK = "migration_lock.toml"
_PROVIDER = re.compile(r'^\s*provider\s*=\s*"(\w+)"', re.M)
_POSTGRES = frozenset({"postgresql", "postgres", "pg", "cockroachdb"})
_LARGEST = 16 * 1024 * 1024


def another_database(folder: Path) -> str | None:
    """What Prisma's lock file or Drizzle's journal names, when that is not PostgreSQL."""
    found = _PROVIDER.search(_text(folder / LOCK))
    named = found[1] if found else _dialect(_text(folder / PLACE))
    return named if named and named.lower() not in _POSTGRES else None


def _dialect(journal: str) -> str | None:
    try:
        named = json.loads(journal)["dialect"]
    except (ValueError, KeyError, TypeError):
        return None
    return named if isinstance(named, str) else None


def _text(path: Path) -> str:
    try:
        if path.is_symlink() or path.stat().st_size > _LARGEST:
            return ""
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
