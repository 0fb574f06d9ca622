"""What rules say of statements behind which others were seen waiting, and of which no other rule speaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import Struct

from pgassay.model import Blocked, Outcome, Statement
from pgassay.sql import durations, edits

# Of so few rows nobody notices anything.
_FEW = 10_000
_LONGEST = 80
_QUIET = ("VACUUM", "CLUSTER")


class Told(Struct, frozen=True):
    """The first statement of a file that keeps others from `tables`; there are `more` in the same position.

    `locker` are the first words of the earlier statement that has locked the tables, `line` where it stands. The rest
    is advice: the same with CONCURRENTLY, or the command that has no way round.
    """

    first: Blocked
    tables: tuple[str, ...]
    more: int
    took: float | None
    wait: durations.Wait
    locker: str | None
    line: int | None
    concurrently: str | None
    quiet: str | None


def told(outcome: Outcome, of: Callable[[Blocked], tuple[str, ...]]) -> Iterator[Told]:
    """`of` gives the tables that matter; statements without any, and with few rows in production, are left out."""
    found: dict[tuple[str, bool], list[Blocked]] = {}
    for each in outcome.blocked:
        if of(each) and each.works and not each.has_a_rule and (each.production is None or each.production > _FEW):
            found.setdefault((each.migration.path, each.since is None), []).append(each)
    for first, *more in found.values():
        took = None if first.seconds is None else durations.about(first.seconds)
        yield Told(
            first,
            of(first),
            len(more),
            took,
            durations.wait(took / first.rows * 1e6, first.production) if took else durations.Wait(),
            _words(first.since) if first.since else None,
            first.since.location.start_line if first.since else None,
            None if first.since else _concurrently(first.statement),
            first.statement.kind.lower() if first.statement.kind in _QUIET else None,
        )


def _words(statement: Statement) -> str:
    words = " ".join(edits.first_words(statement.text).split())
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST].rsplit(' ', 1)[0]} ..."


def _concurrently(statement: Statement) -> str | None:
    if statement.kind == "REFRESH MATERIALIZED VIEW":
        return edits.with_words(statement, "VIEW", "concurrently")
    if statement.kind == "REINDEX":
        return edits.with_words(statement, "INDEX", "concurrently") or edits.with_words(
            statement, "TABLE", "concurrently"
        )
    return None
