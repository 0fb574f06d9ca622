from collections.abc import Iterator

from pgassay.model import Match, Step
from pgassay.sql import edits

STRONGEST_FIRST = ("AccessExclusiveLock", "ExclusiveLock", "ShareRowExclusiveLock", "ShareLock")
WORDS = {
    "AccessExclusiveLock": "ACCESS EXCLUSIVE",
    "ExclusiveLock": "EXCLUSIVE",
    "ShareRowExclusiveLock": "SHARE ROW EXCLUSIVE",
    "ShareLock": "SHARE",
}


def check(step: Step) -> Iterator[Match]:
    rewritten = {table.oid for table in step.rewrites}
    for index in step.built_indexes:
        if index.table.existed and not index.concurrently and index.table.oid not in rewritten:
            held = {lock.mode for lock in step.locks if lock.relation.oid == index.table.oid}
            strongest = next((WORDS[mode] for mode in STRONGEST_FIRST if mode in held), None)
            plain_index = step.statement.kind == "CREATE INDEX"
            yield Match(
                edits.first_line(step.statement),
                index=index.name,
                table=index.table.name,
                lock=strongest,
                concurrently=edits.with_words(step.statement, "INDEX", "concurrently") if plain_index else None,
                constraint=None if plain_index else index.name,
            )
