from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.replay.failures import is_about_rows
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    if step.error and is_about_rows(step.error):
        yield Match(
            edits.first_line(step.statement),
            subject=f"{step.migration.name}: {step.error.message}",
            error=step.error.message,
            sqlstate=step.error.sqlstate,
            detail=step.error.detail,
        )
