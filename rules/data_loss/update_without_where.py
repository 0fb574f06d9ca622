from collections.abc import Iterator
from typing import Any

from pgassay.model import Match, Step
from pgassay.sql import edits, names


def check(step: Step) -> Iterator[Match]:
    tree, target = step.statement.tree, step.target
    if step.statement.kind != "UPDATE" or target is None or tree.HasField("where_clause") or tree.from_clause:
        return
    # A column that the change has just added holds nothing yet.
    overwritten = tuple(
        node.res_target.name
        for node in tree.target_list
        if node.res_target.name in target.columns and not keeps_itself(node.res_target)
    )
    if overwritten:
        yield Match(
            edits.first_line(step.statement), subject=target.table.name, columns=overwritten, table=target.table.name
        )


def keeps_itself(assignment: Any) -> bool:
    """`x = coalesce(x, ...)` and `x = lower(x)`: made from what was there, so nobody forgot which rows he meant."""
    waiting = [assignment.val]
    while waiting:
        message = waiting.pop()
        if type(message).__name__ == "ColumnRef":
            if names.strings(message.fields)[-1:] == (assignment.name,):
                return True
            continue
        for field, value in message.ListFields():
            if field.message_type:
                waiting += value if field.is_repeated else [value]
    return False
