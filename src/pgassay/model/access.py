"""Who may do what, as the access proof saw it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from pgassay.model.blocked import Blocked
from pgassay.model.place import Location
from pgassay.model.rollback import Rollback
from pgassay.model.rows import Preserved
from pgassay.model.second_run import SecondRun


class Reach(StrEnum):
    """Which rows a role gets at in one way. "of others" are those of another user."""

    NO_GRANT = "no grant"
    NO_POLICY = "no policy"
    NO_ROWS = "no rows"
    SOME_ROWS = "some rows"
    OWN_ROWS = "own rows"
    ROWS_OF_OTHERS = "rows of others"
    ALL_ROWS = "all rows"
    ALLOWED = "may execute"
    ERROR = "error"
    UNDECIDED = "not decided"

    @property
    def rank(self) -> int | None:
        """How much is reached; None where nothing is known."""
        return _RANKS.get(self)

    @property
    def reaches_others(self) -> bool:
        return self in (Reach.ROWS_OF_OTHERS, Reach.ALL_ROWS)


_RANKS = {
    Reach.NO_GRANT: 0,
    Reach.NO_POLICY: 0,
    Reach.NO_ROWS: 0,
    Reach.OWN_ROWS: 1,
    Reach.ALLOWED: 1,
    Reach.SOME_ROWS: 1,
    Reach.ROWS_OF_OTHERS: 2,
    Reach.ALL_ROWS: 2,
}


class Try(Struct, frozen=True):
    """How a cell was decided: `by` (anon, user C) reached so many of the rows of others that there were.

    `sql` is the same for psql on any database, from `begin` to `rollback`.
    """

    by: str
    reached: int
    tried: int
    sql: str


class Cell(Struct, frozen=True):
    """One role and one action (select, insert, update, delete) on one relation, before and after the change.

    `role` is anon, authenticated or service_role. `before` is None for a relation that is new. `error` is what the
    server said after the change. `policies` let others through, as taking them away one by one showed; `at` is the
    statement of the change behind the difference. `always_true` tells that one of them is so as it is written, which
    rules of the catalog see. `defeated` are policies for the same action that compare the row's user with whoever asks.
    `said` tells that a statement of the change grants just this in so many words.
    """

    role: str
    action: str
    before: Reach | None
    after: Reach
    error: str | None = None
    sqlstate: str | None = None
    policies: tuple[str, ...] = ()
    always_true: bool = False
    defeated: tuple[str, ...] = ()
    at: Location | None = None
    seen: Try | None = None
    said: bool = False

    @property
    def changed(self) -> bool:
        return self.before is not self.after

    @property
    def is_known(self) -> bool:
        """Before and after: what was not decided is neither more nor less than anything."""
        return Reach.UNDECIDED not in (self.before, self.after)

    @property
    def difference(self) -> int | None:
        """More is reached than before when above 0, less when below; None for what was not there or is not known."""
        before = self.before.rank if self.before else None
        return None if before is None or self.after.rank is None else self.after.rank - before


class Blind(Struct, frozen=True):
    """A write that says nothing of which rows, so that no policy for SELECT has a say, reached rows of others.

    A write of the same kind with a WHERE reached none. `policies` let it through.
    """

    role: str
    action: str
    policies: tuple[str, ...]
    seen: Try
    at: Location


class Leak(Struct, frozen=True):
    """A function gave a role rows of `table` that it may not read there: these columns of them."""

    function: str
    owner: str
    role: str
    table: str
    columns: tuple[str, ...]
    seen: Try
    at: Location


class Lockout(Struct, frozen=True):
    """A policy that shows nobody his own row, because a foreign key holds another id than auth.uid() gives.

    `column` leads to `referenced`; with the user's own id in `column` the row would be shown. `sql` is for psql.
    """

    policy: str
    column: str
    referenced: str
    key: str
    login: str | None
    at: Location
    sql: str | None = None


class Handover(Struct, frozen=True):
    """The columns by which a user gave a row of his to another one, and the policies that let him."""

    columns: tuple[str, ...]
    policies: tuple[str, ...]
    at: Location
    sql: str | None = None


class RelationAccess(Struct, frozen=True):
    """One relation that the change concerns, or a function. `kind` is table, view, materialized view or function.

    `owners` are the columns that hold the id of a user, `personal` those whose name says that they hold what is nobody
    else's business. `has_policies` tells of row level security that is on, with policies. `at` is the statement of the
    change that concerns it. `is_public` is what everybody may read by the settings.
    `guarded` are the tables below a view that row level security keeps from being written by anybody.
    """

    name: str
    kind: str
    is_new: bool
    cells: tuple[Cell, ...]
    has_policies: bool = False
    owners: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    at: Location | None = None
    lockouts: tuple[Lockout, ...] = ()
    handover: Handover | None = None
    is_public: bool = False
    guarded: tuple[str, ...] = ()
    blind: tuple[Blind, ...] = ()

    def cell(self, role: str, action: str) -> Cell | None:
        return next((each for each in self.cells if (each.role, each.action) == (role, action)), None)


class Broken(Struct, frozen=True):
    """An expectation of the settings that does not hold on one table, for some actions in the same way.

    `can` is what was expected. `rows` are own, others or None for all; `error` is what the server said. `at` is the
    statement of the change that concerns the table, `setting` where the expectation stands.
    """

    role: str
    table: str
    can: bool
    actions: tuple[str, ...]
    where: str | None
    rows: str | None
    seen: Try
    error: str | None
    at: Location
    setting: Location | None


class Outcome(Struct, frozen=True):
    """What the proofs saw. A file is in `second_runs` when it ran once without an error and was tried again.

    One is in `rollbacks` when it has a way back that was tried.
    """

    access: tuple[RelationAccess, ...] = ()
    broken: tuple[Broken, ...] = ()
    leaks: tuple[Leak, ...] = ()
    second_runs: tuple[SecondRun, ...] = ()
    preserved: Preserved = Preserved()
    blocked: tuple[Blocked, ...] = ()
    rollbacks: tuple[Rollback, ...] = ()
