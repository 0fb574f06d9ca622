import re
from collections.abc import Iterator

from pgassay.model import Match, Statement, Step
from pgassay.sql import edits, names

CASCADE = re.compile(r"\bcascade\b", re.I)


def check(step: Step) -> Iterator[Match]:
    if not CASCADE.search(step.statement.text):
        return
    own = own_table(step.statement)
    also = tuple(
        f"{dropped.kind.removeprefix('table ')} {dropped.name}"
        for dropped in step.dropped
        # A column takes the constraints of its own table along without being told to.
        if not dropped.named and not dropped.restored and not (own and dropped.name.endswith(f" on {own}"))
    )
    if also:
        yield Match(edits.first_line(step.statement), subject=", ".join(also), also=also)


def own_table(statement: Statement) -> str | None:
    return names.relation(statement.tree.relation) if statement.kind == "ALTER TABLE" and statement.tree else None
