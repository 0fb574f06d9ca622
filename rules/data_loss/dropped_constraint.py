from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits, locate


def check(step: Step) -> Iterator[Match]:
    gone = {each.name for each in step.dropped if each.kind in ("table", "table column")}
    for dropped in step.dropped:
        if dropped.kind != "table constraint" or dropped.restored or dropped.cascaded or dropped.schema:
            continue
        name, _, table = dropped.name.rpartition(" on ")
        # One that went with its column was not dropped for its own sake.
        if dropped.named or not any(each.startswith(f"{table}.") for each in gone):
            bare = name.replace('"', "")
            parts = (part for part in locate.parts(step.statement) if getattr(part.node, "name", None) == bare)
            part = next(parts, None)
            spot = locate.part_location(step.statement, part) if part else edits.first_line(step.statement)
            yield Match(spot, subject=dropped.name, constraint=name, table=table, kind=dropped.detail)
