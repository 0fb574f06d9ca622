from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    tree, target = step.statement.tree, step.target
    if step.statement.kind != "DELETE" or target is None or target.refilled:
        return
    # USING deletes what has a partner.
    if not tree.HasField("where_clause") and not tree.using_clause:
        yield Match(edits.first_line(step.statement), table=target.table.name)
