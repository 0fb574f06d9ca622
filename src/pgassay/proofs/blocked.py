"""Blocked time: each proposed file whose locks matter run once more on tables with many rows, while others wait.

Only tables that were there before the change, only where the replay saw a lock that makes others wait, and only where
the statement's work grows with a table. Whether somebody waited is what the server says of its sessions; how long is
measured and said, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext, suppress
from time import monotonic

from msgspec import Struct
from msgspec.structs import replace

from pgassay.errors import CannotCheck
from pgassay.model import Blocked, Migration, Unchecked
from pgassay.postgres import environments
from pgassay.postgres.look import look
from pgassay.postgres.session import OutOfTime, Session
from pgassay.proofs.budget import MORE_TIME
from pgassay.proofs.facts import Facts, read_facts
from pgassay.proofs.many import Wanted, multiply
from pgassay.proofs.suspects import Place, Suspect, has_a_rule, place, suspects
from pgassay.proofs.waiting import Others
from pgassay.proofs.witness import Busy, Seen, Witness
from pgassay.replay.base import Unobserved
from pgassay.replay.execute import execute
from pgassay.replay.ground import Ground
from pgassay.sql import commands

_CHAIN = "pgassay_calm"
_BUSY = "pgassay_busy"
_PATIENCE = 6.0
"""Seconds for one file, rows and all."""
_GRACE = 0.3
_MEASURING = 10.0
"""Seconds for all files on many rows. Who waits is found out on few of them, and has all the time of the stage."""
_FEW = 1_000
_MOST_TABLES = 6
"""For one file."""
_ROOTS = """
select c.oid::bigint, pg_partition_root(c.oid)::oid::bigint from pg_class c
where c.relispartition and c.relkind in ('r', 'p')
"""


class Measured(Struct, frozen=True):
    blocked: tuple[Blocked, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()


def measure(ground: Ground, rows: int, until: float) -> Measured:
    """`until` is a time of the monotonic clock. Raises CannotCheck when the server dies."""
    suspected = suspects(ground.steps)
    if not suspected:
        return Measured()
    return _Measuring(ground, suspected, rows, until).all()


class _Measuring:
    def __init__(self, ground: Ground, suspected: Mapping[Place, Suspect], rows: int, until: float) -> None:
        self._ground = ground
        self._suspects = suspected
        self._rows = rows
        self._until = until
        self._measured_until = min(until, monotonic() + _MEASURING)
        self._failures: dict[str, str] = {}
        self._late: list[str] = []

    def all(self) -> Measured:
        bench, cut_over = self._ground.bench, self._ground.plan.cut_over
        files = self._ground.plan.history.proposed
        paths = {path for path, _ in self._suspects}
        files = files[: max(n for n, each in enumerate(files) if each.path in paths) + 1]
        found: list[Blocked] = []
        with bench.clone(_CHAIN, self._ground.before) if len(files) > 1 else nullcontext(self._ground.before) as calm:
            for migration in files:
                if migration.path in paths:
                    found += self._file(calm, migration)
                if migration is not files[-1] and monotonic() < self._until:
                    with bench.server.connect(calm) as session, suppress(OutOfTime):
                        session.end_by(self._until)
                        if migration is cut_over:
                            session.run(environments.cut_over())
                        execute(session, migration, Unobserved(self._ground.substitutes))
        return Measured(tuple(found), tuple(self._notes()))

    def _file(self, template: str, migration: Migration) -> list[Blocked]:
        """Few rows tell who waits, on any machine; many tell for how long, as long as there is time for them.

        Where other rules speak in any case, nothing depends on who waits.
        """
        suspected = [each for each in self._suspects.values() if each.step.migration.path == migration.path]
        if self._rows > _FEW and all(map(has_a_rule, suspected)):
            return self._run(template, migration, suspected, self._rows, self._measured_until)
        few = self._run(template, migration, suspected, _FEW, self._until)
        telling = [each for each in few if each.works]
        if self._rows <= _FEW or not telling:
            return few
        wanted = [self._suspects[place(each.statement)] for each in telling]
        many = self._run(template, migration, wanted, self._rows, self._measured_until)
        measured = {place(each.statement): each for each in many}
        return [
            replace(each, seconds=seen.seconds if seen else None, rows=self._rows)
            for each in few
            for seen in [measured.get(place(each.statement))]
        ]

    def _run(
        self, template: str, migration: Migration, suspected: list[Suspect], rows: int, until: float
    ) -> list[Blocked]:
        left = until - monotonic()
        if left <= 0:
            self._late += [each.name for suspect in suspected for each in suspect.locked]
            return []
        server = self._ground.bench.server

        def connect() -> Session:
            return server.connect(_BUSY)

        seen = Seen()
        with self._ground.bench.clone(_BUSY, template):
            try:
                with connect() as session:
                    seconds = min(_PATIENCE, left)
                    session.allow(seconds)
                    session.end_by(monotonic() + seconds + _GRACE)
                    facts = read_facts(session)
                    if filled := self._fill(session, facts, suspected, rows):
                        if migration is self._ground.plan.cut_over:
                            session.run(environments.cut_over())
                        with Others(connect) as others:
                            those = {place(each.step.statement): each for each in suspected}
                            busy = Busy(session, connect, facts, filled, rows)
                            witness = Witness(busy, others, those, self._ground.substitutes, seen)
                            execute(session, migration, witness)
            except OutOfTime:
                told = {place(each.statement) for each in seen.blocked}
                late = (each for each in suspected if place(each.step.statement) not in told)
                seen.late += (each.locked[0].name for each in late)
            except CannotCheck as failure:
                if not server.alive():
                    raise
                seen.failures[suspected[0].locked[0].name] = str(failure)
        self._failures |= seen.failures
        self._late += seen.late
        return seen.blocked

    def _fill(self, session: Session, facts: Facts, suspected: list[Suspect], rows: int) -> dict[int, str]:
        """OIDs and names of the tables that have many rows now, with those of their partitions."""
        roots = dict(look(session, _ROOTS))
        slow = {roots.get(each.oid, each.oid): None for suspect in suspected for each in suspect.slow}
        statements = [suspect.step.statement for suspect in suspected]
        wanted = Wanted(
            frozenset(name for each in statements for name in commands.named(each, "AT_SetNotNull")),
            tuple(key for each in statements for key in commands.unique_columns(each)),
            self._ground.plan.given,
        )
        ((me,),) = session.rows("select current_user::text")
        thorough = {
            roots.get(table.oid, table.oid)
            for each in suspected
            if each.step.rewrites or not has_a_rule(each)
            for table in each.slow
        }
        filled: dict[int, str] = {}
        for oid in slow:
            relation = facts.by_oid.get(oid)
            if relation is None or not relation.is_table or relation.owner != me:
                continue
            if len(set(filled.values())) == _MOST_TABLES:
                self._late.append(relation.display)
                continue
            reason = multiply(session, facts, relation, rows, wanted, whole=oid in thorough)
            if not reason:
                filled |= dict.fromkeys((oid, *(o for o, root in roots.items() if root == oid)), relation.display)
            elif session.seconds_left:
                self._failures[relation.display] = f"no rows could be made to fit: {reason}"
            else:
                self._late.append(relation.display)
        return filled

    def _notes(self) -> Iterator[Unchecked]:
        if self._failures:
            reason = next(iter(self._failures.values()))
            yield Unchecked(f"how long others wait for {_listed(self._failures)}", reason)
        if self._late:
            yield Unchecked(f"how long others wait for {_listed(self._late)}", "no time was left", MORE_TIME)


def _listed(names: Iterable[str]) -> str:
    each = list(dict.fromkeys(names))
    return ", ".join(f"`{name}`" for name in each[:3]) + (f" and {len(each) - 3} more" if len(each) > 3 else "")
