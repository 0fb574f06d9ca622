from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    also = tuple(
        each.table.name for each in step.emptied if not each.named and each.table.existed and not each.refilled
    )
    if also:
        yield Match(edits.first_line(step.statement), subject=", ".join(also), also=also)
