from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits


def check(step: Step) -> Iterator[Match]:
    replaced = step.replaced
    if replaced and replaced.beside:
        yield Match(
            edits.first_line(step.statement),
            function=replaced.function,
            older=replaced.beside,
            first_older=replaced.beside[0],
        )
