"""Which objects are there, so that what a statement took away can be named.

Objects that go with their table unasked (its columns, constraints, triggers) are told only when the table stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from pgassay.model import Dropped, Statement
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.replay.scope import Scope
from pgassay.sql import names
from pgassay.sql.cascade import cascades, own_table

_USER_SCHEMA = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'"
_NOT_OF_EXTENSION = "not exists (select from pg_depend e where e.classid = {0} and e.objid = {1} and e.deptype = 'e')"

# classid, objid, objsubid, and the object that this one is a part of.
_OBJECTS = f"""
select 'pg_namespace'::regclass::oid, n.oid, 0, 0::oid from pg_namespace n where {_USER_SCHEMA}
union all
select 'pg_class'::regclass::oid, c.oid, 0,
       case when c.relispartition then (select i.inhparent from pg_inherits i where i.inhrelid = c.oid) else n.oid end
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'v', 'm', 'f') and {_USER_SCHEMA}
"""
_COLUMNS = f"""union all
select 'pg_class'::regclass::oid, c.oid, a.attnum, c.oid from pg_attribute a join pg_class c on c.oid = a.attrelid
  join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'f') and a.attnum > 0 and not a.attisdropped and {_USER_SCHEMA}
"""
# The number of columns that each table has ever had, in the place of their own numbers.
_NUMBERS_OF_COLUMNS = f"""union all
select 0::oid, c.oid, c.relnatts, c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'f') and {_USER_SCHEMA}
"""
_PARTS = f"""union all
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
_ADDRESSES = _OBJECTS + _COLUMNS + _PARTS
_WITHOUT_COLUMNS = f"""
select * from ({_OBJECTS + _NUMBERS_OF_COLUMNS + _PARTS}) o (classid, objid, objsubid, part_of)
where objid = any ('{{{{{{known}}}}}}') or objid > {{newest}}
"""
# Of a partition, what it has from its parent is left out.
_DESCRIBED = f"""
select o.*, i.type, i.identity, i.name, k.contype::text,
       k.contype::text || ' ' || k.conrelid || case when k.contype = 'p' then '' else coalesce(k.conkey::text, '') end,
       k.conrelid, nullif(k.confrelid, 0), k.conkey
from ({_ADDRESSES}) o (classid, objid, objsubid, part_of)
cross join lateral pg_identify_object(o.classid, o.objid, o.objsubid) i
left join pg_constraint k on o.classid = 'pg_constraint'::regclass and k.oid = o.objid
where (k.oid is null or k.coninhcount = 0 or k.conislocal)
  and (o.objsubid = 0 or not (select c.relispartition from pg_class c where c.oid = o.objid))
"""
_UNIQUE_INDEXES = """
select 'u ' || indrelid || '{' || replace(indkey::text, ' ', ',') || '}' from pg_index
where indisunique and indisvalid and indexprs is null
"""
_CONSTRAINTS = {"f": "foreign key", "c": "check", "u": "unique", "p": "primary key", "x": "exclude"}

_NO_WHOLE = frozenset({"table column", "table constraint", "default value", "policy", "trigger", "schema"})

Address = tuple[int, int, int]


class Item(Struct, frozen=True):
    """`detail` says what a constraint is; `like` is the same for two constraints of one kind on the same columns.

    `needs` are the tables without which a constraint has nothing to do, `columns` its own ones by table and number.
    """

    kind: str
    identity: str
    name: str | None
    part_of: int
    oid: int
    detail: str | None = None
    like: str | None = None
    needs: tuple[int, ...] = ()
    columns: tuple[tuple[int, int], ...] = ()


def take(session: Session) -> dict[Address, Item]:
    return {tuple(row[:3]): _item(*row[1:]) for row in look(session, _DESCRIBED)}


def _item(
    oid: int, _column: int, part_of: int, kind: str, identity: str, name: str | None, constraint: str, *about: Any
) -> Item:
    like, own, other, columns = about
    needs = tuple(filter(None, (own, other)))
    on = tuple((own, column) for column in columns or ())
    return Item(kind, identity, name, part_of, oid, _CONSTRAINTS.get(constraint), like, needs, on)


def unique_indexes(session: Session) -> frozenset[str]:
    """Each as a unique constraint on the same columns would be in `Item.like`."""
    return frozenset(row[0] for row in look(session, _UNIQUE_INDEXES))


def addresses(session: Session) -> frozenset[Address]:
    return frozenset((row[0], row[1], row[2]) for row in look(session, _ADDRESSES))


class There(Struct, frozen=True):
    """What of a scope is there at one moment, without a row for each column: to be asked about what is there later."""

    objects: frozenset[Address] = frozenset()
    columns: Mapping[int, int] = {}

    @classmethod
    def now(cls, session: Session, scope: Scope) -> There:
        known = ",".join(map(str, scope.known))
        rows = look(session, _WITHOUT_COLUMNS.format(known=known, newest=scope.newest))
        objects = frozenset((row[0], row[1], row[2]) for row in rows if row[0])
        return cls(objects, {row[1]: row[2] for row in rows if not row[0]})

    def had(self, address: Address) -> bool:
        return 0 < address[2] <= self.columns.get(address[1], 0) or address in self.objects


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
    schemas = {item.oid: item.identity for item in gone if item.kind == "schema"}
    with_column = {f"for {item.identity}" for item in gone if item.kind == "table column"}
    told = [item for item in gone if item.part_of not in whole and item.identity not in with_column]
    named = _named([readable(item.identity) for item in told], statement)
    cascade = cascades(statement)
    own = own_table(statement)
    return tuple(
        Dropped(
            item.kind,
            name := readable(item.identity),
            name in named,
            cascaded=cascade and name not in named and not _goes_anyway(item.kind, name, own),
            schema=schemas.get(item.part_of),
            detail=item.detail,
        )
        for item in told
    )


def _goes_anyway(kind: str, name: str, own: str | None) -> bool:
    """A column takes the constraints of its own table along without being told to."""
    return own is not None and kind == "table constraint" and name.endswith(f" on {own}")


def readable(identity: str) -> str:
    """`x on public.t` is `x on t`; `public.t.c` is `t.c`; `public.f(pg_catalog.text)` is `f(text)`."""
    return re.sub(r"(^| on |^for )public\.|\bpg_catalog\.", r"\1", identity)


def name_of(item: Item) -> tuple[str, str]:
    return item.kind, readable(item.identity)


def unquoted(identity: str) -> str:
    """As `names.display` would write it."""
    return readable(identity).replace('"', "")


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
