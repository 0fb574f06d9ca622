from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits, locate


def check(step: Step) -> Iterator[Match]:
    for dropped in step.dropped:
        if dropped.kind == "table column" and not (dropped.restored or dropped.cascaded):
            table, _, column = dropped.name.rpartition(".")
            part = next(
                (
                    part
                    for part in locate.parts(step.statement)
                    if getattr(part.node, "name", None) == column.replace('"', "")
                ),
                None,
            )
            spot = locate.part_location(step.statement, part) if part else edits.first_line(step.statement)
            yield Match(spot, subject=dropped.name, column=column, table=table)
