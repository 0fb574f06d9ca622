"""What a statement did, read right after it from inside its own transaction.

Every look is one round trip in a savepoint that is always rolled back, with pg_catalog alone on the search path, so
that looking changes nothing and nothing that the migration made can stand in for a system function. Objects are
followed by OID: names change hands within a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from pgassay.model import (
    BuiltIndex,
    Dropped,
    Emptied,
    Lock,
    Migration,
    Relation,
    Renamed,
    Replaced,
    Retyped,
    SkippedTable,
    Statement,
    Step,
    Target,
)
from pgassay.postgres.session import Session
from pgassay.replay import inventory, outcome, shape
from pgassay.replay.alone import Alone
from pgassay.replay.catalog_writes import CatalogWrites, Writes
from pgassay.replay.columns import Columns
from pgassay.replay.execute import Executed
from pgassay.replay.guards import Guards, Hidden
from pgassay.replay.replaced import Replacements
from pgassay.replay.rights import Kept, Rights
from pgassay.replay.state import State
from pgassay.replay.substitutes import Substitutes
from pgassay.sql import commands, names
from pgassay.sql.tags import TRANSACTION_TAGS

_KINDS = {"r": "table", "p": "table", "m": "materialized view", "i": "index", "I": "index", "v": "view"}

# Commands that can take objects away, on purpose or along with others.
_MAY_DROP = ("DROP", "ALTER", "DO", "CALL", "SELECT", "CREATE FUNCTION", "CREATE PROCEDURE", "EXECUTE")
_WITH_A_BODY = ("DO", "CALL", "SELECT", "EXECUTE")


class Observer:
    """Watches the statements of all proposed files on one session and turns them into steps."""

    def __init__(
        self,
        session: Session,
        substitutes: Substitutes,
        table_rows: Mapping[str, int] | None = None,
        connect: Callable[[], Session] | None = None,
    ) -> None:
        """`table_rows` are rows in production, by regular expressions for table names.

        `connect` opens a session beside this one; without it nobody sees the locks of what runs in no transaction.
        """
        self._session = session
        self._alone = Alone(session, connect)
        self._substitutes = substitutes
        self._table_rows = [(re.compile(pattern), rows) for pattern, rows in (table_rows or {}).items()]
        self._state = State(session)
        rows = self._state.all()
        self._existing = frozenset(row[0] for row in rows)
        self._known = {row[0]: row for row in rows}
        self._catalog = CatalogWrites(session)
        self._columns = Columns(session, self._existing)
        self._base_inventory = self._inventory = inventory.take(session)
        self._locks: dict[int, frozenset[str]] = {}
        self._scans: dict[int, int] = {}
        self._skipped: tuple[SkippedTable, ...] = ()
        self._seen: list[Seen] = []
        self._guards = Guards(session)
        self._about_to_hide: tuple[Hidden, ...] = ()
        self._hidden: dict[tuple[str, int], tuple[Hidden, ...]] = {}
        self._replacements = Replacements(session)
        self._replaced: dict[tuple[str, int], Replaced] = {}
        self._rights = Rights(session)
        self._kept: dict[tuple[str, int], Kept] = {}

    def before(self, statement: Statement) -> None:
        self._catalog.before()
        if not self._session.open:
            # Locks and scan counters belong to a transaction.
            self._locks, self._scans = {}, {}
        found = shape.skipped_table(self._session, statement)
        self._skipped = (found,) if found else ()
        self._about_to_hide = self._guards.before(statement)
        self._replacements.before(statement)

    def instead(self, statement: Statement) -> str | None:
        return self._substitutes.instead(statement)

    def beside(self, statement: Statement) -> AbstractContextManager[None]:
        return self._alone.beside(statement, self._known.values())

    def after(self, executed: Executed) -> None:
        if executed.error or executed.statement.kind in TRANSACTION_TAGS:
            # What was looked at last may have been taken back.
            self._state.forget()
        if executed.statement.kind in TRANSACTION_TAGS:
            self._seen.append(Seen())
            if executed.statement.kind in ("COMMIT", "ROLLBACK"):
                self._start_over()
            return
        if executed.error:
            self._seen.append(Seen())
            return
        writes = self._catalog.written()
        rows = self._alone.told(self._state.all()) if executed.alone else self._state.locked(writes)
        statement = executed.statement
        renamed, retyped, emptied = self._changes(rows, statement)
        seen = Seen(
            locks=tuple(self._new_locks(rows)),
            held=tuple(self._held(rows)),
            rewrites=tuple(self._relation(row) for row in rows if self._has_new_file(row)),
            scans=tuple(self._relation(row) for row in rows if row[5] > self._scans.get(row[0], 0)),
            built_indexes=tuple(self._built_indexes(rows, statement)),
            dropped=self._dropped(executed, writes),
            renamed=tuple(renamed),
            retyped=tuple(retyped),
            emptied=tuple(emptied),
            target=self._target(statement),
            skipped=self._skipped,
        )
        self._seen.append(seen)
        if hidden := self._about_to_hide + self._guards.after(executed.statement):
            self._hidden[_place(executed.statement)] = hidden
        if replaced := self._replacements.after(executed.statement):
            self._replaced[_place(executed.statement)] = replaced
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
                held=seen.held,
                rewrites=seen.rewrites,
                scans=seen.scans,
                built_indexes=seen.built_indexes,
                dropped=seen.dropped,
                renamed=seen.renamed,
                retyped=seen.retyped,
                emptied=seen.emptied,
                target=seen.target,
                skipped=seen.skipped,
                notices=done.notices,
                error=done.error,
            )
        self._seen = []
        if any(done.error for done in executed):
            self._start_over()

    def with_outcome(self, steps: Iterable[Step]) -> list[Step]:
        """To be asked at the end: later steps may have made again what a step took away, and taken what it left."""
        return outcome.judged(map(self._at_the_end, steps), self._session, self._base_inventory)

    def _at_the_end(self, step: Step) -> Step:
        if hidden := self._hidden.get(_place(step.statement)):
            still = (each.mismatch for each in hidden if self._guards.is_still_there(each))
            step = replace(step, mismatches=tuple(still))
        if replaced := self._replaced.get(_place(step.statement)):
            step = replace(step, replaced=self._replacements.at_the_end(replaced))
        if kept := self._kept.get(_place(step.statement)):
            step = replace(step, kept_rights=self._rights.at_the_end(kept))
        return step

    def _start_over(self) -> None:
        """After a transaction or a part of it may have been taken back: what is there, as if nothing had been seen."""
        rows = self._state.all()
        self._known |= {row[0]: row for row in rows}
        self._locks = {row[0]: frozenset(row[7]) for row in rows}
        self._scans = {row[0]: row[5] for row in rows}
        self._columns.start_over()
        _, self._inventory = inventory.missing(self._session, self._base_inventory)

    def _held(self, rows: list[tuple[Any, ...]]) -> Iterator[Lock]:
        for row in rows:
            if row[0] in self._existing:
                yield from (Lock(self._relation(row), mode) for mode in row[7])

    def _changes(
        self, rows: list[tuple[Any, ...]], statement: Statement
    ) -> tuple[list[Renamed], list[Retyped], list[Emptied]]:
        """A statement with a body may have truncated, too: a new file under the same columns."""
        exclusive = {row[0]: row for row in rows if row[0] in self._existing and "AccessExclusiveLock" in row[7]}
        if statement.kind == "TRUNCATE TABLE":
            return [], [], list(self._emptied(exclusive.values(), statement))
        if not statement.kind.startswith(_MAY_DROP):
            return [], [], []
        emptied: list[Emptied] = []
        if statement.kind in _WITH_A_BODY and re.search(r"\btruncate\b", statement.text, re.I):
            same = (row for row in exclusive.values() if not self._columns.changed(row[0]))
            emptied += self._emptied(same, statement)
        relations = {oid: self._relation(row) for oid, row in exclusive.items()}
        return *self._columns.changes(list(exclusive), relations), emptied

    def _emptied(self, rows: Iterable[tuple[Any, ...]], statement: Statement) -> Iterator[Emptied]:
        roots: dict[int, tuple[Any, ...]] = {}
        for row in rows:
            if row[3] == "r" and self._has_new_file(row):
                root = row[8] or row[0]
                roots.setdefault(root, self._known.get(root, row))
        relations = getattr(statement.tree, "relations", None)
        asked = {self._find(node.range_var) for node in relations} if relations else None
        for oid, row in roots.items():
            if asked is None:
                named = re.search(rf"(?<!\w){re.escape(row[2])}(?!\w)", statement.text, re.I) is not None
            else:
                named = oid in asked
            yield Emptied(self._relation(row), named)

    def _target(self, statement: Statement) -> Target | None:
        if statement.kind not in ("UPDATE", "DELETE") or statement.tree is None:
            return None
        oid = self._find(statement.tree.relation)
        if oid is None or oid not in self._existing:
            return None
        return Target(self._relation(self._known[oid]), self._columns.of(oid))

    def _find(self, range_var: Any) -> int | None:
        """The OID of a name that a statement says. Without a schema it is that of public, or the only one."""
        found = {row[1]: row[0] for row in self._known.values() if row[2] == range_var.relname and row[3] not in "iI"}
        if range_var.schemaname:
            return found.get(range_var.schemaname)
        return found.get("public") or next(iter(found.values()) if len(found) == 1 else iter(()), None)

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
                    yield BuiltIndex(row[2], self._relation(table), commands.concurrently(statement))

    def _dropped(self, executed: Executed, writes: Writes) -> tuple[Dropped, ...]:
        if not executed.alone and not writes.removals:
            return ()
        if not executed.statement.kind.startswith(_MAY_DROP):
            return ()
        gone, self._inventory = inventory.missing(self._session, self._inventory)
        return inventory.describe(gone, executed.statement)

    def _relation(self, row: tuple[Any, ...]) -> Relation:
        name = names.display(row[1], row[2])
        rows = next((rows for pattern, rows in self._table_rows if pattern.search(name)), None)
        kind = _KINDS.get(row[3], "relation")
        return Relation(row[0], name, kind, row[0] in self._existing, rows, partition=row[8] is not None)


class Seen(Struct, frozen=True):
    locks: tuple[Lock, ...] = ()
    held: tuple[Lock, ...] = ()
    rewrites: tuple[Relation, ...] = ()
    scans: tuple[Relation, ...] = ()
    built_indexes: tuple[BuiltIndex, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    retyped: tuple[Retyped, ...] = ()
    emptied: tuple[Emptied, ...] = ()
    target: Target | None = None
    skipped: tuple[SkippedTable, ...] = ()


def _place(statement: Statement) -> tuple[str, int]:
    return statement.location.path, statement.start
