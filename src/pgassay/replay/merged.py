"""The state that a change meets: a baseline, the merged files that are not in it yet, and what did not work of both."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pgassay.model import History, Migration, Unchecked
from pgassay.postgres import environments
from pgassay.postgres.session import Session
from pgassay.replay import baseline
from pgassay.replay.base import apply_base
from pgassay.replay.baseline import Contained
from pgassay.replay.failures import Explained, Failure, Reason, base_note, unjudged_note
from pgassay.replay.plan import Plan
from pgassay.replay.substitutes import Substitutes
from pgassay.supabase.refusals import was_allowed


class Merged(Struct, frozen=True):
    """`history` is what is left of the plan's without the first `contained` files, which the baseline has in it.

    `of_baseline` and `of_files` are failures that something may rest on.
    """

    history: History
    contained: int = 0
    of_baseline: tuple[Failure, ...] = ()
    of_files: tuple[Failure, ...] = ()
    note: Unchecked | None = None

    @property
    def failures(self) -> tuple[Failure, ...]:
        return self.of_baseline + self.of_files

    @property
    def files(self) -> frozenset[str]:
        return frozenset(failure.migration.path for failure in self.of_files)

    def notes(self, plan: Plan, explained: Sequence[Explained], unjudged: int) -> Iterator[Unchecked]:
        """`explained` has one entry for each of `failures` and then for each proposed statement that failed."""
        if self.note:
            yield self.note
        first, proposed = len(self.of_baseline), len(self.failures)
        of_files = explained[first:proposed]
        # What only follows from the baseline is told there.
        own = any(entry.reason is not Reason.CONSEQUENCE for entry in of_files)
        of_baseline = explained[:first] if own else explained[:proposed]
        notes = (
            baseline.baseline_note(plan.baseline, of_baseline, 0 if own else unjudged) if plan.baseline else None,
            base_note(plan.history.base, of_files, unjudged) if own else None,
            None if self.failures else unjudged_note(explained[proposed:], unjudged),
        )
        yield from (note for note in notes if note)


def apply_merged(session: Session, plan: Plan, substitutes: Substitutes) -> Merged:
    if plan.extra_search_path is not None:
        # The Data API reads this from the role that it logs in with; migrations may change it later.
        path = ", ".join(plan.extra_search_path).replace("'", "''")
        session.run(f"alter role authenticator set pgrst.db_extra_search_path = '{path}'")
    if plan.baseline is None:
        return Merged(plan.history, of_files=tuple(_apply(session, plan, plan.history.base, substitutes)))
    privileges = plan.privileges if plan.environment == "supabase" else None
    of_baseline = baseline.apply_baseline(session, plan.baseline, substitutes, privileges)
    # With --all nothing is merged, and what the baseline has is no longer a proposal.
    everything = plan.history.base_ref is None
    candidates = plan.history.proposed if everything else plan.history.base
    found = baseline.contained(session, candidates, substitutes)
    if any(each is plan.cut_over for each in candidates[: found.files]):
        session.run(environments.cut_over())
    history = _without(plan.history, found, everything=everything)
    failures = _apply(session, plan, history.base, substitutes)
    again = [failure for failure in failures if baseline.was_done_before(failure)]
    return Merged(
        history,
        found.files,
        tuple(of_baseline),
        tuple(failure for failure in failures if failure not in again),
        baseline.contained_note(plan.baseline, found, again, merged=not everything),
    )


def _without(history: History, found: Contained, *, everything: bool) -> History:
    if everything:
        return replace(history, proposed=history.proposed[found.files :])
    return replace(history, base=history.base[found.files :])


def _apply(session: Session, plan: Plan, files: tuple[Migration, ...], substitutes: Substitutes) -> list[Failure]:
    """Under Supabase's default privileges of the day of each file, and with what it allowed then."""
    cut_over = plan.cut_over
    first_new = next((n for n, each in enumerate(files) if each is cut_over), len(files))
    failures = apply_base(session, files[:first_new], substitutes)
    if first_new < len(files):
        session.run(environments.cut_over())
        failures += apply_base(session, files[first_new:], substitutes)
    if plan.environment == "supabase":
        return [failure for failure in failures if not was_allowed(failure.error)]
    return failures
