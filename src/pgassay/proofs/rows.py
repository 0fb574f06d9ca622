"""A row of every wanted table for each of two users, inserted by the migration role and never by a superuser.

Each user has a family of rows: parents are chosen inside it, so that every row has an owner by construction. Candidates
come from the constraints, and the server judges them. All of it happens in a transaction that the caller rolls back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

from msgspec import Struct

from pgassay.postgres.session import QueryRefused, Session
from pgassay.proofs.facts import Column, Constraint, Facts, RelationFacts, quoted
from pgassay.proofs.owners import AUTH_USERS, login_columns
from pgassay.proofs.values import ordinary, suggested

USERS = {"a": "a0000000-0000-4000-8000-00000000000a", "b": "b0000000-0000-4000-8000-00000000000b"}
STRANGER = "c"
"""Signed up, and owns nothing: whatever he reaches, no row of his own gave him the right to."""
IDS = {**USERS, STRANGER: "c0000000-0000-4000-8000-00000000000c"}
_BEGIN = "savepoint pgassay_row"
_NEXT = "release savepoint pgassay_row; savepoint pgassay_row"
_UNDO = "rollback to savepoint pgassay_row"
_MOST_COMBINATIONS = 2_000
_SECONDS = 5.0

Values = dict[str, str | None]
Place = tuple[int, str]


class Row(Struct, frozen=True):
    """Where a row is (its table's OID and ctid), and what is in it: as text, and whole as JSON."""

    place: Place
    values: Mapping[str, str | None]
    document: str


class Family(Struct):
    """The rows by user and table; `reasons` tell of tables that have none. `quietened` had their triggers disabled."""

    rows: dict[tuple[str, str], Row]
    reasons: dict[str, str]
    quietened: set[str]
    logins: Mapping[str, frozenset[str]]

    def of(self, user: str, relation: RelationFacts) -> Row | None:
        return self.rows.get((user, relation.key))


def fill(session: Session, facts: Facts, wanted: Iterable[str]) -> Family:
    """To be called in a transaction; nothing is committed."""
    filler = _Filler(session, facts)
    tables = [facts.by_key[key] for key in sorted(wanted) if not facts.by_key[key].is_partition]
    if AUTH_USERS in facts.by_key:
        users = facts.by_key[AUTH_USERS]
        filler.fill(users, IDS)
        tables = [each for each in tables if each is not users]
    for relation in _in_order(tables):
        filler.fill(relation)
    filler.close_cycles()
    return filler.family


def _in_order(tables: list[RelationFacts]) -> list[RelationFacts]:
    """Parents first; in a cycle, whoever can do without its parent for a while."""
    done: list[RelationFacts] = []
    left = list(tables)
    while left:
        waiting = {each.oid for each in left}

        def parents(relation: RelationFacts, required: bool, waiting: set[int] = waiting) -> bool:
            return any(
                key.references in waiting - {relation.oid} and (not required or _is_required(relation, key))
                for key in relation.foreign_keys
            )

        ready = [each for each in left if not parents(each, False)]
        ready = ready or [each for each in left if not parents(each, True)][:1] or left[:1]
        done += ready
        left = [each for each in left if each not in ready]
    return done


def _is_required(relation: RelationFacts, key: Constraint) -> bool:
    return any(relation.by_name[name].required for name in key.columns)


class _Filler:
    def __init__(self, session: Session, facts: Facts) -> None:
        self._session = session
        self._facts = facts
        self.family = Family({}, {}, set(), login_columns(facts))
        self._postponed: list[tuple[str, RelationFacts, Constraint]] = []
        session.run(_BEGIN)

    def fill(self, relation: RelationFacts, users: Iterable[str] = USERS) -> None:
        for user in users:
            row, reason = self._row(relation, user)
            if row:
                self.family.rows[user, relation.key] = row
            else:
                self.family.reasons.setdefault(relation.key, reason)

    def close_cycles(self) -> None:
        for user, relation, key in self._postponed:
            row, parent = self.family.of(user, relation), self._parent(user, key)
            if row and parent:
                pairs = zip(key.columns, key.keys, strict=True)
                values = {name: parent.values.get(other) for name, other in pairs}
                self._update(user, relation, row, values)

    def _update(self, user: str, relation: RelationFacts, row: Row, values: Mapping[str, str | None]) -> None:
        sets = ", ".join(f"{quoted(name)} = {_cast(relation.by_name[name])}" for name in values)
        text = f"update {relation.quoted} as t set {sets} where tableoid = %s and ctid = %s::tid returning {_RETURNED}"
        found, _ = self._try(text, [*values.values(), *row.place])
        if found:
            self.family.rows[user, relation.key] = _row(found[0])

    def _row(self, relation: RelationFacts, user: str) -> tuple[Row | None, str]:
        values, missing = self._values(relation, user)
        if missing:
            return None, missing
        row, reason = self._insert(relation, values)
        if row is None and (found := self._already_there(relation, values)):
            return found, ""
        if row is None and relation.triggers:
            quiet, _ = self._try(f"alter table {relation.quoted} disable trigger user", [])
            if quiet is not None:
                row, other = self._insert(relation, values)
                if row:
                    self.family.quietened.add(relation.key)
                else:
                    self._try(f"alter table {relation.quoted} enable trigger user", [])
                    reason = other
        if row is None and relation.kind == "p" and "no partition" in reason:
            name = quoted(f"pgassay_{relation.oid}")
            self._try(f"create table {quoted(relation.schema)}.{name} partition of {relation.quoted} default", [])
            row, reason = self._insert(relation, values)
        return row, reason

    def _insert(self, relation: RelationFacts, values: Values) -> tuple[Row | None, str]:
        names = ", ".join(map(quoted, values))
        casts = ", ".join(_cast(relation.by_name[name]) for name in values)
        what = f"({names}) values ({casts})" if values else "default values"
        found, reason = self._try(
            f"insert into {relation.quoted} as t {what} returning {_RETURNED}", [*values.values()]
        )
        return (_row(found[0]), "") if found else (None, reason or "a trigger or a rule left the row out")

    def _already_there(self, relation: RelationFacts, values: Values) -> Row | None:
        """What a trigger has made of a parent's row, a profile at sign-up for one."""
        for names in relation.uniques:
            if names and all(values.get(name) is not None for name in names):
                same = " and ".join(f"{quoted(name)} = {_cast(relation.by_name[name])}" for name in names)
                query = f"select {_RETURNED} from {relation.quoted} as t where {same}"
                found, _ = self._try(query, [values[name] for name in names])
                if found:
                    return _row(found[0])
        return None

    def _parent(self, user: str, key: Constraint) -> Row | None:
        parent = self._facts.by_oid.get(key.references or 0)
        return self.family.of(user, parent) if parent else None

    def _values(self, relation: RelationFacts, user: str) -> tuple[Values, str]:
        """What to insert, and why that cannot be said."""
        if relation.key == AUTH_USERS:
            return _sign_up(relation, user), ""
        fixed: Values = {}
        for key in relation.foreign_keys:
            parent = self._parent(user, key)
            if parent:
                pairs = zip(key.columns, key.keys, strict=True)
                fixed |= {name: parent.values.get(other) for name, other in pairs if name not in fixed}
            elif _is_required(relation, key) and not any(relation.by_name[name].default for name in key.columns):
                other = self._facts.by_oid.get(key.references or 0)
                return {}, f"it needs a row of `{other.display if other else 'another table'}`"
            else:
                self._postponed.append((user, relation, key))
                fixed |= {
                    name: None for name in key.columns if name not in fixed and not relation.by_name[name].default
                }
        for name in self.family.logins.get(relation.key, ()):
            if fixed.get(name) is None:
                fixed[name] = USERS[user]
        checks = _checks(relation)
        pools: dict[str, list[str | None]] = {}
        for column in relation.columns:
            if column.generated:
                continue
            named = [text for names, text in checks if column.name in names]
            if column.name in fixed:
                pools[column.name] = [fixed[column.name]] + [None] * (not column.required and bool(named))
            elif column.required and column.default is None and not column.identity:
                pools[column.name] = self._pool(column, named, user, relation)
            elif named and column.default is None:
                pools[column.name] = [None, *self._pool(column, named, user, relation)]
        return self._judged(relation, pools, checks), ""

    def _pool(self, column: Column, named: list[str], user: str, relation: RelationFacts) -> list[str | None]:
        more = suggested(column, [*named, *column.checks], user) if named or column.checks else ()
        if user == "b" and len(more) > 1 and any(column.name in (names or ()) for names in relation.uniques):
            more = more[1:] + more[:1]
        pool: list[str | None] = list(dict.fromkeys((*ordinary(column, user, relation.key), *more)))
        if column.checks:
            # The value of a domain has to pass before it can be put anywhere.
            tests = [_literal(check).replace("VALUE", f"(%s::{column.base})") for check in column.checks]
            query = "select " + " and ".join(f"(({test}) is not false)" for test in tests)
            count = sum(test.count("%s") for test in tests)
            passed = (value for value in pool if (self._try(query, [value] * count)[0] or [(False,)])[0][0])
            return [next(passed, pool[0])]
        return pool

    def _judged(
        self, relation: RelationFacts, pools: dict[str, list[str | None]], checks: list[tuple[frozenset[str], str]]
    ) -> Values:
        """The first candidates of every column that pass the checks together, in the server's own judgement."""
        chosen: Values = {name: pool[0] for name, pool in pools.items()}
        for names, expressions in _groups(checks):
            open_names = [name for name in names if name in pools]
            sizes = [len(pools[name]) for name in open_names]
            while sizes and _product(sizes) > _MOST_COMBINATIONS:
                sizes[sizes.index(max(sizes))] -= 1
            choices = list(product(*(pools[n][:size] for n, size in zip(open_names, sizes, strict=True))))
            found = self._first_passing(relation, names, open_names, choices, expressions)
            if found is not None:
                chosen |= dict(zip(open_names, found, strict=True))
        return chosen

    def _first_passing(
        self,
        relation: RelationFacts,
        names: Iterable[str],
        open_names: list[str],
        choices: list[tuple[str | None, ...]],
        expressions: list[str],
    ) -> tuple[str | None, ...] | None:
        if not open_names:
            return None
        given = ", ".join(f"c{n}::{relation.by_name[name].type} as {quoted(name)}" for n, name in enumerate(open_names))
        rest = "".join(
            f", ({_literal(column.default or 'null')})::{column.type} as {quoted(name)}"
            for name in names
            if name not in open_names and not (column := relation.by_name[name]).generated
        )
        lists = ", ".join("%s::text[]" for _ in open_names)
        cells = ", ".join(f"c{n}" for n in range(len(open_names)))
        passes = " and ".join(f"(({_literal(expression)}) is not false)" for expression in expressions)
        query = (
            f"select n from (select n, {given}{rest} from unnest({lists}) with ordinality as u ({cells}, n) offset 0)"
            f" as t where {passes} order by n limit 1"
        )
        found, _ = self._try(query, [list(column) for column in zip(*choices, strict=True)])
        if found is None:
            # A candidate that is no value of its type, or fails in the expression, spoils them all.
            for choice in choices[:60]:
                alone, _ = self._try(query, [[value] for value in choice])
                if alone:
                    return choice
            return None
        return choices[found[0][0] - 1] if found else None

    def _try(self, query: str, parameters: list[Any]) -> tuple[list[tuple[Any, ...]] | None, str]:
        """The rows of a statement, or None and the server's words, with everything as it was before."""
        self._session.run(_NEXT)
        try:
            return self._session.rows(query, parameters, timeout=_SECONDS), ""
        except QueryRefused as refused:
            if refused.error.sqlstate in ("08003", "57P01"):
                raise
            self._session.run(_UNDO)
            return None, refused.error.message


_RETURNED = "t.tableoid::pg_catalog.int8, t.ctid::pg_catalog.text, pg_catalog.to_jsonb(t)::pg_catalog.text"


def _row(found: tuple[Any, ...]) -> Row:
    oid, ctid, document = found
    return Row((oid, ctid), {name: _text(value) for name, value in json.loads(document).items()}, document)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _literal(sql: str) -> str:
    """Of the catalog, beside parameters of ours."""
    return sql.replace("%", "%%")


def _cast(column: Column) -> str:
    return f"%s::{column.type}"


def _sign_up(relation: RelationFacts, user: str) -> Values:
    values: Values = {
        "instance_id": "00000000-0000-0000-0000-000000000000",
        "id": IDS[user],
        "aud": "authenticated",
        "role": "authenticated",
        "email": f"{user}@example.com",
        "email_confirmed_at": "2025-01-01 12:00+00",
        "created_at": "2025-01-01 12:00+00",
        "updated_at": "2025-01-01 12:00+00",
        "raw_app_meta_data": '{"provider": "email", "providers": ["email"]}',
        "raw_user_meta_data": f'{{"full_name": "{user}", "name": "{user}", "username": "user_{user}"}}',
    }
    return {name: value for name, value in values.items() if name in relation.by_name}


def _checks(relation: RelationFacts) -> list[tuple[frozenset[str], str]]:
    return [(frozenset(each.columns), each.expression) for each in relation.constraints if each.expression]


def _groups(checks: list[tuple[frozenset[str], str]]) -> list[tuple[list[str], list[str]]]:
    """Checks that share a column are judged together."""
    groups: list[tuple[frozenset[str], list[str]]] = []
    for names, expression in checks:
        sharing = [group for group in groups if group[0] & names]
        merged = names.union(*(group[0] for group in sharing))
        groups = [group for group in groups if group not in sharing]
        groups.append((merged, [*(text for group in sharing for text in group[1]), expression]))
    return [(sorted(names), texts) for names, texts in groups]


def _product(sizes: list[int]) -> int:
    total = 1
    for size in sizes:
        total *= size
    return total
