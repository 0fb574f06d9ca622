from collections.abc import Iterator
from typing import Any

from pgassay.model import BuiltIndex, Match, Statement, Step
from pgassay.sql import commands, durations, edits, strengths


def check(step: Step) -> Iterator[Match]:
    rewritten = {table.oid for table in step.rewrites}
    built = [
        index
        for index in step.built_indexes
        if index.table.existed and not index.concurrently and index.table.oid not in rewritten
    ]
    partitioned = is_partitioned(step.statement, built)
    # Of a partitioned table one for all of its partitions.
    for index in built[:1] if partitioned else built:
        plain = step.statement.kind == "CREATE INDEX"
        name, table = written(step.statement, index) if partitioned else (index.name, index.table.name)
        unique = None if plain else unique_name(step.statement, index)
        tried = durations.tried(step)
        wait = durations.wait(durations.INDEX, index.table.rows, tried)
        yield Match(
            edits.first_line(step.statement),
            index=name,
            table=table,
            lock=strengths.strongest(step.locks, index.table.oid) or strengths.strongest(step.held, index.table.oid),
            rows=wait.rows,
            seconds=wait.seconds,
            minutes=wait.minutes,
            hours=wait.hours,
            took=tried.took,
            tried=tried.rows,
            meanwhile=tried.closed,
            concurrently=edits.with_words(step.statement, "INDEX", "concurrently")
            if plain and not partitioned
            else None,
            only=edits.with_words(step.statement, "ON", "only") if plain and partitioned else None,
            inside=step.statement.kind.lower() if step.statement.kind in ("DO", "CALL", "SELECT") else None,
            constraint=unique,
            exclusion=index.name if excludes(step.statement, index.name) else None,
        )


def is_partitioned(statement: Statement, built: list[BuiltIndex]) -> bool:
    """Named is one table, and the index was built on others."""
    if statement.kind != "CREATE INDEX" or statement.tree is None:
        return False
    return bool(built) and all(
        index.table.name.rpartition(".")[2] != statement.tree.relation.relname for index in built
    )


def written(statement: Statement, index: BuiltIndex) -> tuple[str, str]:
    tree: Any = statement.tree
    return tree.idxname or index.name, tree.relation.relname


def unique_name(statement: Statement, index: BuiltIndex) -> str | None:
    """The index of a unique constraint or a primary key that ALTER TABLE adds, which another index can stand in for."""
    kinds = {kind for kind, _ in commands.constraints(statement)}
    return index.name if kinds & {"CONSTR_UNIQUE", "CONSTR_PRIMARY"} and not excludes(statement, index.name) else None


def excludes(statement: Statement, name: str) -> bool:
    named = {node.conname: kind for kind, node in commands.constraints(statement)}
    return named.get(name, named.get("")) == "CONSTR_EXCLUSION"
