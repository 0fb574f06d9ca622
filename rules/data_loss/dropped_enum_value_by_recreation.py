from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits, locate

TAKES_CARE = ("UPDATE", "DELETE", "DO")


def check(step: Step) -> Iterator[Match]:
    for changed in step.retyped:
        labels = tuple(label for label in changed.lost_labels if not taken_care_of(label, step))
        if labels:
            parts = locate.parts(step.statement)
            part = next((part for part in parts if getattr(part.node, "name", None) == changed.column), None)
            yield Match(
                locate.part_location(step.statement, part) if part else edits.first_line(step.statement),
                subject=f"{changed.table.name}.{changed.column}",
                labels=labels,
                column=changed.column,
                table=changed.table.name,
            )


def taken_care_of(label: str, step: Step) -> bool:
    """Whether the cast says what becomes of it, or an earlier statement of the file does."""
    before = (each for each in step.migration.up if each.start < step.statement.start and each.kind in TAKES_CARE)
    literal = "'" + label.replace("'", "''") + "'"
    return any(literal in each.text for each in (step.statement, *before))
