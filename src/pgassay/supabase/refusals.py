"""What Supabase refuses to a migration, read from the statement.

On the platform postgres neither owns the schemas of its services nor may create in them (since 2025-04-21,
supabase.com/changelog/34270), and the server's hook supautils reserves some roles. The throwaway server has no such
hook: there postgres inherits from the owners, so that policies can be made, and much else goes through with that.

Left out is what any server refuses by itself, in the schema vault and of installed extensions for instance.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from msgspec import Struct
from postgast import pg_query_pb2 as pb

from pgassay.model import ServerError, Statement
from pgassay.postgres.environments import made_by_supabase
from pgassay.sql import names

SERVICES = frozenset({"auth", "storage", "realtime"})
"""Schemas of services that a project's objects may still be in, from before they were closed."""

_OF_EXTENSIONS = frozenset({"cron", "net"})
_CLOSED = SERVICES | _OF_EXTENSIONS

# supautils.policy_grants and drop_trigger_grants: those that the changelog names and those that projects have in 2026.
POLICIES_ALLOWED = frozenset(
    f"{schema}.{table}"
    for schema, tables in {
        "auth": "audit_log_entries flow_state identities instances mfa_amr_claims mfa_challenges mfa_factors"
        " oauth_clients one_time_tokens refresh_tokens saml_providers saml_relay_states sessions sso_domains"
        " sso_providers users",
        "realtime": "messages subscription",
        "storage": "buckets buckets_analytics migrations objects prefixes s3_multipart_uploads"
        " s3_multipart_uploads_parts",
    }.items()
    for table in tables.split()
)
# pg_cron's jobs change through its functions: cron.schedule, cron.unschedule, cron.alter_job.
_READ_ONLY = frozenset({"auth.schema_migrations", "storage.migrations", "realtime.schema_migrations", "cron.job"})

# supautils.reserved_roles with an asterisk: their settings may be changed and nothing else. postgres administers these
# four; changing the other reserved ones takes a right that it has on no server.
_RESERVED = frozenset({"anon", "authenticated", "authenticator", "service_role"})

# What our environment has no use for.
_OTHERS = frozenset(
    {"storage.prefixes", "storage.vector_indexes", "storage.iceberg_namespaces", "storage.iceberg_tables"}
)


class Refusal(Struct, frozen=True):
    """`words` are the server's on Supabase; `object` is what they are about. One of the other three says what to do.

    `create` is a schema to stay out of, `keep` what to leave as it is, `protected` a table that has row level security.
    """

    words: str
    object: str
    create: str | None = None
    keep: str | None = None
    protected: str | None = None


def refusal(statement: Statement) -> Refusal | None:
    """The first reason that Supabase has to refuse the statement; None when it has none that the text tells."""
    tree = statement.tree
    if tree is None or not any(word in statement.text.lower() for word in (*_CLOSED, *_RESERVED)):
        return None
    return next(_refusals(statement, tree), None)


def was_allowed(error: ServerError) -> bool:
    """A refusal that is younger than most migrations: nobody deletes from the storage tables in SQL since 2026."""
    return error.sqlstate == "42501" and error.message.startswith("Direct deletion from storage tables is not allowed")


def _refusals(statement: Statement, tree: Any) -> Iterator[Refusal]:
    match type(tree).__name__:
        case "AlterTableStmt":
            yield from _altered_table(tree)
        case "IndexStmt" | "RuleStmt":
            name = names.relation(tree.relation)
            yield from _owned("table", name)
            if statement.kind == "CREATE INDEX":
                yield from _in_closed_schema(name)
        case "CreatePolicyStmt" | "AlterPolicyStmt":
            yield from _on_table(names.relation(tree.table))
        case "InsertStmt" | "UpdateStmt" | "DeleteStmt":
            yield from _rows(names.relation(tree.relation))
        case "TruncateStmt":
            for node in tree.relations:
                yield from _rows(names.relation(node.range_var))
        case "DropStmt":
            yield from _dropped(statement)
        case "CommentStmt":
            yield from _commented(tree)
        case "RenameStmt" | "AlterOwnerStmt" | "AlterObjectSchemaStmt" | "AlterFunctionStmt" | "AlterEnumStmt":
            yield from _altered(tree)
        case "AlterRoleStmt":
            yield from _reserved_role(tree.role.rolename)
        case "GrantRoleStmt" if tree.is_grant:
            for node in tree.granted_roles:
                yield from _reserved_membership(node.access_priv.priv_name)
        case "CreateRoleStmt":
            for option in tree.options:
                if option.def_elem.defname == "addroleto":
                    for role in option.def_elem.arg.list.items:
                        yield from _reserved_membership(role.role_spec.rolename)
        case _:
            for name in _created(statement, tree):
                yield from _in_closed_schema(name)


def _created(statement: Statement, tree: Any) -> tuple[str, ...]:
    if type(tree).__name__ == "DefineStmt":
        return (names.dotted(tree.defnames),)
    return names.creates(statement) if statement.kind.startswith("CREATE") else ()


def _altered_table(tree: Any) -> Iterator[Refusal]:
    name = names.relation(tree.relation)
    commands = [node.alter_table_cmd for node in tree.cmds]
    if name in POLICIES_ALLOWED and [command.subtype for command in commands] == [pb.AT_EnableRowSecurity]:
        yield Refusal(f"must be owner of table {tree.relation.relname}", name, protected=name)
    yield from _owned("table", name)


def _on_table(name: str) -> Iterator[Refusal]:
    if name not in POLICIES_ALLOWED:
        yield from _owned("relation", name)


def _rows(name: str) -> Iterator[Refusal]:
    if name in _READ_ONLY:
        yield Refusal(f"permission denied for table {name.partition('.')[2]}", name, keep=name)


def _dropped(statement: Statement) -> Iterator[Refusal]:
    kind = statement.kind.removeprefix("DROP ").lower()
    for name in names.drops(statement):
        if kind in ("policy", "trigger"):
            yield from _on_table(name.partition(" on ")[2])
        elif kind == "index" and _schema(name) in _CLOSED:
            # Whoever made it, it belongs to the owner of its table.
            yield Refusal(f"must be owner of index {name.partition('.')[2]}", name, keep=name)
        else:
            yield from _owned(kind, name)


def _commented(tree: Any) -> Iterator[Refusal]:
    node = tree.object
    match tree.objtype:
        case pb.OBJECT_POLICY:
            yield from _on_table(names.dotted(list(node.list.items)[:-1]))
        case pb.OBJECT_TRIGGER | pb.OBJECT_COLUMN | pb.OBJECT_TABCONSTRAINT | pb.OBJECT_RULE:
            yield from _owned("relation", names.dotted(list(node.list.items)[:-1]))
        case _:
            yield from _owned("relation" if node.WhichOneof("node") == "list" else "function", _named(node))


def _altered(tree: Any) -> Iterator[Refusal]:
    """A new name, owner, schema or property."""
    if type(tree).__name__ == "RenameStmt" and tree.rename_type == pb.OBJECT_ROLE:
        yield from _reserved_role(tree.subname)
        yield from _reserved_role(tree.newname)
        return
    yield from _in_closed_schema(f"{getattr(tree, 'newschema', '')}.")
    if hasattr(tree, "func"):
        yield from _owned("function", names.dotted(tree.func.objname))
    elif hasattr(tree, "type_name"):
        yield from _owned("type", names.dotted(tree.type_name))
    elif tree.HasField("relation"):
        yield from _owned("relation", names.relation(tree.relation))
    else:
        yield from _owned(
            "function" if tree.object.WhichOneof("node") == "object_with_args" else "type", _named(tree.object)
        )


def _named(node: Any) -> str:
    match node.WhichOneof("node"):
        case "list":
            return names.dotted(node.list.items)
        case "object_with_args":
            return names.dotted(node.object_with_args.objname)
        case "type_name":
            return names.dotted(node.type_name.names)
    return ""


def _in_closed_schema(name: str) -> Iterator[Refusal]:
    schema = _schema(name)
    if schema in _CLOSED:
        yield Refusal(f"permission denied for schema {schema}", name.rstrip("."), create=schema)


def _owned(kind: str, name: str) -> Iterator[Refusal]:
    """In the services' schemas only what is theirs: a project may have made others there before they were closed."""
    if name in _of_supabase() or _schema(name) in _OF_EXTENSIONS:
        yield Refusal(f"must be owner of {kind} {name.partition('.')[2]}", name, keep=name)


def _reserved_role(name: str) -> Iterator[Refusal]:
    if name in _RESERVED:
        yield Refusal(f'"{name}" is a reserved role, only superusers can modify it', name, keep=name)


def _reserved_membership(name: str) -> Iterator[Refusal]:
    if name == "authenticator":
        words = f'"{name}" role memberships are reserved, only superusers can grant them'
        yield Refusal(words, name, keep=name)


def _schema(name: str) -> str:
    return name.partition(".")[0] if "." in name else ""


@cache
def _of_supabase() -> frozenset[str]:
    return made_by_supabase() | POLICIES_ALLOWED | _OTHERS
