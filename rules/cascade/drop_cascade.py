from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    also = tuple(
        f"{dropped.kind.removeprefix('table ')} {dropped.name}"
        for dropped in step.dropped
        if dropped.cascaded and not dropped.restored and dropped.schema is None
    )
    if also:
        yield Match(edits.first_line(step.statement), subject=", ".join(also), also=also)
