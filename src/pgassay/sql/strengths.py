"""Table locks by their strength, in PostgreSQL's words."""

from __future__ import annotations

from collections.abc import Iterable

from pgassay.model import Lock

STRONGEST_FIRST = ("AccessExclusiveLock", "ExclusiveLock", "ShareRowExclusiveLock", "ShareLock")
"""Those that make writers wait; the first one makes readers wait too."""

_WORDS = {
    "AccessExclusiveLock": "ACCESS EXCLUSIVE",
    "ExclusiveLock": "EXCLUSIVE",
    "ShareRowExclusiveLock": "SHARE ROW EXCLUSIVE",
    "ShareLock": "SHARE",
}


def strongest(locks: Iterable[Lock], oid: int) -> str | None:
    """The strongest lock on the relation in words, None when none of them makes writers wait."""
    held = {lock.mode for lock in locks if lock.relation.oid == oid}
    return next((_WORDS[mode] for mode in STRONGEST_FIRST if mode in held), None)


def exclusive(locks: Iterable[Lock]) -> list[str]:
    """The names of tables that nobody else can read, without partitions."""
    found = {
        lock.relation.name
        for lock in locks
        if lock.mode == STRONGEST_FIRST[0] and lock.relation.kind == "table" and not lock.relation.partition
    }
    return sorted(found)
