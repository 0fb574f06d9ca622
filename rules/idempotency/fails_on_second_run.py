from collections.abc import Iterator

from pgassay.model import Match, Outcome
from pgassay.sql import edits


def check(outcome: Outcome) -> Iterator[Match]:
    for run in outcome.second_runs:
        if run.refused:
            first = run.refused[0]
            yield Match(
                edits.first_line(first.statement),
                subject=run.migration.path,
                error=first.error.message,
                others=len(run.refused) - 1 or None,
            )
