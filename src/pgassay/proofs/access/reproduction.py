"""What was tried, for psql on any database: as whom, and the statement, between begin and rollback. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from pgassay.proofs.access.personas import Persona
from pgassay.proofs.access.statements import literal
from pgassay.proofs.facts import RelationFacts, quoted

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_SOME = "limit 10"


def pasted(persona: Persona, statement: str) -> str:
    claims = {"sub": persona.id, "role": persona.role, **persona.more}
    text = json.dumps({name: value for name, value in claims.items() if value is not None})
    return "\n".join(
        (
            "begin;",
            f"select set_config('request.jwt.claims', {literal(text).strip()}, true);",
            f"set local role {name(persona.role)};",
            f"{statement};",
            "rollback;",
        )
    )


def statement(relation: RelationFacts, action: str, columns: Iterable[str]) -> str:
    """For every row that the persona reaches; `columns` may be written."""
    table = f"{name(relation.schema)}.{name(relation.name)}"
    some = list(columns)
    match action:
        case "update" if some:
            column = next((each for each in some if each not in relation.primary_key), some[0])
            return f"update {table} set {quoted(column)} = {quoted(column)}"
        case "delete":
            return f"delete from {table}"
        case "insert":
            needed = [each.name for each in relation.columns if each.required and each.name in some]
            columns_ = ", ".join(map(quoted, needed))
            return f"insert into {table} ({columns_}) select {columns_} from {table} {_SOME}"
    return f"select * from {table} {_SOME}"


def given_away(relation: RelationFacts, columns: Iterable[str], to: str) -> str:
    sets = ", ".join(f"{quoted(column)} = {literal(to)}" for column in columns)
    return f"update {name(relation.schema)}.{name(relation.name)} set {sets}"


def blind(relation: RelationFacts, sql: str) -> str:
    """That very statement: it names no row of ours."""
    return sql.replace(relation.quoted, f"{name(relation.schema)}.{name(relation.name)}", 1)


def name(text: str) -> str:
    return text if _PLAIN.fullmatch(text) else quoted(text)
