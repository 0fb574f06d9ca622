"""Which statements may make others wait for long. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from pgassay.model import Lock, Relation, Statement, Step
from pgassay.sql.strengths import STRONGEST_FIRST

BODIES = ("DO", "CALL", "SELECT", "EXECUTE")
_TABLES = ("table", "materialized view")
# It says in its own name that it takes everything away, in no time.
_EMPTIES = ("TRUNCATE TABLE",)
# What is there belongs to a service, and is not of the size that our rows have.
_NOT_OURS = ("auth.", "storage.", "realtime.", "vault.", "cron.", "net.", "supabase_")

Place = tuple[str, int]


class Suspect(Struct, frozen=True):
    """A statement that may make others wait for long.

    `locked` are the tables that nobody else can write when it is through, `slow` those that it goes through. By OID,
    `takers` are the statements of its transaction that have locked them first, `closers` those that have done so for
    readers too.
    """

    step: Step
    locked: tuple[Relation, ...]
    slow: tuple[Relation, ...]
    takers: Mapping[int, Statement]
    closers: Mapping[int, Statement]

    def kept(self) -> tuple[str, ...]:
        """Tables that nobody could read before it began."""
        own = self.step.statement
        return tuple(each.name for each in self.locked if self.closers.get(each.oid, own) is not own)

    def since(self, names: tuple[str, ...], *, for_readers: bool) -> Statement | None:
        """The last of the statements that locked these tables; None when it did so itself."""
        by = self.closers if for_readers else self.takers
        own = self.step.statement
        found = [by.get(each.oid, own) for each in self.locked if each.name in names]
        return None if any(each is own for each in found) else max(found, key=lambda each: each.start, default=None)


def place(statement: Statement) -> Place:
    return statement.location.path, statement.start


def suspects(steps: Iterable[Step]) -> dict[Place, Suspect]:
    """By place. There are none in most changes, which then cost nothing."""
    found = {}
    takers: dict[int, Statement] = {}
    closers: dict[int, Statement] = {}
    for step in steps:
        if step.error:
            continue
        strong, exclusive = _tables(step.held, STRONGEST_FIRST), _tables(step.held, STRONGEST_FIRST[:1])
        takers = {oid: takers.get(oid, step.statement) for oid in strong}
        closers = {oid: closers.get(oid, step.statement) for oid in exclusive}
        tables = sorted(strong.values(), key=lambda each: each.name)
        locked = tuple(each for each in tables if not each.partition) or tuple(tables)
        slow = _goes_through(step)
        suspect = Suspect(step, locked, slow, takers, closers)
        if locked and slow and step.statement.kind not in _EMPTIES and (not _only_looks(step) or has_a_rule(suspect)):
            found[place(step.statement)] = suspect
    return found


def _tables(locks: Iterable[Lock], modes: Iterable[str]) -> dict[int, Relation]:
    return {each.relation.oid: each.relation for each in locks if each.mode in modes and each.relation.kind in _TABLES}


def _goes_through(step: Step) -> tuple[Relation, ...]:
    """Tables of before the change that it reads whole, writes anew or indexes."""
    indexed = (index.table for index in step.built_indexes if not index.concurrently)
    emptied = {each.table.oid for each in step.emptied}
    found = {each.oid: each for each in (*step.scans, *step.rewrites, *indexed)}
    return tuple(
        each
        for oid, each in found.items()
        if each.existed and each.kind in _TABLES and oid not in emptied and not each.name.startswith(_NOT_OURS)
    )


def _only_looks(step: Step) -> bool:
    """A body that writes to none of the tables: it may ask whether a row is there."""
    return step.statement.kind in BODIES and all(each.mode != "RowExclusiveLock" for each in step.held)


def has_a_rule(suspect: Suspect) -> bool:
    """Whether rules that look at one step speak of it: those about rewrites, index builds, scans and foreign keys."""
    step = suspect.step
    match step.statement.kind:
        case "ALTER TABLE" | "ALTER DOMAIN":
            return bool({each.oid for each in suspect.slow} & {each.oid for each in suspect.locked})
        case "CREATE INDEX":
            return True
        case kind if kind in BODIES:
            return bool(step.built_indexes or any(each.kind in _TABLES for each in step.rewrites))
    return False
