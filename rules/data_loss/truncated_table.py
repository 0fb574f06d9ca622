from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    emptied = tuple(each.table.name for each in step.emptied if each.named and each.table.existed and not each.refilled)
    if emptied:
        yield Match(edits.first_line(step.statement), subject=", ".join(emptied), tables=emptied)
