"""What a statement did, read right after it from inside its own transaction.

Every look is one round trip in a savepoint that is always rolled back, with pg_catalog alone on the search path, so
that looking changes nothing and nothing that the migration made can stand in for a system function. Objects are
followed by OID: names change hands within a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pgassay.model import (
    BuiltIndex,
    Dropped,
    Lock,
    Migration,
    Relation,
    SkippedTable,
    Statement,
    Step,
)
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.replay import inventory, shape
from pgassay.replay.execute import Executed
from pgassay.replay.guards import Guards, Hidden
from pgassay.replay.rights import Kept, Rights
from pgassay.replay.substitutes import Substitutes
from pgassay.sql import names
from pgassay.sql.tags import TRANSACTION_TAGS

_STATE = """
select c.oid, n.nspname, c.relname, c.relkind::text, pg_relation_filenode(c.oid), coalesce(s.seq_scan, 0),
       i.indrelid, array(select l.mode from pg_locks l where l.pid = pg_backend_pid() and l.relation = c.oid
                         and l.locktype = 'relation' and l.granted order by 1)
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_index i on i.indexrelid = c.oid
left join pg_stat_xact_user_tables s on s.relid = c.oid
where c.relkind in ('r', 'p', 'm', 'i', 'I', 'v', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
"""
_LOCKED_ONLY = """
  and c.oid in (select l.relation from pg_locks l where l.pid = pg_backend_pid() and l.locktype = 'relation')
"""

_KINDS = {"r": "table", "p": "table", "m": "materialized view", "i": "index", "I": "index", "v": "view"}

# Commands that can take objects away, on purpose or along with others.
_MAY_DROP = ("DROP", "ALTER", "DO", "CALL", "SELECT", "CREATE FUNCTION", "CREATE PROCEDURE", "EXECUTE")


class Observer:
    """Watches the statements of all proposed files on one session and turns them into steps."""

    def __init__(self, session: Session, substitutes: Substitutes) -> None:
        self._session = session
        self._substitutes = substitutes
        rows = look(session, _STATE)
        self._existing = frozenset(row[0] for row in rows)
        self._known = {row[0]: row for row in rows}
        self._base_inventory = self._inventory = inventory.take(session)
        self._locks: dict[int, frozenset[str]] = {}
        self._scans: dict[int, int] = {}
        self._skipped: tuple[SkippedTable, ...] = ()
        self._seen: list[Seen] = []
        self._final: frozenset[tuple[str, str]] | None = None
        self._guards = Guards(session)
        self._about_to_hide: tuple[Hidden, ...] = ()
        self._hidden: dict[tuple[str, int], tuple[Hidden, ...]] = {}
        self._rights = Rights(session)
        self._kept: dict[tuple[str, int], Kept] = {}

    def before(self, statement: Statement) -> None:
        if not self._session.open:
            # Locks and scan counters belong to a transaction; the server keeps the counters for up to a second more.
            self._session.run("select pg_catalog.pg_stat_force_next_flush()")
            self._locks, self._scans = {}, {}
        found = shape.skipped_table(self._session, statement)
        self._skipped = (found,) if found else ()
        self._about_to_hide = self._guards.before(statement)

    def instead(self, statement: Statement) -> str | None:
        return self._substitutes.instead(statement)

    def after(self, executed: Executed) -> None:
        if executed.statement.kind in TRANSACTION_TAGS:
            self._seen.append(Seen())
            if executed.statement.kind in ("COMMIT", "ROLLBACK"):
                self._start_over()
            return
        if executed.error:
            self._seen.append(Seen())
            return
        rows = look(self._session, _STATE if executed.alone else _STATE + _LOCKED_ONLY)
        seen = Seen(
            locks=tuple(self._new_locks(rows)),
            rewrites=tuple(self._relation(row) for row in rows if self._has_new_file(row)),
            scans=tuple(self._relation(row) for row in rows if row[5] > self._scans.get(row[0], 0)),
            built_indexes=tuple(self._built_indexes(rows, executed.statement)),
            dropped=self._dropped(executed.statement),
            skipped=self._skipped,
        )
        self._seen.append(seen)
        if hidden := self._about_to_hide + self._guards.after(executed.statement):
            self._hidden[_place(executed.statement)] = hidden
        if kept := self._rights.after(executed.statement):
            self._kept[_place(executed.statement)] = kept
        self._known |= {row[0]: row for row in rows}
        self._scans |= {row[0]: row[5] for row in rows}

    def steps(self, migration: Migration, executed: list[Executed]) -> Iterator[Step]:
        """The file's statements with what was seen of each; forgets them."""
        for done, seen in zip(executed, self._seen, strict=True):
            if done.error:
                # Perhaps one that only the COMMIT at the end of the file told.
                seen = Seen()
            yield Step(
                done.statement,
                migration,
                done.seconds,
                locks=seen.locks,
                rewrites=seen.rewrites,
                scans=seen.scans,
                built_indexes=seen.built_indexes,
                dropped=seen.dropped,
                skipped=seen.skipped,
                notices=done.notices,
                error=done.error,
            )
        self._seen = []
        if any(done.error for done in executed):
            self._start_over()

    def with_restored(self, step: Step) -> Step:
        """To be asked at the end: later steps may have made again what this one dropped, and taken what it left."""
        if hidden := self._hidden.get(_place(step.statement)):
            still = (each.mismatch for each in hidden if self._guards.is_still_there(each))
            step = replace(step, mismatches=tuple(still))
        if kept := self._kept.get(_place(step.statement)):
            step = replace(step, kept_rights=self._rights.at_the_end(kept))
        if not step.dropped:
            return step
        if self._final is None:
            self._final = frozenset(
                (item.kind, inventory.readable(item.identity)) for item in inventory.take(self._session).values()
            )
        dropped = (replace(each, restored=(each.kind, each.name) in self._final) for each in step.dropped)
        return replace(step, dropped=tuple(dropped))

    def _start_over(self) -> None:
        """After a transaction or a part of it may have been taken back: what is there, as if nothing had been seen."""
        rows = look(self._session, _STATE)
        self._known |= {row[0]: row for row in rows}
        self._locks = {row[0]: frozenset(row[7]) for row in rows}
        self._scans = {row[0]: row[5] for row in rows}
        _, self._inventory = inventory.missing(self._session, self._base_inventory)

    def _new_locks(self, rows: list[tuple[Any, ...]]) -> Iterator[Lock]:
        for row in rows:
            oid, modes = row[0], frozenset(row[7])
            if oid in self._existing:
                for mode in sorted(modes - self._locks.get(oid, frozenset())):
                    yield Lock(self._relation(row), mode)
            self._locks[oid] = modes

    def _has_new_file(self, row: tuple[Any, ...]) -> bool:
        known = self._known.get(row[0])
        return bool(known and row[4] and row[4] != known[4])

    def _built_indexes(self, rows: list[tuple[Any, ...]], statement: Statement) -> Iterator[BuiltIndex]:
        # An index that ALTER TABLE makes again around its old file was not built.
        files = {row[4] for row in self._known.values()}
        for row in rows:
            if row[3] in "iI" and row[0] not in self._known and row[4] not in files:
                table = next((other for other in rows if other[0] == row[6]), None) or self._known.get(row[6])
                if table:
                    yield BuiltIndex(row[2], self._relation(table), _concurrently(statement))

    def _dropped(self, statement: Statement) -> tuple[Dropped, ...]:
        if not statement.kind.startswith(_MAY_DROP):
            return ()
        gone, self._inventory = inventory.missing(self._session, self._inventory)
        return inventory.describe(gone, statement)

    def _relation(self, row: tuple[Any, ...]) -> Relation:
        return Relation(row[0], names.display(row[1], row[2]), _KINDS.get(row[3], "relation"), row[0] in self._existing)


class Seen(Struct, frozen=True):
    locks: tuple[Lock, ...] = ()
    rewrites: tuple[Relation, ...] = ()
    scans: tuple[Relation, ...] = ()
    built_indexes: tuple[BuiltIndex, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    skipped: tuple[SkippedTable, ...] = ()


def _place(statement: Statement) -> tuple[str, int]:
    return statement.location.path, statement.start


def _concurrently(statement: Statement) -> bool:
    return bool(statement.kind == "CREATE INDEX" and statement.tree.concurrent)
