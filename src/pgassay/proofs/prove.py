"""The stage `prove`: what the change does to people and rows, tried out on the databases before and after it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from pgassay.model import Outcome, SecondRun, Unchecked
from pgassay.model.expectation import NOTHING, Asked
from pgassay.proofs.access.stage import Tried, try_access
from pgassay.proofs.blocked import Measured, measure
from pgassay.proofs.budget import Budget
from pgassay.proofs.preservation import Kept, preserve
from pgassay.proofs.rollback import GoneBack, go_back
from pgassay.proofs.second_run import second_runs
from pgassay.proofs.stock import stocked
from pgassay.replay.ground import Ground
from pgassay.settings import Proofs

_USUAL = Proofs()


class Proven(Struct, frozen=True):
    outcome: Outcome = Outcome()
    unchecked: tuple[Unchecked, ...] = ()
    seconds: Mapping[str, float] = {}


class Prove:
    """To be called with the ground that a replay has prepared; keeps what was seen.

    `again` are the paths of the files for which it matters whether they can run twice, `asked` is what the settings say
    about who may do what; `rows` tells whether it matters what becomes of rows, `waits` whether it does who waits.
    """

    def __init__(
        self,
        again: frozenset[str] = frozenset(),
        asked: Asked = NOTHING,
        limits: Proofs = _USUAL,
        *,
        rows: bool = True,
        waits: bool = True,
    ) -> None:
        self._again = again
        self._asked = asked
        self._limits = limits
        self._rows = rows
        self._waits = waits
        self._proven = Proven()

    def __call__(self, ground: Ground) -> None:
        """Raises CannotCheck when the server dies."""
        budget = Budget(self._limits.seconds)
        tried = budget.spend("access", "who may do what", lambda on: try_access(on, self._asked), ground, Tried())
        runs: tuple[SecondRun, ...] = ()
        if self._again:
            runs = budget.spend(
                "second_run", "what a second run does", lambda on: tuple(second_runs(on, self._again)), ground, runs
            )
        kept, back = _with_rows(ground, budget) if self._rows else (Kept(), GoneBack())
        measured = Measured()
        if self._waits:
            with budget.timed("waits"):
                measured = measure(ground, self._limits.rows, budget.until)
        outcome = Outcome(
            access=tried.access,
            broken=tried.broken,
            leaks=tried.leaks,
            second_runs=runs,
            preserved=kept.preserved,
            rollbacks=back.rollbacks,
            blocked=measured.blocked,
        )
        notes = (*tried.unchecked, *kept.unchecked, *back.unchecked, *measured.unchecked, *budget.unchecked)
        self._proven = Proven(outcome, notes, budget.seconds)

    @property
    def outcome(self) -> Outcome:
        return self._proven.outcome

    @property
    def unchecked(self) -> tuple[Unchecked, ...]:
        return self._proven.unchecked

    @property
    def seconds(self) -> Mapping[str, float]:
        """Of each proof, by its name."""
        return self._proven.seconds


def _with_rows(ground: Ground, budget: Budget) -> tuple[Kept, GoneBack]:
    """Two proofs on the same rows."""

    def both(on: Ground) -> tuple[Kept, GoneBack]:
        kept, back = Kept(), GoneBack()
        with stocked(on) as stock:
            if stock:
                kept = budget.spend(
                    "preservation", "what the change does to rows", lambda on: preserve(on, stock), on, kept
                )
            return kept, budget.spend("rollback", "the way back", lambda on: go_back(on, stock), on, back)

    return budget.spend("rows", "what becomes of rows", both, ground, (Kept(), GoneBack()))
