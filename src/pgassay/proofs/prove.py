"""The stage `prove`: what the change does to people and rows, tried out on the databases before and after it."""

from __future__ import annotations

from msgspec import Struct

from pgassay.model import Outcome, SecondRun, Unchecked
from pgassay.model.expectation import NOTHING, Asked
from pgassay.proofs.access.stage import Tried, try_access
from pgassay.proofs.blocked import Measured, measure
from pgassay.proofs.budget import Budget
from pgassay.proofs.preservation import Kept, preserve
from pgassay.proofs.second_run import second_runs
from pgassay.replay.ground import Ground
from pgassay.settings import Proofs

_USUAL = Proofs()


class Proven(Struct, frozen=True):
    outcome: Outcome = Outcome()
    unchecked: tuple[Unchecked, ...] = ()


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
        tried = budget.spend("who may do what", lambda on: try_access(on, self._asked), ground, Tried())
        runs: tuple[SecondRun, ...] = ()
        if self._again:
            runs = budget.spend("what a second run does", lambda on: tuple(second_runs(on, self._again)), ground, runs)
        kept = Kept()
        if self._rows:
            kept = budget.spend("what the change does to rows", preserve, ground, kept)
        measured = measure(ground, self._limits.rows, budget.until) if self._waits else Measured()
        outcome = Outcome(
            access=tried.access,
            broken=tried.broken,
            leaks=tried.leaks,
            second_runs=runs,
            preserved=kept.preserved,
            blocked=measured.blocked,
        )
        self._proven = Proven(outcome, (*tried.unchecked, *kept.unchecked, *measured.unchecked, *budget.unchecked))

    @property
    def outcome(self) -> Outcome:
        return self._proven.outcome

    @property
    def unchecked(self) -> tuple[Unchecked, ...]:
        return self._proven.unchecked
