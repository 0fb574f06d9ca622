"""What each persona reaches of each relation: tried out on rows of two users, everything rolled back.

Told apart by trying: what comes back for a SELECT, an UPDATE that changes nothing, a DELETE, an INSERT of a copy. A
constraint that fails (23xxx) means that row level security had let the statement through.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pgassay.model import ServerError
from pgassay.model.access import Reach, Try
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.proofs.access import reproduction, statements, views
from pgassay.proofs.access.answers import ERRORS, Attempt, Reached, is_error, reached, refused_by_policy
from pgassay.proofs.access.personas import A_STRANGER, NOBODY, ROLES, Persona, signed_in
from pgassay.proofs.access.probe import Answer, Asker, Asking, Probe
from pgassay.proofs.access.reproduction import pasted
from pgassay.proofs.facts import Facts, RelationFacts, quoted
from pgassay.proofs.rows import USERS, Family, Row
from pgassay.proofs.touched import needs

ACTIONS = {"select": "r", "insert": "a", "update": "w", "delete": "d"}

_GRANTS = """
select r.rolname, c.oid::int8, a.action,
       has_schema_privilege(r.oid, c.relnamespace, 'usage') and (
         has_table_privilege(r.oid, c.oid, a.action)
         or case when a.action <> 'delete' then has_any_column_privilege(r.oid, c.oid, a.action) else false end),
       has_table_privilege(r.oid, c.oid, 'select'),
       case when a.action in ('insert', 'update') then array(
         select t.attname::text from pg_attribute t
         where t.attrelid = c.oid and t.attnum > 0 and not t.attisdropped
           and t.attgenerated = '' and t.attidentity <> 'a'
           and has_column_privilege(r.oid, c.oid, t.attnum, a.action)
           and pg_column_is_updatable(c.oid, t.attnum, true) order by t.attnum) else '{}' end,
       pg_relation_is_updatable(c.oid, true)
from pg_class c, unnest(%s::text[]) as a (action), pg_roles r
where c.oid = any (%s::oid[]) and r.rolname = any (%s)
"""
# The bits of pg_relation_is_updatable.
_UPDATABLE = {"insert": 8, "update": 4, "delete": 16}


class Prober:
    """On a session in a transaction that has the family's rows in it; leaves everything as it was."""

    def __init__(self, session: Session, facts: Facts, family: Family, search_path: tuple[str, ...]) -> None:
        self.session = session
        self.facts = facts
        self.family = family
        self.asker = Asker(session, search_path)
        self.needs = facts.once(needs)
        self._granted: dict[tuple[str, int, str], bool] = {}
        self._reads_whole: set[tuple[str, int]] = set()
        self._writable: dict[tuple[str, int, str], list[str]] = {}
        self._updatable: dict[int, int] = {}

    def prepare(self, relations: Iterable[RelationFacts]) -> None:
        oids = [relation.oid for relation in relations]
        for role, oid, action, granted, whole, writable, updatable in look(
            self.session, _GRANTS, (list(ACTIONS), oids, list(ROLES))
        ):
            self._granted[role, oid, action] = granted
            self._writable[role, oid, action] = writable
            self._updatable[oid] = updatable
            if whole:
                self._reads_whole.add((role, oid))

    def actions(self, relation: RelationFacts) -> tuple[str, ...]:
        """What can be done with it at all."""
        if relation.is_table:
            return tuple(ACTIONS)
        bits = self._updatable.get(relation.oid, 0) if relation.kind == "v" else 0
        return ("select", *(action for action, bit in _UPDATABLE.items() if bits & bit))

    def writable(self, relation: RelationFacts, role: str, action: str) -> list[str]:
        """Columns that a role may write."""
        return self._writable.get((role, relation.oid, action), [])

    def matrix(
        self, relations: Iterable[RelationFacts], personas: Mapping[str, Persona]
    ) -> dict[tuple[str, str, str], Reached]:
        """By relation, role or name of a persona, and action."""
        people = (*ROLES, *personas)
        cells = [(each, who, action) for each in relations for who in people for action in self.actions(each)]
        askings = [self._cell(each, who, action, personas.get(who)) for each, who, action in cells]
        found = self.asker.together(askings)
        return {(each.key, who, action): one for (each, who, action), one in zip(cells, found, strict=True)}

    def reach(self, relation: RelationFacts, role: str, action: str) -> Reached:
        (found,) = self.asker.together([self._cell(relation, role, action)])
        return found

    def attempts(self, relation: RelationFacts, action: str, tries: Iterable[tuple[Persona, str]]) -> list[Attempt]:
        """Each persona at the row of a user."""
        askings = [self._attempt(relation, persona, action, owner) for persona, owner in tries]
        return self.asker.together(askings)

    def fits(self, relation: RelationFacts, row: Row, where: str) -> bool:
        sql = f"{statements.select_row(relation, row)} and ({where}\n)"
        return bool(self._one(Probe(NOBODY, relation.schema, sql)).number)

    def change(self, relation: RelationFacts, persona: Persona, row: Row, values: dict[str, str]) -> bool | None:
        """Whether the persona may write these values into the row."""
        sets = ", ".join(f"{quoted(name)} = {statements.literal(value)}" for name, value in values.items())
        sql = f"update {relation.quoted} set {sets} where {statements.is_row(row)}"
        return reached(self._one(Probe(persona, relation.schema, sql)))

    def sees(self, relation: RelationFacts, persona: Persona, column: str, value: str) -> bool:
        """Whether the persona sees a row that has this value."""
        sql = f"select 1 from {relation.quoted} where {quoted(column)} = {statements.literal(value)}"
        return bool(reached(self._one(Probe(persona, relation.schema, sql))))

    def without(self, sql: str) -> _Without:
        """A block with something of the schema changed; `done` tells whether the server allowed it."""
        return _Without(self.session, sql)

    def told(self, relation: RelationFacts, action: str, by: Persona, reached: int, tried: int) -> Try:
        columns = self.writable(relation, by.role, action)
        return Try(str(by), reached, tried, pasted(by, reproduction.statement(relation, action, columns)))

    def _one(self, probe: Probe) -> Answer:
        def asking() -> Asking[Answer]:
            (answer,) = yield [probe]
            return answer

        (found,) = self.asker.together([asking()])
        return found

    def _attempt(self, relation: RelationFacts, persona: Persona, action: str, owner: str) -> Asking[Attempt]:
        key = persona.role, relation.oid
        if not self._granted.get((*key, action)):
            return Attempt(False, f"no grant for {action}")
        probe = self._probe(relation, persona, action, owner)
        if probe is None or (action != "insert" and key not in self._reads_whole):
            return Attempt(None, f"{persona} may read or write some of its columns alone")
        (answer,) = yield [probe]
        reached = self._decided(probe, answer)
        said = answer.error.message if answer.error else ""
        if reached is None and answer.error and answer.error.sqlstate in ERRORS:
            reached = False
        return Attempt(reached, said if reached is not True else "")

    def _owners(self, relation: RelationFacts) -> list[str]:
        return [user for user in USERS if self.family.of(user, relation)]

    def _cell(self, relation: RelationFacts, role: str, action: str, persona: Persona | None = None) -> Asking[Reached]:
        role = persona.role if persona else role
        if not self._granted.get((role, relation.oid, action), False):
            return Reached(Reach.NO_GRANT)
        if relation.rls and role != "service_role" and not _has_policy(relation, role, ACTIONS[action]):
            return Reached(Reach.NO_POLICY)
        if action != "insert" and (role, relation.oid) not in self._reads_whole:
            # Which row it is cannot be asked by somebody who may read some columns alone.
            return Reached(Reach.UNDECIDED)
        if not relation.is_table:
            return (yield from self._of_view(relation, role, action, persona))
        owners = self._owners(relation)
        if not owners:
            error = (yield from self._error_without_rows(relation, role)) if action == "select" else None
            return Reached(Reach.ERROR, error) if error else Reached(Reach.UNDECIDED)
        if role == "service_role":
            # It bypasses row level security, so there is nothing to try.
            return Reached(Reach.ALL_ROWS)
        if persona:
            tries = [(persona, owner) for owner in owners]
        elif role == "authenticated":
            tries = [(signed_in(owner), owner) for owner in owners] + [(A_STRANGER, owner) for owner in owners]
        else:
            tries = [(Persona(role), owner) for owner in owners]
        probes = [self._probe(relation, persona, action, owner) for persona, owner in tries]
        usable = [probe for probe in probes if probe]
        if not usable:
            return Reached(Reach.UNDECIDED)
        answers = yield usable
        decided = [self._decided(probe, answer) for probe, answer in zip(usable, answers, strict=True)]
        if error := next((answer.error for answer in answers if is_error(answer)), None):
            return Reached(Reach.ERROR, error, self.told(relation, action, usable[0].persona, 0, len(owners)))
        if None in decided or len(usable) < len(probes):
            return Reached(Reach.UNDECIDED)
        others = [bool(each) for each in decided[-len(owners) :]]
        own = decided[: len(owners)] if len(decided) > len(owners) else []
        seen = self.told(relation, action, usable[-1].persona, sum(others), len(others))
        reach = _of_others_and_own(others, any(own)) if own else _of_anybody(others)
        blind = None if persona or all(others) else (yield from self._blind(relation, role, action, owners))
        return Reached(reach, None, seen, blind)

    def _probe(self, relation: RelationFacts, persona: Persona, action: str, owner: str) -> Probe | None:
        """None where the persona may not write what it would take."""
        row = self.family.of(owner, relation)
        assert row
        writable = self.writable(relation, persona.role, action)
        match action:
            case "select":
                return Probe(persona, relation.schema, statements.select_row(relation, row))
            case "delete":
                return Probe(persona, relation.schema, statements.delete_row(relation, row))
            case "update":
                return (
                    Probe(persona, relation.schema, statements.update_row(relation, row, writable))
                    if writable
                    else None
                )
        sql = statements.insert_copy(relation, row.document, writable)
        logins = sorted(self.family.logins.get(relation.key, ()))
        triggers = any("BEFORE" in trigger for trigger in relation.triggers)
        if sql and triggers and persona.user != owner:
            # Whether the copy still belongs to whom it was made for: triggers put in who asks.
            return (
                Probe(persona, relation.schema, sql, statements.same_owner(relation, row, logins)) if logins else None
            )
        return Probe(persona, relation.schema, sql) if sql else None

    @staticmethod
    def _decided(probe: Probe, answer: Answer) -> bool | None:
        if probe.then:
            # A constraint kept the copy out: what would have become of it is not known.
            return answer.number > 1 if answer.number is not None else refused_by_policy(answer)
        return reached(answer)

    def _blind(self, relation: RelationFacts, role: str, action: str, owners: list[str]) -> Asking[Try | None]:
        if action not in ("update", "delete") or not relation.rls:
            return None
        persona = A_STRANGER if role == "authenticated" else Persona(role)
        rows = [(relation, row) for owner in owners if (row := self.family.of(owner, relation))]
        writable = self.writable(relation, role, action)
        logins = self.family.logins.get(relation.key, ())
        sql: str | None = statements.delete_all(relation)
        if action == "update":
            sql = statements.update_all(relation, rows[0][1], writable, logins)
        if sql is None:
            return None
        (answer,) = yield [Probe(persona, relation.schema, sql, statements.still_there(rows))]
        reached = 0 if answer.number is None else len(rows) - answer.number
        if not reached:
            return None
        pasted_ = pasted(persona, reproduction.blind(relation, sql))
        return Try(str(persona), reached, len(rows), pasted_)

    def _of_view(self, relation: RelationFacts, role: str, action: str, persona: Persona | None) -> Asking[Reached]:
        who = persona or (A_STRANGER if role == "authenticated" else Persona(role))
        if action != "select":
            return (yield from views.through_view(self, relation, action, who))
        people = [signed_in("a"), signed_in("b"), who] if who == A_STRANGER else [who]
        return (yield from views.of_view(self, relation, people))

    def _error_without_rows(self, relation: RelationFacts, role: str) -> Asking[ServerError | None]:
        """What planning alone shows, such as a policy that asks itself."""
        persona = Persona(role, "a" if role == "authenticated" else None)
        (answer,) = yield [Probe(persona, relation.schema, f"select 1 from {relation.quoted} limit 1")]
        return answer.error if answer.error and answer.error.sqlstate == "42P17" else None


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


def _of_others_and_own(others: list[bool], own: bool) -> Reach:
    if all(others):
        return Reach.ALL_ROWS if own else Reach.ROWS_OF_OTHERS
    return Reach.OWN_ROWS if own else Reach.NO_ROWS


def _of_anybody(rows: list[bool]) -> Reach:
    return Reach.ALL_ROWS if all(rows) else Reach.SOME_ROWS if any(rows) else Reach.NO_ROWS


def _has_policy(relation: RelationFacts, role: str, command: str) -> bool:
    return any(policy.permissive and policy.concerns(role, command) for policy in relation.policies)
