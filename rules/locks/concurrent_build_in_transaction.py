from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import commands, edits

# active_sql_transaction
NOT_IN_A_TRANSACTION = "25001"


def check(step: Step) -> Iterator[Match]:
    if step.error and step.error.sqlstate == NOT_IN_A_TRANSACTION and commands.concurrently(step.statement):
        before = [each for each in step.migration.up if each.start < step.statement.start]
        yield Match(
            edits.error_location(step.statement, step.error),
            subject=" ".join(step.statement.text.split()),
            command=step.statement.kind.lower(),
            begun="begin" if any(each.kind in ("BEGIN", "START TRANSACTION") for each in before) else None,
            error=step.error.message,
        )
