from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    for table in step.closed:
        dropped = [each for each in step.dropped if each.kind == "policy" and each.name.endswith(f" on {table}")]
        # What a cascade takes along is told by drop_cascade, under the name of the policy.
        if any(each.named for each in dropped) or not step.statement.kind.startswith(("DROP ", "ALTER TABLE")):
            policies = tuple(each.name.rpartition(" on ")[0] for each in dropped)
            yield Match(edits.first_line(step.statement), subject=table, table=table, policies=policies)
