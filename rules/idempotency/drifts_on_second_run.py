from collections.abc import Iterator

from pgassay.model import Match, Outcome


def check(outcome: Outcome) -> Iterator[Match]:
    for run in outcome.second_runs:
        if drift := run.drift:
            yield Match(drift.at, subject=run.migration.path, objects=drift.objects[:5], tables=drift.tables)
