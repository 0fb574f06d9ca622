from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.replay.failures import is_about_rows
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    error, missing = step.error, step.missing
    if error is None or step.statement.problem or is_about_rows(error):
        # does_not_parse and fails_without_rows have their own words for these.
        return
    later = missing.created_later_in if missing else None
    yield Match(
        edits.error_location(step.statement, error),
        subject=missing.name if missing else f"{step.migration.name}: {error.message}",
        error=error.message,
        never_created=missing.name if missing and not later else None,
        created_later=missing.name if missing and later else None,
        later_file=later.rpartition("/")[2] if later else None,
        sqlstate=error.sqlstate,
        consequences=step.consequences or None,
        hint=error.hint or error.detail,
    )
