"""What a second run of a statement would stumble over, and the guard that lets it pass.

A second run of `create table t` fails, of `create table if not exists t` it does not. Each statement has one answer, so
that no two rules speak of it: an ALTER TABLE that adds a column and a constraint is about the column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct
from postgast import pg_query_pb2 as pb

from pgassay.model import Edit, Migration, Statement
from pgassay.sql import altered, edits, names, rewrite
from pgassay.sql.before import Before

IF_NOT_EXISTS = {
    "CREATE TABLE": "TABLE",
    "CREATE TABLE AS": "TABLE",
    "CREATE MATERIALIZED VIEW": "VIEW",
    "CREATE FOREIGN TABLE": "TABLE",
    "CREATE INDEX": "INDEX",
    "CREATE SEQUENCE": "SEQUENCE",
    "CREATE SCHEMA": "SCHEMA",
    "CREATE EXTENSION": "EXTENSION",
    "CREATE SERVER": "SERVER",
    "CREATE STATISTICS": "STATISTICS",
}
OR_REPLACE = ("CREATE VIEW", "CREATE FUNCTION", "CREATE PROCEDURE", "CREATE RULE")


class Guard(Struct, frozen=True):
    """The guard that is missing. `family` names the rule that speaks of it: create, drop, column, constraint, ...

    `objects` are in the way by then, or gone. `guarded` are the first words of the statement with its guard, `first` is
    what to write before it, `condition` what a DO block around it has to pass over. `unnamed` tells that the second run
    does not fail but makes another one under another name.
    """

    family: str
    objects: tuple[str, ...]
    edit: Edit | None = None
    guarded: str | None = None
    first: str | None = None
    condition: str | None = None
    unnamed: bool = False


def missing(statement: Statement, migration: Migration, family: str) -> Guard | None:
    """None where the statement is none of this family, has its guard, or the same file prepares for it."""
    known = Before.of(migration).answers
    if statement.start not in known:
        # Every rule asks about every statement.
        find = _FINDERS.get(type(statement.tree).__name__)
        known[statement.start] = find(statement, migration) if find else None
    guard: Guard | None = known[statement.start]
    return guard if guard and guard.family == family else None


def _created(statement: Statement, migration: Migration) -> Guard | None:
    tree = statement.tree
    relation = tree.into.rel if statement.kind == "CREATE TABLE AS" else getattr(tree, "relation", None)
    temporary = getattr(relation or getattr(tree, "view", None), "relpersistence", "p") == "t"
    if getattr(tree, "if_not_exists", False) or getattr(tree, "replace", False) or temporary:
        return None
    if len(getattr(tree, "schema_elts", ())):
        return None
    created = tree.extname if statement.kind == "CREATE EXTENSION" else next(iter(names.creates(statement)), "")
    if statement.kind == "CREATE INDEX" and not tree.idxname:
        return _unnamed_index(statement, migration)
    if statement.kind in IF_NOT_EXISTS:
        keyword, words = IF_NOT_EXISTS[statement.kind], "if not exists"
        if statement.kind == "CREATE INDEX" and tree.concurrent:
            keyword = "CONCURRENTLY"
    elif statement.kind in OR_REPLACE:
        keyword, words = "CREATE", "or replace"
    else:
        return None
    on = names.relation(tree.relation) if statement.kind == "CREATE INDEX" else None
    if not created or Before.of(migration).is_gone(created, statement, statement.kind, on):
        return None
    guarded = edits.with_words(statement, keyword, words)
    edit = edits.insert_after(statement, migration.text, keyword, words)
    return Guard("create", (created,), edit, edits.first_words(guarded) if guarded else None)


def _unnamed_index(statement: Statement, migration: Migration) -> Guard | None:
    """IF NOT EXISTS needs a name; the server would have chosen this one."""
    table = names.relation(statement.tree.relation)
    if Before.of(migration).is_gone(table, statement, statement.kind):
        return None
    columns = [item.index_elem.name or "expr" for item in statement.tree.index_params]
    name = "_".join([statement.tree.relation.relname, *columns, "idx"])[:63]
    keyword = "CONCURRENTLY" if statement.tree.concurrent else "INDEX"
    words = f"if not exists {name}" if name.replace("_", "").isalnum() and name.islower() else None
    edit = edits.insert_after(statement, migration.text, keyword, words) if words else None
    return Guard("create", (name,), edit, f"create index {words}" if words else None, unnamed=True)


def _in_a_block(family: str, *conditions: str) -> Callable[[Statement, Migration], Guard | None]:
    """For statements that know no guard of their own."""

    def find(statement: Statement, migration: Migration) -> Guard | None:
        objects = names.creates(statement)
        if not objects or Before.of(migration).is_gone(objects[0], statement, statement.kind):
            return None
        block = rewrite.passing_over(statement.text, *conditions)
        edit = rewrite.replaced(statement, migration.text, block)
        return Guard(family, objects, edit, condition=" or ".join(conditions))

    return find


def _new_enum_value(statement: Statement, migration: Migration) -> Guard | None:
    tree = statement.tree
    enum = names.dotted(tree.type_name)
    if tree.old_val or tree.skip_if_new_val_exists or Before.of(migration).is_gone(enum, statement, "CREATE TYPE"):
        return None
    guarded = edits.with_words(statement, "VALUE", "if not exists")
    edit = edits.insert_after(statement, migration.text, "VALUE", "if not exists")
    return Guard("type", (f"{tree.new_val} of {enum}",), edit, guarded)


def _published(statement: Statement, migration: Migration) -> Guard | None:
    tree = statement.tree
    if tree.action != pb.AP_AddObjects:
        return None
    tables = [node.publication_obj_spec.pubtable.relation for node in tree.pubobjects]
    objects = tuple(f"{names.relation(table)} in {tree.pubname}" for table in tables if table.relname)
    before = Before.of(migration)
    if not objects or all(before.is_gone(names.relation(table), statement, statement.kind) for table in tables):
        return None
    block = rewrite.passing_over(statement.text, "duplicate_object")
    edit = rewrite.replaced(statement, migration.text, block)
    return Guard("create", objects, edit, condition="duplicate_object")


def _policy(statement: Statement, migration: Migration) -> Guard | None:
    (name,) = names.creates(statement)
    table = names.relation(statement.tree.table)
    return _dropped_first("policy", statement, migration, name, table, "POLICY", statement.tree.table)


def _trigger(statement: Statement, migration: Migration) -> Guard | None:
    tree = statement.tree
    (name,) = names.creates(statement)
    table = names.relation(tree.relation)
    if tree.replace:
        return None
    if tree.isconstraint:
        return _dropped_first("trigger", statement, migration, name, table, "TRIGGER", tree.relation)
    if Before.of(migration).is_gone(name, statement, statement.kind, table):
        return None
    guarded = edits.with_words(statement, "CREATE", "or replace")
    edit = edits.insert_after(statement, migration.text, "CREATE", "or replace")
    return Guard("trigger", (name,), edit, edits.first_words(guarded.split("\n", 1)[0]) if guarded else None)


def _dropped_first(
    family: str, statement: Statement, migration: Migration, name: str, table: str, keyword: str, relation: Any
) -> Guard | None:
    if Before.of(migration).is_gone(name, statement, statement.kind, table):
        return None
    written = altered.written_after(statement, keyword)
    on = altered.written_relation(statement, relation)
    if written is None or on is None:
        return Guard(family, (name,))
    first = rewrite.in_case_of(statement.text.split(None, 1)[0], f"drop {keyword.lower()} if exists ")
    on_word = rewrite.in_case_of(statement.text.split(None, 1)[0], " on ")
    first += written + on_word + on
    return Guard(family, (name,), rewrite.before(statement, migration.text, first), first=first)


def _altered(statement: Statement, migration: Migration) -> Guard | None:
    if statement.kind != "ALTER TABLE":
        return None
    before = Before.of(migration)
    table = names.relation(statement.tree.relation)
    if before.is_gone(table, statement, "CREATE TABLE"):
        return None
    commands = [command for command in altered.commands(statement) if not before.knows(command, statement)]
    if not commands:
        return None
    family = min((command.family for command in commands), key=("column", "constraint", "drop").index)
    told = [command for command in commands if command.family == family]
    edit = altered.guarded(statement, migration.text, commands)
    conditions = {condition for command in told for condition in command.conditions}
    return Guard(
        family,
        tuple(command.name for command in told),
        edit,
        next((command.guarded for command in told if command.guarded), None),
        condition=" or ".join(sorted(conditions)) or None,
        unnamed=all(command.unnamed for command in told),
    )


def _dropped(statement: Statement, migration: Migration) -> Guard | None:
    if statement.tree.missing_ok:
        return None
    before = Before.of(migration)
    objects = tuple(name for name in names.drops(statement) if not before.is_made(name, statement))
    if not objects:
        return None
    keyword = "CONCURRENTLY" if statement.tree.concurrent else statement.kind.split()[-1]
    guarded = edits.with_words(statement, keyword, "if exists")
    edit = edits.insert_after(statement, migration.text, keyword, "if exists")
    return Guard("drop", objects, edit, guarded)


_RENAMED = {
    pb.OBJECT_TABLE: None,
    pb.OBJECT_VIEW: None,
    pb.OBJECT_MATVIEW: None,
    pb.OBJECT_INDEX: None,
    pb.OBJECT_SEQUENCE: None,
    pb.OBJECT_COLUMN: "undefined_column",
    pb.OBJECT_TYPE: "undefined_object",
    pb.OBJECT_TABCONSTRAINT: "undefined_object",
    pb.OBJECT_POLICY: "duplicate_object",
    pb.OBJECT_TRIGGER: "undefined_object",
    pb.OBJECT_SCHEMA: "invalid_schema_name",
    pb.OBJECT_FUNCTION: "undefined_function",
}


def _renamed(statement: Statement, migration: Migration) -> Guard | None:
    """By the second run the old name is gone."""
    tree = statement.tree
    on = names.relation(tree.relation) if tree.HasField("relation") else None
    old = altered.renamed_from(tree)
    if tree.rename_type not in _RENAMED or old is None:
        return None
    before = Before.of(migration)
    if before.is_made(old, statement) or (on and before.is_made(on, statement)):
        return None
    condition = _RENAMED[tree.rename_type]
    if condition:
        block = rewrite.passing_over(statement.text, condition)
        return Guard("drop", (old,), rewrite.replaced(statement, migration.text, block), condition=condition)
    if tree.missing_ok:
        return None
    keyword = "TABLE" if tree.rename_type == pb.OBJECT_TABLE else statement.kind.split()[-1]
    guarded = edits.with_words(statement, keyword, "if exists")
    edit = edits.insert_after(statement, migration.text, keyword, "if exists")
    return Guard("drop", (old,), edit, guarded)


def _inserted(statement: Statement, migration: Migration) -> Guard | None:
    """Rows that stand in the file itself; what is selected from elsewhere may well say `where not exists`."""
    tree = statement.tree
    rows = tree.select_stmt.select_stmt.values_lists if tree.select_stmt.HasField("select_stmt") else ()
    table = names.relation(tree.relation)
    before = Before.of(migration)
    if not len(rows) or tree.HasField("on_conflict_clause") or tree.HasField("with_clause"):
        return None
    if before.is_emptied(table, statement) or before.is_temporary(table):
        return None
    scanned = rewrite.tokens(statement)
    if not scanned:
        return Guard("seed", (table,))
    returning = (
        [token.start for token in scanned if token.kind == "RETURNING"] if tree.HasField("returning_clause") else []
    )
    words = rewrite.in_case_of(statement.text[scanned[0].start : scanned[0].end], "on conflict do nothing")
    end = scanned[-1].end
    spot = (returning[-1], f"{words} ") if returning else (end, f" {words}" if not _is_long(rows) else f"\n{words}")
    return Guard("seed", (table,), rewrite.insertions(statement, migration.text, [spot]))


def _is_long(rows: Iterable[Any]) -> bool:
    return len(list(rows)) > 1


_FINDERS: dict[str, Callable[[Statement, Migration], Guard | None]] = {
    **dict.fromkeys(
        (
            "CreateStmt",
            "CreateTableAsStmt",
            "CreateForeignTableStmt",
            "IndexStmt",
            "CreateSeqStmt",
            "CreateSchemaStmt",
            "CreateExtensionStmt",
            "CreateForeignServerStmt",
            "CreateStatsStmt",
            "ViewStmt",
            "CreateFunctionStmt",
            "RuleStmt",
        ),
        _created,
    ),
    **dict.fromkeys(
        ("CreateEnumStmt", "CreateRangeStmt", "CompositeTypeStmt", "CreateDomainStmt"),
        _in_a_block("type", "duplicate_object"),
    ),
    **dict.fromkeys(("CreateRoleStmt", "CreatePublicationStmt"), _in_a_block("create", "duplicate_object")),
    "AlterEnumStmt": _new_enum_value,
    "AlterPublicationStmt": _published,
    "CreatePolicyStmt": _policy,
    "CreateTrigStmt": _trigger,
    "AlterTableStmt": _altered,
    "DropStmt": _dropped,
    "RenameStmt": _renamed,
    "InsertStmt": _inserted,
}
