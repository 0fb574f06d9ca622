from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    for renamed in step.renamed:
        if renamed.kind == "column" and not renamed.replaced:
            table, _, before = renamed.before.rpartition(".")
            yield Match(
                edits.first_line(step.statement),
                subject=renamed.before,
                before=before,
                table=table,
                after=renamed.after.rpartition(".")[2],
            )
