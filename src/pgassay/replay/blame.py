"""Catalog rules: which rows they find, and after which statement each of them appeared.

A row that appears and stays belongs to the statement after which it last appeared. That follows DO blocks, EXECUTE,
grants, drops and policies alike, without an event trigger and without superuser.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from msgspec import Struct

from pgassay.catalogue.query import compile_query
from pgassay.errors import CatalogueError
from pgassay.model import Rule
from pgassay.postgres.look import looking
from pgassay.postgres.session import QueryRefused, Session
from pgassay.replay import recursion
from pgassay.sql.locate import Anchor

Key = tuple[str, int, int, int]


class Row(Struct, frozen=True):
    """One row of one rule. `identity` is the same in every clone of a database, the key (with OIDs) is not."""

    rule: Rule
    identity: str
    anchor: Anchor
    facts: Mapping[str, Any]

    @property
    def name(self) -> tuple[str, str]:
        return self.rule.id, self.identity


# The facts travel as JSON, so that a rule may give arrays; the anchor is what a person would point at in the text.
_WRAPPED = """
select r.classid::oid, r.objid::oid, r.objsubid, i.type, i.identity,
       coalesce(o.conname, i.name, split_part(i.identity, ' on ', 1))::text, t.relname::text,
       array(select a.attname::text from unnest(o.conkey) with ordinality k (attnum, n)
             join pg_attribute a on a.attrelid = o.conrelid and a.attnum = k.attnum order by k.n),
       (select a.attname::text from pg_attribute a where r.classid = 'pg_class'::regclass and a.attrelid = r.objid
        and a.attnum = r.objsubid and r.objsubid > 0),
       to_jsonb(r) - 'classid' - 'objid' - 'objsubid'
from ({query}) r
cross join lateral pg_identify_object(r.classid::oid, r.objid::oid, r.objsubid) i
left join pg_constraint o on r.classid = 'pg_constraint'::regclass and o.oid = r.objid
left join pg_class t on t.oid = o.conrelid
order by 5
"""


def find_rows(session: Session, rules: tuple[Rule, ...], parameters: Mapping[str, Any]) -> dict[Key, Row]:
    """Rows by rule and object address. Raises CatalogueError when the server refuses a rule's query."""
    rows = {}
    if any(f"%({recursion.PARAMETER})s" in _wrapped(rule) for rule in rules):
        parameters = {**parameters, recursion.PARAMETER: recursion.recursive_policies(session)}
    with looking(session):
        for rule in rules:
            try:
                found = session.rows(_wrapped(rule), parameters)
            except QueryRefused as refused:
                raise CatalogueError(f"{rule.id}.sql: {refused.error.message}; try it in psql.") from None
            for classid, objid, objsubid, kind, identity, name, table, columns, column, facts in found:
                words = tuple(str(facts.pop("mark", "")).upper().split())
                anchor = Anchor(kind, column or name, table, tuple(columns), words)
                rows[rule.id, classid, objid, objsubid] = Row(rule, identity, anchor, facts)
    return rows


@cache
def _wrapped_query(query: str, name: str) -> str:
    return _WRAPPED.format(query=compile_query(query, name).text)


def _wrapped(rule: Rule) -> str:
    assert rule.query
    return _wrapped_query(rule.query, rule.id)


class Appearances(Struct):
    """Fed with the rows after each step; tells for the rows of the end after which step they last appeared."""

    current: dict[Key, Row]
    since: dict[Key, int]

    @classmethod
    def starting(cls, rows: dict[Key, Row]) -> Appearances:
        return cls(rows, {})

    def after(self, step: int, rows: dict[Key, Row]) -> None:
        for key in rows:
            if key not in self.current:
                self.since[key] = step
        for key in self.current.keys() - rows.keys():
            self.since.pop(key, None)
        self.current = rows

    @property
    def appeared(self) -> dict[Key, int]:
        """Rows that are there now and were not at the start, with the number of their step."""
        return {key: step for key, step in self.since.items() if key in self.current}
