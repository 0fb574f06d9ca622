"""Which objects are there, so that what a statement took away can be named.

Objects that go with their table unasked (its columns, constraints, triggers) are told only when the table stays.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from pgassay.model import Dropped, Statement
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.sql import names

_USER_SCHEMA = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
_NOT_OF_EXTENSION = "not exists (select from pg_depend e where e.classid = {0} and e.objid = {1} and e.deptype = 'e')"

# classid, objid, objsubid, the object that this one is a part of, and whether it goes along by itself.
_ADDRESSES = f"""
select 'pg_namespace'::regclass::oid, n.oid, 0, 0::oid from pg_namespace n where {_USER_SCHEMA}
union all
select 'pg_class'::regclass::oid, c.oid, 0, n.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'v', 'm', 'f') and {_USER_SCHEMA}
union all
select 'pg_class'::regclass::oid, c.oid, a.attnum, c.oid from pg_attribute a join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'f') and a.attnum > 0 and not a.attisdropped and {_USER_SCHEMA}
union all
select 'pg_constraint'::regclass::oid, o.oid, 0, o.conrelid from pg_constraint o
  join pg_class c on c.oid = o.conrelid join pg_namespace n on n.oid = c.relnamespace
 where o.contype in ('f', 'u', 'p', 'c', 'x') and {_USER_SCHEMA}
union all
select 'pg_attrdef'::regclass::oid, d.oid, 0, d.adrelid from pg_attrdef d
  join pg_class c on c.oid = d.adrelid join pg_namespace n on n.oid = c.relnamespace where {_USER_SCHEMA}
union all
select 'pg_policy'::regclass::oid, p.oid, 0, p.polrelid from pg_policy p
  join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace where {_USER_SCHEMA}
union all
select 'pg_trigger'::regclass::oid, t.oid, 0, t.tgrelid from pg_trigger t
  join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
 where not t.tgisinternal and {_USER_SCHEMA}
union all
select 'pg_proc'::regclass::oid, p.oid, 0, n.oid from pg_proc p join pg_namespace n on n.oid = p.pronamespace
 where {_USER_SCHEMA} and {_NOT_OF_EXTENSION.format("'pg_proc'::regclass", "p.oid")}
union all
select 'pg_type'::regclass::oid, t.oid, 0, n.oid from pg_type t join pg_namespace n on n.oid = t.typnamespace
 where t.typtype in ('e', 'd') and {_USER_SCHEMA}
"""
_DESCRIBED = f"""
select o.*, i.type, i.identity, i.name from ({_ADDRESSES}) o (classid, objid, objsubid, part_of),
  lateral pg_identify_object(o.classid, o.objid, o.objsubid) i
"""

_NO_WHOLE = frozenset({"table column", "table constraint", "default value", "policy", "trigger", "schema"})

Address = tuple[int, int, int]


class Item(Struct, frozen=True):
    kind: str
    identity: str
    name: str | None
    part_of: int
    oid: int


def take(session: Session) -> dict[Address, Item]:
    return {(row[0], row[1], row[2]): Item(row[4], row[5], row[6], row[3], row[1]) for row in look(session, _DESCRIBED)}


def addresses(session: Session) -> frozenset[Address]:
    return frozenset((row[0], row[1], row[2]) for row in look(session, _ADDRESSES))


def missing(session: Session, before: dict[Address, Item]) -> tuple[list[Item], dict[Address, Item]]:
    """What is gone, and what of `before` is left."""
    there = addresses(session)
    gone = [item for address, item in before.items() if address not in there]
    if not gone:
        return [], before
    return gone, {address: item for address, item in before.items() if address in there}


def describe(gone: list[Item], statement: Statement) -> tuple[Dropped, ...]:
    """Without the parts of what is gone as a whole. A schema is no whole: without CASCADE it keeps what is in it."""
    whole = {item.oid for item in gone if item.kind not in _NO_WHOLE}
    with_column = {f"for {item.identity}" for item in gone if item.kind == "table column"}
    told = [
        (item.kind, readable(item.identity))
        for item in gone
        if item.part_of not in whole and item.identity not in with_column
    ]
    named = _named([name for _, name in told], statement)
    return tuple(Dropped(kind, name, name in named) for kind, name in told)


def readable(identity: str) -> str:
    """`x on public.t` is `x on t`; `public.t.c` is `t.c`; `public.f(pg_catalog.text)` is `f(text)`."""
    return re.sub(r"(^| on |^for )public\.|\bpg_catalog\.", r"\1", identity)


def _bare(name: str) -> str:
    return re.sub(r"\(.*\)$", "", name).replace('"', "").casefold()


def _named(names: list[str], statement: Statement) -> frozenset[str]:
    """Which of the names the statement itself wants gone."""
    asked = _asked_for(statement)
    if asked is None:
        # DO, CALL, EXECUTE: the words of the body are all there is.
        text = statement.text.casefold()
        return frozenset(name for name in names if re.search(rf"(?<!\w){re.escape(_own(name))}(?!\w)", text))
    exact = frozenset(name for name in names if _bare(name) in asked)
    # A name without a schema was looked up on a search path.
    left = asked - frozenset(map(_bare, exact))
    return exact | frozenset(name for name in names if _without_schema(_bare(name)) in left)


def _own(name: str) -> str:
    """`policy`, of `policy on t`; `t`, of `app.t`."""
    bare = _bare(name)
    part, on, _ = bare.rpartition(" on ")
    return part if on else bare.rpartition(".")[2]


def _without_schema(bare: str) -> str:
    """`t` of `app.t`, `t.c` of `app.t.c`, `policy on t` of `policy on app.t`."""
    part, on, _ = bare.rpartition(" on ")
    return part + on + bare.removeprefix(part + on).partition(".")[2]


def _asked_for(statement: Statement) -> frozenset[str] | None:
    """The names that the statement itself wants gone, in the form of `_bare`; None when its tree has none."""
    tree: Any = statement.tree
    match type(tree).__name__:
        case "DropStmt":
            asked = list(names.drops(statement))
        case "AlterTableStmt":
            table = names.relation(tree.relation)
            asked = []
            for node in tree.cmds:
                name = node.alter_table_cmd.name
                asked += [f"{table}.{name}", f"{name} on {table}"]
        case _:
            return None
    return frozenset(_bare(name) for name in asked)
