"""Roles belong to the whole server: what one database's migrations did to them must not reach those of the next.

The migration role itself undoes it, so that nothing is undone which a migration could not have done. What it may not
undo stays; the statements are then refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Self

from msgspec import Struct

from pgassay.postgres import environments
from pgassay.postgres.databases import quoted
from pgassay.postgres.look import look
from pgassay.postgres.session import Session

_ATTRIBUTES = ("inherit", "createrole", "createdb", "canlogin", "replication", "bypassrls")
_ROLES = f"""
select oid, rolname, array[{", ".join(f"rol{each}" for each in _ATTRIBUTES)}], coalesce(rolconfig, '{{}}') from pg_roles
"""
_MEMBERSHIPS = """
select g.rolname, m.rolname, a.admin_option, a.inherit_option, a.set_option
from pg_auth_members a join pg_roles g on g.oid = a.roleid join pg_roles m on m.oid = a.member
where a.grantor = current_user::regrole
"""


class Role(Struct, frozen=True):
    """`attributes` in the order of CREATE ROLE's words above, `settings` as `name=value`."""

    name: str
    attributes: tuple[bool, ...]
    settings: tuple[str, ...]


class Roles(Struct, frozen=True):
    """Roles by their OID, and the options (admin, inherit, set) of what the migration role granted, to whom."""

    roles: dict[int, Role]
    memberships: dict[tuple[str, str], tuple[bool, bool, bool]]

    @classmethod
    def of(cls, session: Session) -> Self:
        roles = {oid: Role(name, tuple(flags), tuple(settings)) for oid, name, flags, settings in look(session, _ROLES)}
        members = {(group, member): (a, i, s) for group, member, a, i, s in look(session, _MEMBERSHIPS)}
        return cls(roles, members)

    def restore(self, session: Session) -> bool:
        """Make the server's roles these again, in a session that no migration has used; whether there was need to."""
        now = Roles.of(session)
        for statement in self._undoing(now):
            session.run(statement)
        return now != self

    def _undoing(self, now: Roles) -> Iterator[str]:
        for group, member in now.memberships.keys() - self.memberships.keys():
            yield f"revoke {quoted(group)} from {quoted(member)}"
        known = environments.roles("supabase")
        for oid, new in now.roles.items():
            if oid not in self.roles and new.name not in known:
                yield f"drop role {quoted(new.name)}"
        for oid, role in self.roles.items():
            name, found = quoted(role.name), now.roles.get(oid)
            if found is None:
                yield f"create role {name}"
                found = Role(role.name, (True, *(False,) * (len(_ATTRIBUTES) - 1)), ())
            if found.name != role.name:
                yield f"alter role {quoted(found.name)} rename to {name}"
            for word, wanted, is_so in zip(_ATTRIBUTES, role.attributes, found.attributes, strict=True):
                if wanted != is_so:
                    yield f"alter role {name} {'' if wanted else 'no'}{word.removeprefix('can')}"
            if found.settings != role.settings:
                yield f"alter role {name} reset all"
                yield from (_set(name, *setting.split("=", 1)) for setting in role.settings)
        for (group, member), options in self.memberships.items():
            if now.memberships.get((group, member)) != options:
                words = zip(("admin", "inherit", "set"), options, strict=True)
                given = ", ".join(f"{word} {value}" for word, value in words)
                yield f"grant {quoted(group)} to {quoted(member)} with {given}"


def _set(role: str, name: str, value: str) -> str:
    """A list such as search_path is written another way than a string, which the server knows best."""
    literal = value.replace("'", "''")
    parameter = ".".join(map(quoted, name.split(".")))
    return f"select pg_catalog.set_config('{name}', '{literal}', true); alter role {role} set {parameter} from current"
