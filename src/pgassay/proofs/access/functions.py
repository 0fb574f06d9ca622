"""Functions that the API offers: who may execute them, and what the ones with an owner's rights give away.

A function is called where its arguments can be left out or hold the id of a user; everything it does is undone. What it
returns is compared with words that were put into the rows of two users, which nobody can make up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from pgassay.model import Unchecked
from pgassay.model.access import Reach, Try
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.proofs.access.personal import personal
from pgassay.proofs.access.personas import A_STRANGER, Persona
from pgassay.proofs.access.probe import Answer, Probe
from pgassay.proofs.access.reach import Prober
from pgassay.proofs.access.reproduction import name, pasted
from pgassay.proofs.access.statements import is_row, literal
from pgassay.proofs.facts import FunctionFacts, RelationFacts, quoted
from pgassay.proofs.rows import USERS

_GRANTS = """
select r.rolname, p.oid::int8,
       has_function_privilege(r.oid, p.oid, 'execute') and has_schema_privilege(r.oid, p.pronamespace, 'usage')
from pg_proc p, pg_roles r where p.oid = any (%s::oid[]) and r.rolname = any (%s)
"""
_A_USER = re.compile(
    r"_*(p|in|arg|v|target|for|the)?_*(user|owner|author|profile|account|member|customer)_?(u?u?id)?_*", re.I
)
_SECRET = re.compile(r"token|secret|code|password|otp|hash|signature|api_?key|slug|invit", re.I)
_MOST = 100
# Of the words that a row holds, so many have to come back for the row itself to be given away.
_WHOLE = 0.6


class Leaked(Struct, frozen=True):
    """What a function returned of rows that whoever called it may not read in their table."""

    function: FunctionFacts
    role: str
    table: str
    columns: tuple[str, ...]
    seen: Try


def granted(session: Session, functions: Iterable[FunctionFacts], roles: Iterable[str]) -> dict[tuple[str, int], bool]:
    """By role and OID."""
    oids = [each.oid for each in functions]
    return {(role, oid): may for role, oid, may in look(session, _GRANTS, (oids, list(roles)))}


def allowed(may: bool | None) -> Reach:
    return Reach.ALLOWED if may else Reach.NO_GRANT


class Functions:
    def __init__(self, prober: Prober, functions: Iterable[FunctionFacts], roles: Iterable[str]) -> None:
        self._prober = prober
        self.all = [each for each in functions if each.callable]
        self._granted = granted(prober.session, self.all, roles)

    def reach(self, function: FunctionFacts, role: str) -> Reach:
        return allowed(self._granted.get((role, function.oid)))

    def is_offered(self, function: FunctionFacts) -> bool:
        return any(self.reach(function, role) is Reach.ALLOWED for role in ("anon", "authenticated"))

    def not_called(self, functions: Iterable[FunctionFacts]) -> Iterator[Unchecked]:
        """Those that return rows with an owner's rights, and ask for arguments that cannot be made up."""
        names = [
            f"`{each.display}`"
            for each in functions
            if each.definer
            and each.returns_rows
            and self.is_offered(each)
            and self._owned(each)
            and not _callable(each)
        ]
        if names:
            more = f" and {len(names) - 3} more" * (len(names) > 3)
            yield Unchecked(
                f"whose rows come out of {', '.join(names[:3])}{more}",
                "only functions that need no argument, or just the id of a user, are called",
            )

    def leaks(self, functions: Iterable[FunctionFacts]) -> Iterator[Leaked]:
        """At most one for a function: the one that needs the least."""
        for function in functions:
            tables = self._owned(function)
            if function.definer and function.callable and tables and _callable(function):
                yield from self._leaks(function, tables)

    def _owned(self, function: FunctionFacts) -> list[RelationFacts]:
        return [each for each in self._below(function) if self._prober.family.logins.get(each.key)]

    def _below(self, function: FunctionFacts) -> list[RelationFacts]:
        """The tables that it reads, through views and other functions too, but not through policies."""
        facts = self._prober.facts
        found: dict[str, RelationFacts] = {}
        waiting, known = [("function", function.key)], set()
        while waiting:
            node = waiting.pop()
            if node in known:
                continue
            known.add(node)
            relation = facts.by_key.get(node[1]) if node[0] == "relation" else None
            if relation and relation.is_table:
                found[relation.key] = relation
            else:
                waiting += self._prober.needs.get(node, ())
        return [found[key] for key in sorted(found) if any(self._prober.family.of(user, found[key]) for user in USERS)]

    def _leaks(self, function: FunctionFacts, tables: list[RelationFacts]) -> Iterator[Leaked]:
        marks = [(table, user, _marks(table, user)) for table in tables for user in USERS]
        updates = "; ".join(sql for table, user, mark in marks if (sql := self._marking(table, user, mark)))
        for persona in (Persona("anon"), A_STRANGER):
            if self.reach(function, persona.role) is Reach.NO_GRANT:
                continue
            hidden = [each for each in tables if not self._may_read(each, persona.role)]
            if not hidden:
                continue
            with self._prober.without(updates) as marked:
                if not marked.done:
                    return
                calls = {user: _call(function, USERS[user]) for user in USERS}
                probes = [Probe(persona, function.schema, _document(call), reads=True) for call in calls.values()]
                answers = list(self._prober.asker.ask(probes))
            leak = _leak(function, persona, hidden, calls, answers)
            if leak:
                yield leak
                return

    def _marking(self, table: RelationFacts, user: str, marks: Mapping[str, str]) -> str | None:
        row = self._prober.family.of(user, table)
        if not row or not marks:
            return None
        sets = ", ".join(f"{quoted(column)} = {literal(mark)}" for column, mark in marks.items())
        return f"update {table.quoted} set {sets} where {is_row(row)}"

    def _may_read(self, table: RelationFacts, role: str) -> bool:
        found = self._prober.reach(table, role, "select").reach
        return found.reaches_others or found in (Reach.SOME_ROWS, Reach.UNDECIDED, Reach.ERROR)


def _callable(function: FunctionFacts) -> bool:
    needed = [each for each in function.inputs if not each.optional]
    if any(_SECRET.search(each.name or "") for each in function.inputs):
        return False
    return all(each.type == "uuid" and _A_USER.fullmatch(each.name or "") for each in needed)


def _call(function: FunctionFacts, id: str) -> str:
    given = ", ".join(f"{quoted(each.name or '')} => {literal(id)}" for each in function.inputs if not each.optional)
    return f"{name(function.schema)}.{name(function.name)}({given})"


def _document(call: str) -> str:
    some = f"select * from {call} limit {_MOST}"
    return f"select pg_catalog.jsonb_agg(pg_catalog.to_jsonb(f))::pg_catalog.text from ({some}) as f"


def _marks(table: RelationFacts, user: str) -> dict[str, str]:
    """A word of our own for every column that takes any text."""
    bound = {column for names in table.uniques for column in names or ()}
    bound |= {column for constraint in table.constraints for column in constraint.columns}
    return {
        each.name: f"{user}-{each.name}-4b1d"
        for each in table.columns
        if each.base == "text" and each.type == "text" and not each.generated and each.name not in bound
    }


def _leak(
    function: FunctionFacts,
    persona: Persona,
    tables: list[RelationFacts],
    calls: Mapping[str, str],
    answers: list[Answer],
) -> Leaked | None:
    for table in tables:
        given: dict[str, set[str]] = {}
        for answer in answers:
            words = set(_words(json.loads(answer.document))) if answer.document else set()
            for user in USERS:
                found = {column for column, mark in _marks(table, user).items() if mark in words}
                given.setdefault(user, set()).update(found)
        columns = set().union(*given.values())
        if columns and _is_the_row(function, table, columns):
            reached = sum(bool(found) for found in given.values())
            statement = f"select * from {calls['b']}"
            seen = Try(str(persona), reached, len(USERS), pasted(persona, statement))
            return Leaked(function, persona.role, table.display, tuple(sorted(columns)), seen)
    return None


def _is_the_row(function: FunctionFacts, table: RelationFacts, columns: set[str]) -> bool:
    """Not a name that is shown to everybody on purpose, but the row, or what is nobody else's business."""
    if function.row_of == table.oid or personal(columns):
        return True
    return len(columns) > 1 and len(columns) >= _WHOLE * len(_marks(table, "a"))


def _words(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
        if document[:1] in "[{":
            try:
                yield from _words(json.loads(document))
            except ValueError:
                return
    elif isinstance(document, dict):
        for value in document.values():
            yield from _words(value)
    elif isinstance(document, list):
        for value in document:
            yield from _words(value)
