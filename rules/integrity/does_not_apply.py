from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.replay.failures import is_about_rows
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    error = step.error
    if error is None or step.missing or step.statement.problem or is_about_rows(error):
        # never_created, forward_reference, does_not_parse and fails_without_rows have their own words for these.
        return
    yield Match(
        edits.error_location(step.statement, error),
        subject=f"{step.migration.name}: {error.message}",
        error=error.message,
        sqlstate=error.sqlstate,
        consequences=step.consequences or None,
        hint=error.hint or error.detail,
    )
