from collections.abc import Iterator

from pgassay.model import Match, Migration, Statement
from pgassay.sql import edits, guards


def check(statement: Statement, migration: Migration) -> Iterator[Match]:
    guard = guards.missing(statement, migration, "type")
    if guard:
        yield Match(
            edits.first_line(statement),
            object=guard.objects,
            guarded=guard.guarded,
            condition=guard.condition,
            edit=guard.edit,
        )
