"""Rights that a REVOKE was meant to take, and that its roles have all the same.

A right can reach a role by several ways: a grant of its own, one to PUBLIC, one to a role that it inherits from, one on
the whole table beside one on a column. REVOKE takes the one that it names and says nothing of the others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct
from postgast import pg_query_pb2 as pb

from pgassay.model import KeptRight, Statement
from pgassay.postgres.look import look, looking
from pgassay.postgres.session import Session
from pgassay.sql import names

# Of each kind of object: where its grants are, its name, and what PostgreSQL grants when nobody has said anything.
_ACLS = """
select 'f' as kind, p.oid, p.proowner as owner, coalesce(p.proacl, acldefault('f', p.proowner)) as acl,
       format('%%s%%I(%%s)', case when n.nspname <> 'public' then format('%%I.', n.nspname) end, p.proname,
              pg_get_function_identity_arguments(p.oid)) as name
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
union all
select 'r', c.oid, c.relowner, coalesce(c.relacl, acldefault('r', c.relowner)),
       case when n.nspname = 'public' then format('%%I', c.relname) else format('%%I.%%I', n.nspname, c.relname) end
from pg_class c join pg_namespace n on n.oid = c.relnamespace
union all
select 'n', n.oid, n.nspowner, coalesce(n.nspacl, acldefault('n', n.nspowner)), format('%%I', n.nspname)
from pg_namespace n
"""
_KEPT = f"""
select o.kind, o.oid, o.name::text, r.rolname::text, lower(x.privilege_type),
       case when x.grantee = 0 then 'PUBLIC' else pg_get_userbyid(x.grantee)::text end
from ({_ACLS}) o
join unnest(%(kinds)s::text[], %(oids)s::oid[]) as asked (kind, oid) on asked.kind = o.kind and asked.oid = o.oid
join pg_roles r on r.rolname = any (%(roles)s)
cross join lateral aclexplode(o.acl) x
where (cardinality(%(privileges)s::text[]) = 0 or lower(x.privilege_type) = any (%(privileges)s))
  and not pg_has_role(r.oid, o.owner, 'usage')
  and case when %(own)s then x.grantee = r.oid else x.grantee = 0 or pg_has_role(r.oid, x.grantee, 'usage') end
order by 1, 3, 4, 5, 6
"""
_IN_SCHEMA = {
    pb.OBJECT_TABLE: ("r", "select c.oid from pg_class c where c.relkind in ('r','p','v','m','f') and c.relnamespace"),
    pb.OBJECT_FUNCTION: ("f", "select p.oid from pg_proc p where p.prokind <> 'p' and p.pronamespace"),
    pb.OBJECT_PROCEDURE: ("f", "select p.oid from pg_proc p where p.prokind = 'p' and p.pronamespace"),
    pb.OBJECT_ROUTINE: ("f", "select p.oid from pg_proc p where p.pronamespace"),
}
_FUNCTIONS = (pb.OBJECT_FUNCTION, pb.OBJECT_PROCEDURE, pb.OBJECT_ROUTINE)
# Whom Supabase's default privileges grant new functions to, besides PUBLIC.
_BY_DEFAULT = ("anon", "authenticated")

Object = tuple[str, int]


class Kept(Struct, frozen=True):
    """What was looked for and found after one REVOKE, to be looked for again at the end."""

    objects: tuple[Object, ...]
    rights: frozenset[KeptRight]


class Rights:
    """Fed with the GRANT and REVOKE statements of a change."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._granted: set[tuple[Object, str]] = set()

    def after(self, statement: Statement) -> Kept | None:
        """None for whatever is no REVOKE, and for one after which none of its roles has what it names."""
        tree = statement.tree
        if type(tree).__name__ != "GrantStmt" or (tree.grant_option and not tree.is_grant):
            return None
        roles = frozenset(_roles(tree))
        objects = self._objects(tree)
        if tree.is_grant:
            self._granted |= {(each, role) for each in objects for role in roles}
            return None
        rights = frozenset(self._kept(tree, objects, roles))
        return Kept(objects, rights) if rights else None

    def at_the_end(self, kept: Kept) -> tuple[KeptRight, ...]:
        """Without what a later statement took after all, or gave on purpose."""
        found: set[KeptRight] = set()
        for own in (True, False):
            roles = {right.role for right in kept.rights if right.own is own}
            found.update(self._look(kept.objects, roles, (), own=own) if roles else ())
        wanted = {(right.object, right.role, right.privilege) for right in kept.rights}
        still = {(right.object, right.role, right.privilege) for right in found} & wanted
        by_name = {role for each, role in self._granted if each in kept.objects}
        # Whoever shut out anon by name means to leave authenticated in.
        shut_out = "anon" in by_name or not any(role == "anon" for _, role, _ in still)
        return tuple(
            sorted(
                (
                    right
                    for right in kept.rights
                    if (right.object, right.role, right.privilege) in still
                    and not (right.own and (shut_out or right.role in by_name))
                ),
                key=lambda right: (right.object, right.role, right.privilege, right.through),
            )
        )

    def _kept(self, tree: Any, objects: tuple[Object, ...], roles: frozenset[str]) -> Iterable[KeptRight]:
        privileges = tuple(node.access_priv.priv_name.lower() for node in tree.privileges)
        if not objects:
            return
        if named := roles - {"PUBLIC"}:
            yield from self._look(objects, named, privileges, own=False)
        if "PUBLIC" in roles and tree.objtype in _FUNCTIONS:
            others = [role for role in _BY_DEFAULT if role not in roles]
            yield from self._look(objects, others, privileges, own=True)

    def _look(
        self, objects: tuple[Object, ...], roles: Iterable[str], privileges: tuple[str, ...], *, own: bool
    ) -> list[KeptRight]:
        parameters = {
            "kinds": [kind for kind, _ in objects],
            "oids": [oid for _, oid in objects],
            "roles": list(roles),
            "privileges": list(privileges),
            "own": own,
        }
        rows = look(self._session, _KEPT, parameters)
        return [
            KeptRight(kind, name, role, privilege, through, own) for kind, _, name, role, privilege, through in rows
        ]

    def _objects(self, tree: Any) -> tuple[Object, ...]:
        """By the search path of the file. Empty for kinds that nobody asks about here."""
        if tree.targtype == pb.ACL_TARGET_ALL_IN_SCHEMA:
            if tree.objtype not in _IN_SCHEMA:
                return ()
            kind, query = _IN_SCHEMA[tree.objtype]
            schemas = list(names.strings(tree.objects))
            found = look(
                self._session, f"{query} in (select oid from pg_namespace where nspname = any (%s))", (schemas,)
            )
            return tuple((kind, row[0]) for row in found)
        asked = [_lookup(tree.objtype, node) for node in tree.objects]
        if tree.targtype != pb.ACL_TARGET_OBJECT or not all(asked):
            return ()
        columns = ", ".join(f"pg_catalog.{function}(%s)::pg_catalog.oid" for _, function, _ in filter(None, asked))
        with looking(self._session, "set local statement_timeout = 0"):
            (row,) = self._session.rows(f"select {columns}", [name for _, _, name in filter(None, asked)])
        return tuple((each[0], oid) for each, oid in zip(filter(None, asked), row, strict=True) if oid)


def _roles(tree: Any) -> Iterable[str]:
    for node in tree.grantees:
        if node.role_spec.roletype == pb.ROLESPEC_PUBLIC:
            yield "PUBLIC"
        elif node.role_spec.roletype == pb.ROLESPEC_CSTRING:
            yield node.role_spec.rolename


def _lookup(objtype: int, node: Any) -> tuple[str, str, str] | None:
    """The kind of object, the function that finds it, and what to ask that for."""
    if objtype in _FUNCTIONS:
        function = node.object_with_args
        name = _quoted(names.strings(function.objname))
        if function.args_unspecified:
            return "f", "to_regproc", name
        return "f", "to_regprocedure", f"{name}({', '.join(_type(each.type_name) for each in function.objargs)})"
    if objtype == pb.OBJECT_TABLE:
        table = node.range_var
        return "r", "to_regclass", _quoted(filter(None, (table.schemaname, table.relname)))
    if objtype == pb.OBJECT_SCHEMA:
        return "n", "to_regnamespace", _quoted((node.string.sval,))
    return None


def _type(node: Any) -> str:
    return _quoted(names.strings(node.names)) + "[]" * bool(node.array_bounds)


def _quoted(parts: Iterable[str]) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)
