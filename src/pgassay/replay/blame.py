"""Catalog rules: which rows they find, and after which statement each of them appeared.

A row that appears and stays belongs to the statement after which it last appeared. That follows DO blocks, EXECUTE,
grants, drops and policies alike, without an event trigger and without superuser.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from pgassay.errors import CatalogueError
from pgassay.model import Rule
from pgassay.postgres.look import looking
from pgassay.postgres.session import QueryRefused, Session
from pgassay.replay import recursion
from pgassay.replay.question import Question
from pgassay.replay.scope import Scope, Wanted
from pgassay.sql.locate import Anchor

Key = tuple[str, int, int, int]


class Row(Struct, frozen=True):
    """One row of one rule. `identity` is the same in every clone of a database, the key (with OIDs) is not.

    `object` is what it is about without its column.
    """

    rule: Rule
    identity: str
    object: Wanted
    anchor: Anchor
    facts: Mapping[str, Any]

    @property
    def name(self) -> tuple[str, str]:
        return self.rule.id, self.identity


# The facts travel as JSON, so that a rule may give arrays; the anchor is what a person would point at in the text.
_WRAPPED = """
select r.classid::oid, r.objid::oid, r.objsubid, i.type, i.identity, w.identity,
       coalesce(o.conname, i.name, split_part(i.identity, ' on ', 1))::text, t.relname::text,
       array(select a.attname::text from unnest(o.conkey) with ordinality k (attnum, n)
             join pg_attribute a on a.attrelid = o.conrelid and a.attnum = k.attnum order by k.n),
       (select a.attname::text from pg_attribute a where r.classid = 'pg_class'::regclass and a.attrelid = r.objid
        and a.attnum = r.objsubid and r.objsubid > 0),
       to_jsonb(r) - 'classid' - 'objid' - 'objsubid'
from ({query}) r
cross join lateral pg_identify_object(r.classid::oid, r.objid::oid, r.objsubid) i
cross join lateral pg_identify_object(r.classid::oid, r.objid::oid, 0) w
left join pg_constraint o on r.classid = 'pg_constraint'::regclass and o.oid = r.objid
left join pg_class t on t.oid = o.conrelid
where (r.classid::oid, r.objid::oid, r.objsubid::int) in (
  select * from unnest(%(wanted_classes)s::oid[], %(wanted_objects)s::oid[], %(wanted_parts)s::int[])
)
order by 5
"""
# Without its facts most of a query need not be worked out.
_ADDRESSES = "select {number}, r.classid::oid, r.objid::oid, r.objsubid::int from ({query}) r"
_WITHIN = " where r.objid = any (%(known_objects)s::oid[]) or r.objid > %(newest_object)s::oid"


def find_keys(session: Session, rules: tuple[Rule, ...], parameters: Mapping[str, Any]) -> frozenset[Key]:
    """Rule and object address of every row of all rules, in one round trip. Raises CatalogueError."""
    if not rules:
        return frozenset()
    query = _all_addresses(rules)
    parameters = _with_recursion(session, query, parameters)
    try:
        with looking(session):
            found = session.rows(query, parameters)
    except QueryRefused as refused:
        # One of them is at fault, and its name is wanted.
        if len(rules) == 1:
            raise CatalogueError(f"{rules[0].id}.sql: {refused.error.message}; try it in psql.") from None
        for rule in rules:
            find_keys(session, (rule,), parameters)
        raise
    return _keys(rules, found)


def _keys(rules: tuple[Rule, ...], found: Iterable[tuple[Any, ...]]) -> frozenset[Key]:
    return frozenset((rules[number].id, *address) for number, *address in found)


def describe(
    session: Session, keys: Iterable[Key], rules: tuple[Rule, ...], parameters: Mapping[str, Any]
) -> dict[Key, Row]:
    """What rows that are there now have to say, in the order of the rules. Raises CatalogueError."""
    wanted: dict[str, list[tuple[int, int, int]]] = {}
    for rule_id, *address in keys:
        wanted.setdefault(rule_id, []).append((address[0], address[1], address[2]))
    rows = {}
    asked = tuple(rule for rule in rules if rule.id in wanted)
    parameters = _with_recursion(session, "".join(rule.query or "" for rule in asked), parameters)
    with looking(session):
        for rule in asked:
            columns = ("wanted_classes", "wanted_objects", "wanted_parts")
            chosen = dict(zip(columns, map(list, zip(*wanted[rule.id], strict=True)), strict=True))
            try:
                found = session.rows(_WRAPPED.format(query=rule.query), {**parameters, **chosen})
            except QueryRefused as refused:
                raise CatalogueError(f"{rule.id}.sql: {refused.error.message}; try it in psql.") from None
            for classid, objid, objsubid, kind, identity, whole, name, table, columns_, column, facts in found:
                words = tuple(str(facts.pop("mark", "")).upper().split())
                anchor = Anchor(kind, column or name, table, tuple(columns_), words)
                rows[rule.id, classid, objid, objsubid] = Row(
                    rule, identity, Wanted(classid, objid, whole), anchor, facts
                )
    return rows


def _with_recursion(session: Session, query: str, parameters: Mapping[str, Any]) -> Mapping[str, Any]:
    """With the one parameter that is a question to the server itself, where it is wanted and not known yet."""
    if recursion.PARAMETER not in query:
        return parameters
    return {**parameters, recursion.PARAMETER: recursion.recursive_policies(session)}


def _all_addresses(rules: Iterable[Rule], within: str = "") -> str:
    return " union all ".join(_ADDRESSES.format(number=n, query=rule.query) + within for n, rule in enumerate(rules))


class Asking:
    """`find_keys` for the same rules on the same session, time and again: they are planned once.

    With a scope, rows about other objects are left out.
    """

    def __init__(
        self, session: Session, rules: tuple[Rule, ...], parameters: Mapping[str, Any], scope: Scope | None = None
    ) -> None:
        self._session = session
        self._rules = rules
        self._query = _all_addresses(rules, _WITHIN if scope else "")
        self._parameters = {**parameters, **(scope.parameters if scope else {})}
        self._asked_with: Mapping[str, Any] = {}
        self._question: Question | None = None

    def keys(self) -> frozenset[Key]:
        """Raises CatalogueError."""
        if not self._rules:
            return frozenset()
        parameters = _with_recursion(self._session, self._query, self._parameters)
        if self._question is None or parameters != self._asked_with:
            self._question, self._asked_with = Question(self._session, self._query, parameters), parameters
        try:
            found = self._question.answer()
        except QueryRefused:
            return find_keys(self._session, self._rules, self._parameters)
        return _keys(self._rules, found)


class Appearances(Struct):
    """Fed with the rows after each step; tells for the rows of the end after which step they last appeared."""

    current: frozenset[Key]
    since: dict[Key, int]

    @classmethod
    def starting(cls, keys: frozenset[Key]) -> Appearances:
        return cls(keys, {})

    def after(self, step: int, keys: frozenset[Key]) -> None:
        for key in keys - self.current:
            self.since[key] = step
        for key in self.current - keys:
            self.since.pop(key, None)
        self.current = keys

    @property
    def appeared(self) -> dict[Key, int]:
        """Rows that are there now and were not at the start, with the number of their step."""
        return {key: step for key, step in self.since.items() if key in self.current}
