"""Watching a file run on tables with many rows, while others want to read and write what it has locked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import monotonic

from msgspec import Struct

from pgassay.model import Blocked, Statement
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.proofs.facts import Facts
from pgassay.proofs.suspects import BODIES, Place, Suspect, has_a_rule, place
from pgassay.proofs.waiting import Others
from pgassay.replay.execute import Executed
from pgassay.replay.gates import Locks, Table, in_the_way
from pgassay.replay.substitutes import Substitutes

_MOST_TABLES = 4
# Rows of the tables that were read, and rows of any table that were written.
_WORKED = """
select
  (select coalesce(sum(pg_stat_get_xact_tuples_returned(c)), 0)::bigint from unnest('{{{oids}}}'::oid[]) c),
  (select coalesce(sum(pg_stat_get_xact_tuples_inserted(l.relation) + pg_stat_get_xact_tuples_updated(l.relation)
     + pg_stat_get_xact_tuples_deleted(l.relation)), 0)::bigint
   from pg_lock_status() l
   where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.mode = 'RowExclusiveLock' and l.relation >= 16384)
"""


class Busy(Struct, frozen=True):
    """A database with many rows and the session that the file runs on. `connect` opens others beside it.

    `filled` are OIDs and names of the tables that have `rows` rows.
    """

    session: Session
    connect: Callable[[], Session]
    facts: Facts
    filled: Mapping[int, str]
    rows: int


class Seen(Struct):
    """What was seen until now. `failures` are the server's words by a table that is blocked, `late` such tables."""

    blocked: list[Blocked] = []
    failures: dict[str, str] = {}
    late: list[str] = []


class Witness:
    """Watches a file run on tables with many rows, and has others come while its locks are there."""

    def __init__(
        self, busy: Busy, others: Others, suspected: Mapping[Place, Suspect], substitutes: Substitutes, seen: Seen
    ) -> None:
        self._session = busy.session
        self._connect = busy.connect
        self._facts = busy.facts
        self._filled = busy.filled
        self._rows = busy.rows
        self._others = others
        self._suspects = suspected
        self._substitutes = substitutes
        self._seen = seen
        self._query = _WORKED.format(oids=",".join(map(str, busy.filled)))
        self._before = (0, 0)
        self._waiting: tuple[tuple[str, ...], tuple[str, ...]] = (), ()
        self._halted = 0.0

    def before(self, statement: Statement) -> None:
        if self._of(statement):
            if not self._session.open:
                # The server keeps the counters of a transaction for up to a second more.
                self._session.run("select pg_catalog.pg_stat_force_next_flush()")
            self._before = look(self._session, self._query)[0] if self._session.open else (0, 0)

    def instead(self, statement: Statement) -> str | None:
        return self._substitutes.instead(statement)

    @contextmanager
    def _standing(self, suspect: Suspect) -> Iterator[None]:
        """Around a statement whose locks are gone when it is through: others come while it waits for a reader."""
        self._halted, self._waiting = 0.0, ((), ())

        def halt(_: Locks) -> None:
            started = monotonic()
            self._waiting = max(self._waiting, self._who_waits(suspect))
            self._halted += monotonic() - started

        relations = (self._facts.by_oid[each.oid] for each in suspect.locked if each.oid in self._facts.by_oid)
        tables = [Table(each.quoted, each.is_table, each.is_partition) for each in relations]
        with in_the_way(self._connect, self._session, tables, halt):
            yield

    def beside(self, statement: Statement) -> AbstractContextManager[None]:
        suspect = self._of(statement)
        return self._standing(suspect) if suspect else nullcontext()

    def after(self, executed: Executed) -> None:
        suspect = self._of(executed.statement)
        if suspect is None:
            return
        if executed.error:
            name = suspect.locked[0].name
            if self._session.seconds_left:
                self._seen.failures[name] = f"with rows, the statement fails: {executed.error.message}"
            else:
                self._seen.late.append(name)
            return
        seconds, works = executed.seconds, True
        if executed.alone:
            reads, writes = self._waiting
            seconds -= self._halted
        elif self._session.open:
            reads, writes = self._who_waits(suspect)
            works = self._works(suspect, for_readers=bool(reads))
        else:
            return
        if reads or writes:
            self._seen.blocked.append(
                Blocked(
                    migration=suspect.step.migration,
                    statement=executed.statement,
                    reads=reads,
                    writes=writes,
                    seconds=seconds,
                    rows=self._rows,
                    filled=tuple(
                        dict.fromkeys(self._filled[each.oid] for each in suspect.slow if each.oid in self._filled)
                    ),
                    production=max((each.rows for each in suspect.slow if each.rows), default=None),
                    works=works,
                    kept=tuple(name for name in suspect.kept() if name in reads),
                    since=suspect.since(reads or writes, for_readers=bool(reads)),
                    has_a_rule=has_a_rule(suspect),
                )
            )

    def _of(self, statement: Statement) -> Suspect | None:
        suspect = self._suspects.get(place(statement))
        return suspect if suspect and any(each.oid in self._filled for each in suspect.slow) else None

    def _works(self, suspect: Suspect, *, for_readers: bool) -> bool:
        """Whether what it does grows with the tables: it writes many rows, or keeps readers out while it reads as many.

        A body may also look for a row or two.
        """
        if has_a_rule(suspect) or suspect.step.rewrites:
            return True
        read, written = look(self._session, self._query)[0]
        scans = for_readers and suspect.step.statement.kind not in BODIES
        return bool(written - self._before[1] >= self._rows or (scans and read - self._before[0] >= self._rows))

    def _who_waits(self, suspect: Suspect) -> tuple[tuple[str, ...], tuple[str, ...]]:
        reads, writes = [], []
        gone_through = {each.oid for each in suspect.slow}
        for table in sorted(suspect.locked, key=lambda each: each.oid not in gone_through)[:_MOST_TABLES]:
            facts = self._facts.by_oid.get(table.oid)
            if facts and self._others.reading_waits(facts.quoted, self._session.pid):
                reads.append(table.name)
            if facts and facts.is_table and self._others.writing_waits(facts.quoted, self._session.pid):
                writes.append(table.name)
        return tuple(reads), tuple(writes)
