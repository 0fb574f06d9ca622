from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits, strengths

MANY = 5


def check(step: Step) -> Iterator[Match]:
    """Once for a transaction: on the statement that makes it too many."""
    held = strengths.exclusive(step.held)
    new = set(strengths.exclusive(step.locks))
    if len(held) >= MANY > len(set(held) - new):
        yield Match(edits.first_line(step.statement), subject=step.migration.name, tables=tuple(held), count=len(held))
