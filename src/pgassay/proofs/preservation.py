"""The change applied on top of rows: what stops that goes through on empty tables, and what becomes of the rows."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from pgassay.model import Preserved, Statement, Stopped, Unchecked
from pgassay.postgres import environments
from pgassay.postgres.session import Session
from pgassay.proofs.budget import Share
from pgassay.proofs.losses import Look, losses
from pgassay.proofs.meets import meets_rows, validates
from pgassay.proofs.rows import GIVE_VALUES
from pgassay.proofs.stock import Stock
from pgassay.proofs.stops import Stops
from pgassay.proofs.tally import Contents, Tally
from pgassay.replay.base import Unobserved
from pgassay.replay.execute import Executed, execute
from pgassay.replay.ground import Ground

_NAME = "pgassay_preserved"
_SECONDS = 8.0
_MOST_LOOKS = 200
"""At the contents of tables; of a change with more statements than that only the outcome is looked at."""


class Kept(Struct, frozen=True):
    preserved: Preserved = Preserved()
    unchecked: tuple[Unchecked, ...] = ()


class Run(Struct, frozen=True):
    """`derailed` is a statement that failed for a reason that says nothing of rows that people have."""

    stopped: tuple[Stopped, ...]
    derailed: Executed | None
    looks: tuple[Look, ...]
    first: dict[str, Contents]
    out_of_time: bool


def preserve(ground: Ground, stock: Stock) -> Kept:
    """On the rich stock, and where made-up rows made it fail for reasons of their own, on the plain one.

    Raises CannotCheck when the server dies or ends a session.
    """
    share = Share(_SECONDS)
    run = _run(ground, stock, stock.rich, share)
    stopped = run.stopped
    if run.derailed or (stopped and not run.out_of_time):
        # What becomes of rows is told by a run that gets through.
        run = _run(ground, stock, stock.plain, share)
        stopped = stopped or run.stopped
    notes = list(stock.unchecked)
    if run.out_of_time:
        notes.append(share.used_up("all that the change does to rows"))
    elif run.derailed:
        notes.append(_derailed(run.derailed))
    if run.derailed or run.stopped or run.out_of_time:
        return Kept(Preserved(stopped), tuple(notes))
    statements = [statement for migration in ground.plan.history.proposed for statement in migration.up]
    lost, values = losses(stock.tables, run.first, run.looks, statements)
    return Kept(Preserved(stopped, lost, values), tuple(notes))


def _derailed(done: Executed) -> Unchecked:
    where = done.statement.location
    said = done.error.message if done.error else ""
    return Unchecked(
        f"what the change does to rows after {where.path}:{where.start_line}",
        f"that statement fails with the rows that were made for this: {said}",
        GIVE_VALUES,
    )


def _run(ground: Ground, stock: Stock, template: str, share: Share) -> Run:
    with ground.bench.clone(_NAME, template), ground.bench.fresh(_NAME, ground.roles) as session:
        session.allow(share.left)
        watcher = _Watcher(ground, session, stock)
        for migration in ground.plan.history.proposed:
            if migration is ground.plan.cut_over:
                session.run(environments.cut_over())
            watcher.late(execute(session, migration, watcher))
            if not session.seconds_left:
                break
        watcher.look()
        return watcher.run()


class _Watcher(Unobserved):
    def __init__(self, ground: Ground, session: Session, stock: Stock) -> None:
        super().__init__(ground.substitutes)
        self._session = session
        self._steps = {_place(step.statement): step for step in ground.steps}
        self._stops = Stops(ground, session, stock)
        self._tally = Tally(session, stock.tables)
        looks = {_place(step.statement) for step in ground.steps if step.dropped or meets_rows(step.statement)}
        self._worth_a_look = looks if len(looks) <= _MOST_LOOKS else set()
        self._stopped: list[Stopped] = []
        self._told: set[str | None] = set()
        self._derailed: Executed | None = None
        self._halted = False
        self._looks: list[Look] = []
        self._last: Statement | None = None

    def after(self, executed: Executed) -> None:
        self._last = executed.statement
        if executed.error:
            self._failed(executed)
        elif _place(executed.statement) in self._worth_a_look:
            self.look()

    def late(self, executed: Iterable[Executed]) -> None:
        """What only the COMMIT at the end of the file told."""
        told = {_place(each.statement) for each in self._stopped}
        for done in executed:
            if done.error and self._derailed is None and _place(done.statement) not in told:
                self._failed(done)

    def look(self) -> None:
        if self._last and self._session.seconds_left:
            self._looks.append(Look(self._last, self._tally.take()))

    def run(self) -> Run:
        late = not self._session.seconds_left
        return Run(tuple(self._stopped), self._derailed, tuple(self._looks), self._tally.first, late)

    def _failed(self, executed: Executed) -> None:
        step = self._steps.get(_place(executed.statement))
        if step is None or step.error or self._derailed or self._halted or not self._session.seconds_left:
            return
        if found := self._stops.explain(step, executed):
            # What fails on a table afterwards may do so because of that.
            if found.table not in self._told and not validates(executed.statement):
                self._stopped.append(found)
            self._told.add(found.table)
            # Rows that are not written are missing everywhere.
            self._halted = executed.statement.kind in ("INSERT", "UPDATE", "DELETE", "MERGE")
        elif not self._stopped and not self._stops.says_nothing(executed):
            self._derailed = executed


def _place(statement: Statement) -> tuple[str, int]:
    return statement.location.path, statement.start
