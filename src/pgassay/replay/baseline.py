"""A schema dump applied before the first migration, and which migrations it has in it already.

What `pg_dump -s` and `supabase db dump` write was made by a superuser and is meant for an empty database. Here much is
there already, and the role that applies it may not do everything: what the environment has is passed over in silence,
the rest that fails is told in one note.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct
from postgast import pg_query_pb2 as pb

from pgassay.model import Migration, ServerError, Statement, Unchecked
from pgassay.postgres import environments
from pgassay.postgres.session import Session
from pgassay.replay.execute import refuse_ended
from pgassay.replay.failures import Explained, Failure, Reason
from pgassay.replay.substitutes import Substitutes
from pgassay.sql import names
from pgassay.sql.tags import TRANSACTION_TAGS
from pgassay.supabase.privileges import DefaultPrivileges

# duplicate_table, _object, _schema, _function, _column, _database
_THERE = frozenset({"42P07", "42710", "42P06", "42723", "42701", "42P04"})
_UNDEFINED_OBJECT = "42704"

# What Supabase and its extensions keep in a database. A dump of everything has all of it, in its own version.
_SERVICES = frozenset(
    "_analytics _realtime auth cron extensions graphql graphql_public net pgbouncer pgsodium pgsodium_masks realtime"
    " storage supabase_functions supabase_migrations vault".split()
)
_EVENT_TRIGGERS = frozenset(
    "issue_graphql_placeholder issue_pg_cron_access issue_pg_graphql_access issue_pg_net_access pgrst_ddl_watch"
    " pgrst_drop_watch".split()
)


def apply_baseline(
    session: Session, baseline: Migration, substitutes: Substitutes, privileges: DefaultPrivileges | None
) -> list[Failure]:
    """What could not be applied and is not there already. `privileges` is None outside Supabase.

    A dump grants what it means to grant, one by one; so nothing is granted to new tables meanwhile.
    """
    statements = [each for each in baseline.up if not _is_for_psql(each)]
    kinds = {each.kind for each in statements}
    if privileges and "GRANT" in kinds:
        session.run(environments.default_privileges("closed"))
    failures = [
        Failure(baseline, statement, error)
        for statement in statements
        if (error := _apply(session, statement, substitutes, supabase=privileges is not None))
    ]
    refuse_ended(session, baseline.path)
    session.run("discard all")
    if privileges and "GRANT" in kinds and (privileges.source or "ALTER DEFAULT PRIVILEGES" not in kinds):
        session.run(environments.default_privileges(privileges.at_first))
    return failures


def _apply(session: Session, statement: Statement, substitutes: Substitutes, *, supabase: bool) -> ServerError | None:
    tree = statement.tree
    if supabase and getattr(tree, "trigname", None) in _EVENT_TRIGGERS:
        return None
    error = session.run(substitutes.instead(statement) or statement.text).error
    if error and type(tree).__name__ == "CreateSchemaStmt" and tree.authrole.rolename:
        # Its owner is not there; what is in it has an owner of its own.
        error = session.run(f"create schema {_identifier(tree.schemaname or tree.authrole.rolename)}").error
    return error if error and not _may_fail(statement, error, supabase=supabase) else None


def _is_for_psql(statement: Statement) -> bool:
    """Meta-commands, rows, and transactions: each statement is tried alone."""
    only_psql = statement.problem is not None and statement.problem.only_psql
    return not statement.text or only_psql or statement.kind in TRANSACTION_TAGS or _is_copy_of_rows(statement)


def _is_copy_of_rows(statement: Statement) -> bool:
    return statement.kind == "COPY" and statement.tree.is_from and not statement.tree.filename


def _may_fail(statement: Statement, error: ServerError, *, supabase: bool) -> bool:
    """The environment has it already, knows better, or nobody misses it."""
    tree = statement.tree
    if is_there_already(error):
        return True
    match type(tree).__name__:
        case "VariableSetStmt" | "AlterOwnerStmt":
            return True
        case "AlterTableStmt" if all(node.alter_table_cmd.subtype == pb.AT_ChangeOwner for node in tree.cmds):
            return True
        case "GrantStmt" | "GrantRoleStmt" | "AlterDefaultPrivilegesStmt" if error.sqlstate == _UNDEFINED_OBJECT:
            return 'role "' in error.message or (supabase and _is_of_services(statement))
        case "AlterDefaultPrivilegesStmt" | "AlterRoleStmt" | "AlterRoleSetStmt" if error.sqlstate == "42501":
            # Other roles are the server's business.
            return True
        case "CommentStmt" if tree.objtype == pb.OBJECT_EXTENSION:
            return True
    return supabase and _is_of_services(statement)


def is_there_already(error: ServerError) -> bool:
    return error.sqlstate in _THERE or error.message.startswith("multiple primary keys for table")


def _is_of_services(statement: Statement) -> bool:
    return any(_schema(name) in _SERVICES for name in _about(statement))


def _schema(name: str) -> str:
    """`auth` of `auth.users`, `auth.` and `policy on auth.users`."""
    qualified = name.rpartition(" on ")[2]
    return qualified.partition(".")[0] if "." in qualified else ""


def _about(statement: Statement) -> Iterator[str]:
    """Names of what the statement is about, with their schema in front; a schema is a name that ends in a dot."""
    tree = statement.tree
    end = "." if statement.kind.endswith(" SCHEMA") else ""
    yield from (f"{name}{end}" for name in (*names.creates(statement), *names.drops(statement)))
    match type(tree).__name__:
        case "GrantStmt":
            for node in tree.objects:
                yield _name(node)
        case "CommentStmt" | "RenameStmt" | "AlterObjectSchemaStmt" | "AlterOwnerStmt":
            yield _name(tree.object)
        case "AlterFunctionStmt":
            yield names.dotted(tree.func.objname)
        case "AlterDefaultPrivilegesStmt":
            for option in tree.options:
                if option.def_elem.defname == "schemas":
                    yield from (f"{node.string.sval}." for node in option.def_elem.arg.list.items)
    for field in ("relation", "sequence", "table"):
        range_var = getattr(tree, field, None)
        if hasattr(range_var, "relname"):
            yield names.relation(range_var)


def _name(node: Any) -> str:
    match node.WhichOneof("node"):
        case "range_var":
            return names.relation(node.range_var)
        case "object_with_args":
            return names.dotted(node.object_with_args.objname)
        case "type_name":
            return names.dotted(node.type_name.names)
        case "list":
            return ".".join(names.strings(node.list.items))
        case "string":
            return f"{node.string.sval}."
    return ""


class Contained(Struct, frozen=True):
    """The first `files` migrations are in the baseline; the last of them said so with `failure`."""

    files: int = 0
    failure: Failure | None = None


def contained(session: Session, migrations: Sequence[Migration], substitutes: Substitutes) -> Contained:
    """How much of a history the baseline has in it: all of it up to the last file that makes what is there.

    Each file is tried after those before it; one that meets an object of the baseline takes all of them back. Nothing
    of the trial stays.
    """
    found = Contained()
    session.run("begin; savepoint pgassay_baseline")
    made: set[str] = set()
    for n, migration in enumerate(migrations, 1):
        failure = _meets(session, migration, substitutes, made)
        if failure:
            found = Contained(n, failure)
            made.clear()
            session.run("rollback to savepoint pgassay_baseline")
        session.run("reset role; reset all")
        if not session.open:
            break
    session.run("rollback")
    return found


def _meets(session: Session, migration: Migration, substitutes: Substitutes, made: set[str]) -> Failure | None:
    """The first statement that makes what is there, unless a file since the baseline did. Fills `made`."""
    for statement in migration.up:
        if statement.problem or statement.kind in TRANSACTION_TAGS:
            continue
        text = substitutes.instead(statement) or statement.text
        error = session.run(f"savepoint pgassay_trial;\n{text}\n;release savepoint pgassay_trial").error
        if error:
            session.run("rollback to savepoint pgassay_trial; release savepoint pgassay_trial")
        created = names.creates(statement)
        if not error:
            made.update(created)
        elif is_there_already(error) and not made.intersection(created) and not _is_of_environment(statement, created):
            return Failure(migration, statement, error)
    return None


def _is_of_environment(statement: Statement, created: tuple[str, ...]) -> bool:
    """What an empty server has as well tells nothing about the baseline."""
    if statement.kind in ("CREATE EXTENSION", "CREATE ROLE", "CREATE PUBLICATION"):
        return True
    return _is_of_services(statement) or (statement.kind == "CREATE SCHEMA" and "public" in created)


def was_done_before(failure: Failure) -> bool:
    """A file that the baseline has in it fails like this: what it makes is there, what it takes away is gone."""
    error, tree = failure.error, failure.statement.tree
    if is_there_already(error):
        return True
    if error.sqlstate not in ("42P01", "42703", "42704", "42883"):
        return False
    match type(tree).__name__:
        case "DropStmt" | "RenameStmt":
            return True
        case "AlterTableStmt":
            gone = (pb.AT_DropColumn, pb.AT_DropConstraint)
            return any(node.alter_table_cmd.subtype in gone for node in tree.cmds)
    return False


def contained_note(
    baseline: Migration, found: Contained, later: Sequence[Failure], *, merged: bool
) -> Unchecked | None:
    """One entry for all files that the baseline has in it; `later` are failures of the others that say the same."""
    files = found.files + len({failure.migration.path for failure in later})
    first = found.failure or (later[0] if later else None)
    if first is None:
        return None
    where = first.statement.location
    kind = "merged" if merged else "proposed"
    count = f"1 {kind} file is" if files == 1 else f"{files} {kind} files are"
    last = "the last of them" if found.failure and files > 1 else "it"
    return Unchecked(
        f"{count} in {baseline.path} already",
        f"so {'it was' if files == 1 else 'they were'} not run again; {last} would fail: "
        f"{where.path}:{where.start_line}: {first.error.message}",
    )


def baseline_note(baseline: Migration, explained: Sequence[Explained], unjudged: int) -> Unchecked | None:
    """One entry for everything of the dump that could not be applied, first cause first."""
    if not explained:
        return None
    first = next((entry for entry in explained if entry.reason is not Reason.CONSEQUENCE), explained[0])
    where = first.failure.statement.location
    count = len(explained)
    what = f"{count} {'statement' if count == 1 else 'statements'} of {baseline.path} could not be applied"
    if unjudged:
        what += f", so {unjudged} proposed {'statement was' if unjudged == 1 else 'statements were'} not judged"
    why = f"first cause: {where.path}:{where.start_line}: {first.failure.error.message}"
    return Unchecked(what, why, essential=unjudged > 0)


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
