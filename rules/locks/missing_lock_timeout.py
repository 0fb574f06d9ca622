from collections.abc import Iterator

from pgassay.model import Match, Statement, Step
from pgassay.sql import edits, strengths


def check(step: Step) -> Iterator[Match]:
    """Once for a transaction: on the first statement that makes others wait."""
    new = strengths.exclusive(step.locks)
    earlier = set(strengths.exclusive(step.held)) - set(new)
    before = (each for each in step.migration.up if each.start < step.statement.start)
    if new and not earlier and not any(sets_timeout(each) for each in before):
        yield Match(edits.first_line(step.statement), subject=step.migration.name, tables=tuple(new))


def sets_timeout(statement: Statement) -> bool:
    return statement.kind == "SET" and getattr(statement.tree, "name", "") == "lock_timeout"
