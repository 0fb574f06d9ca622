from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    # What went with a cascade or with its schema is told by drop_cascade and dropped_schema.
    gone = tuple(
        each.name
        for each in step.dropped
        if each.kind == "table" and not (each.restored or each.cascaded or each.schema)
    )
    if gone:
        yield Match(edits.first_line(step.statement), subject=", ".join(gone), tables=gone)
