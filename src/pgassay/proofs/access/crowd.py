"""Everybody who is needed for a try: the rows of two users, and the personas of the settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from pgassay.model.expectation import PersonaSetting
from pgassay.model.given import NOTHING_GIVEN, Given
from pgassay.postgres.session import QueryRefused, Session
from pgassay.proofs.access.personas import Persona
from pgassay.proofs.access.statements import is_row, literal
from pgassay.proofs.facts import Facts, RelationFacts, quoted
from pgassay.proofs.fill import fill
from pgassay.proofs.rows import RETURNED, Family, Row, row_of
from pgassay.proofs.touched import tables_to_fill

_ID = "d0000000-0000-4000-8000-{:012d}"
_SIGN_UP = """
insert into auth.users (id, aud, role, email, raw_app_meta_data, raw_user_meta_data)
values ('{id}', 'authenticated', 'authenticated', '{id}@example.com', '{{}}', '{{}}')
"""


_MOVED = "made to fit, and then a trigger took or replaced it"


class Crowd(Struct, frozen=True):
    """`missing` has the reasons why a persona could not be made."""

    family: Family
    personas: Mapping[str, Persona]
    missing: Mapping[str, str]

    def persona(self, name: str) -> Persona | None:
        return self.personas.get(name)


def gather(
    session: Session,
    facts: Facts,
    keys: Iterable[str],
    settings: Iterable[PersonaSetting] = (),
    given: Given = NOTHING_GIVEN,
) -> Crowd:
    """In a transaction of its own, for these relations and whatever their policies read."""
    # The role's own search path stays: triggers look for names on it.
    session.run("set local statement_timeout = 0; set local lock_timeout = 0")
    family = fill(session, facts, tables_to_fill(facts, keys), given)
    _find_again(session, facts, family)
    personas: dict[str, Persona] = {}
    missing: dict[str, str] = {}
    for n, setting in enumerate(settings, 1):
        id = _ID.format(n)
        sql = (setting.sql or "").replace(":user", literal(id))
        outcome = session.run(f"savepoint pgassay_persona; {_SIGN_UP.format(id=id)}; {sql}")
        if outcome.error:
            session.run("rollback to savepoint pgassay_persona")
            missing[setting.name] = f"persona {setting.name} could not be made: {outcome.error.message}"
        else:
            personas[setting.name] = Persona(setting.role, setting.name, setting.claims, id)
    return Crowd(family, personas, missing)


def _find_again(session: Session, facts: Facts, family: Family) -> None:
    """Rows that triggers have written since they were made, those of a counter for one, lie elsewhere now."""
    asked = list(family.rows.items())
    queries = [
        f"select {n}, {RETURNED} from {(relation := facts.by_key[key]).quoted} as t where {_same(relation, row)}"
        for n, ((_, key), row) in enumerate(asked)
    ]
    if not queries:
        return
    session.run("savepoint pgassay_again")
    try:
        found = {n: row_of(tuple(rest)) for n, *rest in session.rows(" union all ".join(queries))}
    except QueryRefused as refused:
        if refused.is_over:
            raise
        session.run("rollback to savepoint pgassay_again")
        return
    for n, (place, _) in enumerate(asked):
        if n in found:
            family.rows[place] = found[n]
        else:
            del family.rows[place]
            family.reasons.setdefault(place[1], _MOVED)


def _same(relation: RelationFacts, row: Row) -> str:
    names = relation.primary_key
    if not names or any(row.values.get(name) is None for name in names):
        return is_row(row)
    return " and ".join(
        f"{quoted(name)} = {literal(row.values[name])}::{relation.by_name[name].type}" for name in names
    )
