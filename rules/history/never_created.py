from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    error, missing = step.error, step.missing
    if error is None or missing is None or missing.created_later:
        return
    yield Match(
        edits.error_location(step.statement, error),
        subject=missing.name,
        missing=missing.name,
        nearest=missing.nearest,
        error=error.message,
        sqlstate=error.sqlstate,
        consequences=step.consequences or None,
    )
