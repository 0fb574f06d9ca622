from collections.abc import Iterator

from pgassay.model import Match, Migration, Statement
from pgassay.sql import edits, guards


def check(statement: Statement, migration: Migration) -> Iterator[Match]:
    guard = guards.missing(statement, migration, "create")
    if guard:
        yield Match(
            edits.first_line(statement),
            object=None if guard.unnamed else guard.objects,
            doubled=guard.objects if guard.unnamed else None,
            guarded=guard.guarded,
            condition=guard.condition,
            edit=guard.edit,
        )
