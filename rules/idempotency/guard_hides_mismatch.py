from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    for skipped in step.skipped:
        yield Match(
            edits.first_line(step.statement),
            table=skipped.table.name,
            missing=tuple(f"{column.name} {column.type}" for column in skipped.missing),
            first_missing=next((f"{column.name} {column.type}" for column in skipped.missing), None),
            differing=tuple(
                f"{declared.name} is {actual.type}, declared {declared.type}" for declared, actual in skipped.differing
            ),
        )
