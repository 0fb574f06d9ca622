"""What each persona reaches of each relation: tried out on rows of two users, everything rolled back.

Told apart by trying: what comes back for a SELECT, an UPDATE that changes nothing, a DELETE, an INSERT of a copy. A
constraint that fails (23xxx) means that row level security had let the statement through.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from pgassay.model import ServerError
from pgassay.model.access import Reach
from pgassay.postgres.look import look
from pgassay.postgres.session import QueryRefused, Session
from pgassay.proofs.facts import Facts, RelationFacts, quoted
from pgassay.proofs.rows import IDS, STRANGER, USERS, Family, Row

ROLES = ("anon", "authenticated", "service_role")
ACTIONS = {"select": "r", "insert": "a", "update": "w", "delete": "d"}
_PROBE = "pgassay_probe"
_AGAIN = f"rollback to savepoint {_PROBE}"
_SECONDS = 5.0

_GRANTS = """
select r.rolname, c.oid::int8, a.action,
       has_schema_privilege(r.oid, c.relnamespace, 'usage') and (
         has_table_privilege(r.oid, c.oid, a.action)
         or case when a.action <> 'delete' then has_any_column_privilege(r.oid, c.oid, a.action) else false end),
       has_table_privilege(r.oid, c.oid, 'select')
from pg_class c, unnest(%s::text[]) as a (action), pg_roles r
where c.oid = any (%s::oid[]) and r.rolname = any (%s)
"""
_WRITABLE = """
select a.attname from pg_attribute a
where a.attrelid = %s::oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity <> 'a'
  and has_column_privilege(%s, a.attrelid, a.attnum, %s)
order by a.attnum
"""


class Persona(Struct, frozen=True):
    """A role, and the user whose claims it carries: a, b, the stranger c, or nobody."""

    role: str
    user: str | None = None

    @property
    def claims(self) -> str:
        if self.user is None:
            return json.dumps({"role": self.role})
        return json.dumps(
            {
                "sub": IDS[self.user],
                "role": self.role,
                "aud": "authenticated",
                "email": f"{self.user}@example.com",
                "aal": "aal1",
                "is_anonymous": False,
                "app_metadata": {"provider": "email"},
                "user_metadata": {"full_name": self.user},
            }
        )


class Answer(Struct, frozen=True):
    """Whether a row was reached; None when that could not be told."""

    reached: bool | None
    error: ServerError | None = None


class Reached(Struct, frozen=True):
    reach: Reach
    error: ServerError | None = None


class Prober:
    """On a session in a transaction that has the family's rows in it; leaves everything as it was."""

    def __init__(self, session: Session, facts: Facts, family: Family, search_path: tuple[str, ...]) -> None:
        self._session = session
        self._facts = facts
        self._family = family
        self._search_path = search_path
        self._granted: dict[tuple[str, int, str], bool] = {}
        self._reads_whole: set[tuple[str, int]] = set()

    def prepare(self, relations: Iterable[RelationFacts]) -> None:
        oids = [relation.oid for relation in relations]
        rows = look(self._session, _GRANTS, (list(ACTIONS), oids, list(ROLES)))
        self._granted |= {(role, oid, action): granted for role, oid, action, granted, _ in rows}
        self._reads_whole |= {(role, oid) for role, oid, _, _, whole in rows if whole}

    def reach(self, relation: RelationFacts, role: str, action: str) -> Reached:
        if not self._granted.get((role, relation.oid, action), False):
            return Reached(Reach.NO_GRANT)
        if action != "select" and not relation.is_table:
            return Reached(Reach.UNDECIDED)
        if relation.rls and role != "service_role" and not _has_policy(relation, role, ACTIONS[action]):
            return Reached(Reach.NO_POLICY)
        if action != "insert" and (role, relation.oid) not in self._reads_whole:
            # Which row it is cannot be asked by somebody who may read some columns alone.
            return Reached(Reach.UNDECIDED)
        if not relation.is_table:
            return self._of_view(relation, role)
        if not any(self._family.of(user, relation) for user in USERS):
            error = self._error_without_rows(relation, role) if action == "select" else None
            return Reached(Reach.ERROR, error) if error else Reached(Reach.UNDECIDED)
        if role == "service_role":
            # It bypasses row level security, so there is nothing to try.
            return Reached(Reach.ALL_ROWS)
        if role == "authenticated":
            return self._of_users(relation, action)
        answers = [self.ask(relation, Persona(role), action, user) for user in self._owners(relation)]
        return _together(answers)

    def ask(self, relation: RelationFacts, persona: Persona, action: str, owner: str) -> Answer:
        """Whether the persona reaches the row of a user."""
        row = self._family.of(owner, relation)
        if row is None:
            return Answer(None)
        with _As(self, persona, relation):
            answer = self._act(relation, persona, action, row)
            if action == "insert" and answer.reached and persona.user != owner:
                return self._as_inserted(relation, row)
            return answer

    def change(self, relation: RelationFacts, persona: Persona, row: Row, values: dict[str, str]) -> Answer:
        """Whether the persona may write these values into the row."""
        sets = ", ".join(f"{quoted(name)} = %s" for name in values)
        query = f"with done as (update {relation.quoted} set {sets} where {_IS_ROW} returning 1) {_COUNT}"
        with _As(self, persona, relation):
            return self._counted(query, [*values.values(), *row.place])

    def sees(self, relation: RelationFacts, persona: Persona, column: str, value: str) -> bool:
        """Whether the persona sees a row that has this value."""
        with _As(self, persona, relation):
            query = f"select pg_catalog.count(*) from {relation.quoted} where {quoted(column)} = %s"
            return bool(self._counted(query, [value]).reached)

    def without(self, sql: str) -> _Without:
        """A block with something of the schema changed; `done` tells whether the server allowed it."""
        return _Without(self._session, sql)

    def _owners(self, relation: RelationFacts) -> list[str]:
        return [user for user in USERS if self._family.of(user, relation)]

    def _of_users(self, relation: RelationFacts, action: str) -> Reached:
        owners = self._owners(relation)
        own = [self.ask(relation, Persona("authenticated", user), action, user) for user in owners]
        others = [self.ask(relation, Persona("authenticated", STRANGER), action, owner) for owner in owners]
        if error := next((answer.error for answer in (*own, *others) if _is_error(answer)), None):
            return Reached(Reach.ERROR, error)
        if any(answer.reached is None for answer in (*own, *others)):
            return Reached(Reach.UNDECIDED)
        by_others = all(answer.reached for answer in others)
        by_owner = any(answer.reached for answer in own)
        reach = {
            (True, True): Reach.ALL_ROWS,
            (True, False): Reach.OWN_ROWS,
            (False, True): Reach.ROWS_OF_OTHERS,
            (False, False): Reach.NO_ROWS,
        }
        return Reached(reach[by_owner, by_others])

    def _of_view(self, relation: RelationFacts, role: str) -> Reached:
        """By number: the rows of a view have no place of their own."""
        if not relation.is_populated:
            return Reached(Reach.UNDECIDED)
        count = f"select pg_catalog.count(*) from {relation.quoted}"
        total = self._number(count)
        if total is None:
            return Reached(Reach.UNDECIDED)
        found = []
        for persona in [Persona(role, user) for user in USERS] if role == "authenticated" else [Persona(role)]:
            with _As(self, persona, relation):
                try:
                    found.append(self._session.rows(count, timeout=_SECONDS)[0][0])
                except QueryRefused as refused:
                    _raise_if_over(refused)
                    return Reached(Reach.ERROR, refused.error)
        if not total:
            return Reached(Reach.UNDECIDED)
        if all(number == total for number in found):
            return Reached(Reach.ALL_ROWS)
        if not any(found):
            return Reached(Reach.NO_ROWS)
        return Reached(Reach.SOME_ROWS)

    def _number(self, query: str) -> int | None:
        with self.without(""):
            try:
                number: int = self._session.rows(query, timeout=_SECONDS)[0][0]
            except QueryRefused as refused:
                _raise_if_over(refused)
                return None
            return number

    def _error_without_rows(self, relation: RelationFacts, role: str) -> ServerError | None:
        """What planning alone shows, such as a policy that asks itself."""
        persona = Persona(role, "a" if role == "authenticated" else None)
        with _As(self, persona, relation):
            answer = self._counted(f"select pg_catalog.count(*) from {relation.quoted}", [])
        return answer.error if answer.error and answer.error.sqlstate == "42P17" else None

    def _act(self, relation: RelationFacts, persona: Persona, action: str, row: Row) -> Answer:
        table = relation.quoted
        match action:
            case "select":
                return self._counted(f"select pg_catalog.count(*) from {table} where {_IS_ROW}", [*row.place])
            case "delete":
                query = f"with done as (delete from {table} where {_IS_ROW} returning 1) {_COUNT}"
                return self._counted(query, [*row.place])
            case "update":
                if not (names := self._writable(relation, persona, "update")):
                    return Answer(None)
                # A key that stays the same still asks whoever refers to it; any other column will do.
                name = next((each for each in names if each not in relation.primary_key), names[0])
                sets = f"{quoted(name)} = {quoted(name)}"
                query = f"with done as (update {table} set {sets} where {_IS_ROW} returning 1) {_COUNT}"
                return self._counted(query, [*row.place])
        keys = {name for name in relation.primary_key if relation.by_name[name].default}
        names = [name for name in self._writable(relation, persona, "insert") if name not in keys]
        if any(column.required and not column.default and column.name not in names and not column.identity
               and not column.generated for column in relation.columns):  # fmt: skip
            return Answer(None)
        chosen = ", ".join(map(quoted, names))
        query = (
            f"insert into {table} ({chosen}) select {chosen} from pg_catalog.json_populate_record(null::{table}, %s)"
        )
        return self._done(query, [row.document])

    def _as_inserted(self, relation: RelationFacts, row: Row) -> Answer:
        """Whether the copy still belongs to whom it was made for: triggers put in who asks."""
        if not any("BEFORE" in trigger for trigger in relation.triggers):
            return Answer(True)
        logins = sorted(self._family.logins.get(relation.key, ()))
        if self._session.failed or not logins:
            return Answer(None)
        self._session.run("set local role none")
        same = " and ".join(f"{quoted(name)} is not distinct from %s" for name in logins)
        query = f"select pg_catalog.count(*) > 1 from {relation.quoted} where {same}"
        ((kept,),) = self._session.rows(query, [row.values[name] for name in logins])
        return Answer(kept)

    def _writable(self, relation: RelationFacts, persona: Persona, action: str) -> list[str]:
        return [row[0] for row in self._session.rows(_WRITABLE, (relation.oid, persona.role, action))]

    def _counted(self, query: str, parameters: list[Any]) -> Answer:
        try:
            ((number,),) = self._session.rows(query, parameters, timeout=_SECONDS)
        except QueryRefused as refused:
            return _refused(refused)
        return Answer(number > 0)

    def _done(self, query: str, parameters: list[Any]) -> Answer:
        try:
            self._session.rows(query, parameters, timeout=_SECONDS)
        except QueryRefused as refused:
            return _refused(refused)
        return Answer(True)

    def become(self, persona: Persona, relation: RelationFacts) -> None:
        path = ", ".join(quoted(name) for name in dict.fromkeys((relation.schema, *self._search_path)))
        claims = persona.claims.replace("'", "''")
        self._session.run(
            f"savepoint {_PROBE}; set local search_path = {path}; "
            f"select pg_catalog.set_config('request.jwt.claims', '{claims}', true); set local role {persona.role}"
        )


_IS_ROW = "tableoid = %s and ctid = %s::pg_catalog.tid"
_COUNT = "select pg_catalog.count(*) from done"


class _As:
    def __init__(self, prober: Prober, persona: Persona, relation: RelationFacts) -> None:
        self._prober, self._persona, self._relation = prober, persona, relation

    def __enter__(self) -> None:
        self._prober.become(self._persona, self._relation)

    def __exit__(self, *_: object) -> None:
        self._prober._session.run(f"{_AGAIN}; release savepoint {_PROBE}")


class _Without:
    def __init__(self, session: Session, sql: str) -> None:
        self._session, self._sql = session, sql
        self.done = False

    def __enter__(self) -> _Without:
        self._session.run("savepoint pgassay_without")
        self.done = not self._sql or self._session.run(self._sql).error is None
        return self

    def __exit__(self, *_: object) -> None:
        self._session.run("rollback to savepoint pgassay_without; release savepoint pgassay_without")


def _refused(refused: QueryRefused) -> Answer:
    _raise_if_over(refused)
    error = refused.error
    if error.sqlstate.startswith("23"):
        return Answer(True)
    if error.sqlstate == "42501" and "row-level security policy" in error.message:
        return Answer(False)
    return Answer(None, error)


def _raise_if_over(refused: QueryRefused) -> None:
    if refused.error.sqlstate in ("08003", "57P01"):
        raise refused


def _is_error(answer: Answer) -> bool:
    """An error of the policies, not one that a trigger raises on purpose or that comes of what we put in."""
    return answer.error is not None and answer.error.sqlstate in ERRORS


ERRORS = frozenset({"42P17", "42501", "42P01", "42883", "42703"})
"""infinite recursion in a policy, no right to what it reads, and names that are not there."""


def _together(answers: Iterable[Answer]) -> Reached:
    found = list(answers)
    if error := next((answer.error for answer in found if _is_error(answer)), None):
        return Reached(Reach.ERROR, error)
    if any(answer.reached is None for answer in found):
        return Reached(Reach.UNDECIDED)
    if all(answer.reached for answer in found):
        return Reached(Reach.ALL_ROWS)
    return Reached(Reach.SOME_ROWS if any(answer.reached for answer in found) else Reach.NO_ROWS)


def _has_policy(relation: RelationFacts, role: str, command: str) -> bool:
    return any(policy.permissive and policy.concerns(role, command) for policy in relation.policies)


def applicable(relation: RelationFacts, role: str, command: str) -> Iterator[str]:
    """Names of the permissive policies that may let a role through."""
    yield from (policy.name for policy in relation.policies if policy.permissive and policy.concerns(role, command))
