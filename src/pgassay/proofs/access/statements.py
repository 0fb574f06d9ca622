"""What is tried on a relation, as SQL that can be read by itself. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pgassay.proofs.facts import RelationFacts, quoted
from pgassay.proofs.rows import Row

_MOST_ROWS = 1_000


def literal(value: str | None) -> str:
    if value is None:
        return "null"
    text = value.replace("'", "''")
    return f" E'{text.replace(chr(92), chr(92) * 2)}'" if "\\" in text else f"'{text}'"


def is_row(row: Row) -> str:
    oid, ctid = row.place
    return f"tableoid = {oid} and ctid = '{ctid}'::pg_catalog.tid"


def select_row(relation: RelationFacts, row: Row) -> str:
    return f"select 1 from {relation.quoted} where {is_row(row)}"


def delete_row(relation: RelationFacts, row: Row) -> str:
    return f"delete from {relation.quoted} where {is_row(row)}"


def update_row(relation: RelationFacts, row: Row, writable: Sequence[str]) -> str:
    """Changes nothing. A key that stays the same still asks whoever refers to it; any other column will do."""
    name = quoted(next((each for each in writable if each not in relation.primary_key), writable[0]))
    return f"update {relation.quoted} set {name} = {name} where {is_row(row)}"


def insert_copy(relation: RelationFacts, document: str, writable: Iterable[str]) -> str | None:
    """None where a column that needs a value may not be written."""
    keys = {name for name in relation.primary_key if relation.by_name[name].default}
    names = [name for name in writable if name not in keys]
    if any(
        column.required
        and not column.default
        and not column.identity
        and not column.generated
        and column.name not in names
        for column in relation.columns
    ):
        return None
    chosen = ", ".join(map(quoted, names))
    row = f"pg_catalog.json_populate_record(null::{relation.quoted}, {literal(document)})"
    return f"insert into {relation.quoted} ({chosen}) select {chosen} from {row}"


def update_all(relation: RelationFacts, row: Row, writable: Iterable[str], owners: Iterable[str]) -> str | None:
    """Without a word about which rows, so that no policy for SELECT has a say; every row gets the value of one.

    None where each column that may be written is part of a key or says whose the row is.
    """
    keyed = {name for names in relation.uniques for name in names or ()} | set(owners)
    keyed |= {name for constraint in relation.constraints for name in constraint.columns}
    for name in writable:
        if name not in keyed and not relation.by_name[name].generated:
            value = f"{literal(row.values.get(name))}::{relation.by_name[name].type}"
            return f"update {relation.quoted} set {quoted(name)} = {value}"
    return None


def delete_all(relation: RelationFacts) -> str:
    return f"delete from {relation.quoted}"


def still_there(rows: Iterable[tuple[RelationFacts, Row]]) -> str:
    """A row of its own for each that nobody has written or deleted."""
    return " union all ".join(select_row(relation, row) for relation, row in rows)


def same_owner(relation: RelationFacts, row: Row, logins: Iterable[str]) -> str:
    same = " and ".join(f"{quoted(name)} is not distinct from {literal(row.values[name])}" for name in logins)
    return f"select 1 from {relation.quoted} where {same}"


def select_document(relation: RelationFacts) -> str:
    """The rows as one JSON list, null where there are none."""
    some = f"select * from {relation.quoted} limit {_MOST_ROWS}"
    return f"select pg_catalog.jsonb_agg(pg_catalog.to_jsonb(v))::pg_catalog.text from ({some}) as v"


def through_view(
    view: RelationFacts, action: str, table: RelationFacts, row: Row, writable: Iterable[str]
) -> str | None:
    """Every row of it, or for an insert what a row of the table below has under the same names."""
    if action == "delete":
        return f"delete from {view.quoted}"
    names = [each for each in writable if each not in table.by_name or not table.by_name[each].generated]
    if not names:
        return None
    if action == "update":
        name = quoted(next((each for each in names if each not in table.primary_key), names[0]))
        return f"update {view.quoted} set {name} = {name}"
    chosen = ", ".join(
        quoted(each) for each in names if each not in table.primary_key or not table.by_name[each].default
    )
    given = f"pg_catalog.json_populate_record(null::{view.quoted}, {literal(row.document)})"
    return f"insert into {view.quoted} ({chosen}) select {chosen} from {given}"
