from collections.abc import Iterator

from pgassay.model import Match, Migration, Statement
from pgassay.sql import edits, names

IF_NOT_EXISTS = {
    "CREATE TABLE": "TABLE",
    "CREATE TABLE AS": "TABLE",
    "CREATE MATERIALIZED VIEW": "VIEW",
    "CREATE INDEX": "INDEX",
    "CREATE SEQUENCE": "SEQUENCE",
    "CREATE SCHEMA": "SCHEMA",
    "CREATE EXTENSION": "EXTENSION",
}
OR_REPLACE = ("CREATE VIEW", "CREATE FUNCTION", "CREATE PROCEDURE")


def check(statement: Statement, migration: Migration) -> Iterator[Match]:
    tree = statement.tree
    if tree is None or is_guarded(statement):
        return
    if statement.kind in IF_NOT_EXISTS:
        keyword, words = IF_NOT_EXISTS[statement.kind], "if not exists"
        if statement.kind == "CREATE INDEX" and tree.concurrent:
            keyword = "CONCURRENTLY"
    elif statement.kind in OR_REPLACE:
        keyword, words = "CREATE", "or replace"
    else:
        return
    created = name(statement)
    if created and created not in dropped_before(statement, migration):
        guarded = edits.with_words(statement, keyword, words)
        yield Match(
            edits.first_line(statement),
            object=created,
            guarded=edits.first_words(guarded) if guarded else None,
            edit=edits.insert_after(statement, migration.text, keyword, words),
        )


def is_guarded(statement: Statement) -> bool:
    tree = statement.tree
    relation = tree.into.rel if statement.kind == "CREATE TABLE AS" else getattr(tree, "relation", None)
    temporary = getattr(relation, "relpersistence", "p") == "t"
    return bool(getattr(tree, "if_not_exists", False) or getattr(tree, "replace", False) or temporary)


def name(statement: Statement) -> str:
    if statement.kind == "CREATE EXTENSION":
        return str(statement.tree.extname)
    return next(iter(names.creates(statement)), "")


def dropped_before(statement: Statement, migration: Migration) -> set[str]:
    return {
        name
        for other in migration.up
        if other.start < statement.start and other.kind.startswith("DROP ") and other.tree is not None
        for name in names.drops(other)
    }
