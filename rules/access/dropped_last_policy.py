from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    for table in step.closed:
        policies = tuple(
            dropped.name.rpartition(" on ")[0]
            for dropped in step.dropped
            if dropped.kind == "policy" and dropped.name.endswith(f" on {table}")
        )
        yield Match(edits.first_line(step.statement), subject=table, table=table, policies=policies)
