"""Everybody who is needed for a try: the rows of two users, and the personas of the settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from pgassay.model.expectation import PersonaSetting
from pgassay.model.given import NOTHING_GIVEN, Given
from pgassay.postgres.session import Session
from pgassay.proofs.access.personas import Persona
from pgassay.proofs.access.statements import literal
from pgassay.proofs.facts import Facts
from pgassay.proofs.fill import fill
from pgassay.proofs.rows import Family
from pgassay.proofs.touched import tables_to_fill

_ID = "d0000000-0000-4000-8000-{:012d}"
_SIGN_UP = """
insert into auth.users (id, aud, role, email, raw_app_meta_data, raw_user_meta_data)
values ('{id}', 'authenticated', 'authenticated', '{id}@example.com', '{{}}', '{{}}')
"""


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
