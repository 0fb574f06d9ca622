"""The locks of a statement that runs in no transaction of its caller's, seen while it stands still.

CREATE INDEX CONCURRENTLY and its kin commit on the way, and when they are through their locks are gone. Sampling would
be a race; so other sessions stand in the way, holding what such a statement has to wait for. Wherever it stands it is
looked at, and whoever it waits for goes away:

- SHARE UPDATE EXCLUSIVE on the tables, which all of these commands ask for at first or at some stronger level;
- a snapshot and ACCESS SHARE on the tables: concurrent builds wait for older snapshots, concurrent drops and detaches
  for everybody who uses the table, VACUUM FULL for readers;
- ACCESS SHARE on partitions, without a snapshot: what DETACH CONCURRENTLY locks in its second transaction.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from msgspec import Struct

from pgassay.errors import CannotCheck
from pgassay.postgres.session import Session

_LOOK = """
select pg_catalog.pg_blocking_pids(%(pid)s),
  array(select l.relation::bigint from pg_catalog.pg_locks l where l.pid = %(pid)s and l.locktype = 'relation'
        order by l.relation, l.mode),
  array(select l.mode from pg_catalog.pg_locks l where l.pid = %(pid)s and l.locktype = 'relation'
        order by l.relation, l.mode)
"""
_LIMITS = """
select count(*) from pg_catalog.pg_settings
where name in ('lock_timeout', 'statement_timeout', 'transaction_timeout') and setting::int between 1 and %s
"""
_SOON = 2_000
"""Milliseconds: a session that waits no longer than that could fail at a gate on a busy machine."""
_EVERY = 0.001
_PATIENCE = 2.0

Locks = dict[int, set[str]]


class Table(Struct, frozen=True):
    """`quoted` is the name for SQL; only a `lockable` one can be named in LOCK TABLE."""

    quoted: str
    lockable: bool = True
    partition: bool = False


class Gate(Struct):
    session: Session
    pid: int


@contextmanager
def in_the_way(
    connect: Callable[[], Session], session: Session, tables: Sequence[Table], standing: Callable[[Locks], None]
) -> Iterator[None]:
    """While `session` runs something in the block, `standing` hears of each halt which locks it holds or asks for.

    `standing` is called from another thread. Nothing is in the way of a session that gives up soon.
    """
    if not tables or session.rows(_LIMITS, [_SOON])[0][0]:
        yield
        return
    with connect() as looking:
        gates = list(_gates(connect, tables))
        over = threading.Event()
        watching = threading.Thread(target=_watch, args=(looking, session.pid, gates, over, standing), daemon=True)
        watching.start()
        try:
            yield
        finally:
            over.set()
            watching.join()


def _gates(connect: Callable[[], Session], tables: Sequence[Table]) -> Iterator[Gate]:
    lockable = [table for table in tables if table.lockable]
    readers = [f"select from only {table.quoted} limit 0" for table in tables]
    partitions = [table for table in lockable if table.partition]
    for begin, statements in (
        ("begin", [f"lock table only {table.quoted} in share update exclusive mode" for table in lockable]),
        ("begin isolation level repeatable read", readers),
        ("begin", [f"lock table only {table.quoted} in access share mode" for table in partitions]),
    ):
        if statements:
            session = connect()
            session.run(begin, timeout=_PATIENCE)
            for statement in statements:
                # What is not ours to lock is left out.
                session.run("savepoint gate", timeout=_PATIENCE)
                if session.run(statement, timeout=_PATIENCE).error:
                    session.run("rollback to savepoint gate", timeout=_PATIENCE)
            yield Gate(session, session.pid)


def _watch(
    looking: Session, pid: int, gates: list[Gate], over: threading.Event, standing: Callable[[Locks], None]
) -> None:
    try:
        while gates and not over.wait(_EVERY):
            ((blockers, relations, modes),) = looking.rows(_LOOK, {"pid": pid}, timeout=_PATIENCE)
            reached = [gate for gate in gates if gate.pid in blockers]
            if reached:
                locks: Locks = {}
                for relation, mode in zip(relations, modes, strict=True):
                    locks.setdefault(relation, set()).add(mode)
                standing(locks)
            for gate in reached:
                gates.remove(gate)
                gate.session.close()
    except CannotCheck:
        # Ended by what runs: then nothing is in its way any more.
        pass
    finally:
        for gate in gates:
            gate.session.close()
