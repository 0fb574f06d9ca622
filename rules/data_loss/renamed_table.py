from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    for renamed in step.renamed:
        if renamed.kind != "column" and not renamed.replaced:
            yield Match(
                edits.first_line(step.statement),
                before=renamed.before,
                after=renamed.after,
            )
