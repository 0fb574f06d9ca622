from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import commands, durations, edits, strengths


def check(step: Step) -> Iterator[Match]:
    if "AT_ValidateConstraint" not in commands.subtypes(step.statement):
        return
    for table in step.scans:
        lock = strengths.strongest(step.held, table.oid)
        if table.existed and lock and not table.partition:
            tried = durations.tried(step)
            wait = durations.wait(durations.SCAN, table.rows, tried)
            yield Match(
                edits.first_line(step.statement),
                table=table.name,
                constraints=commands.named(step.statement, "AT_ValidateConstraint"),
                lock=lock,
                rows=wait.rows,
                seconds=wait.seconds,
                minutes=wait.minutes,
                hours=wait.hours,
                took=tried.took,
                tried=tried.rows,
            )
