"""The schema as application code meets it, read from the catalog in one question."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from pgassay.model.schema import Column, Enum, ForeignKey, Function, Schema, Table
from pgassay.model.seen import ServerError
from pgassay.postgres.look import look, looking
from pgassay.postgres.session import Session

_KINDS = {"r": "table", "p": "table", "v": "view", "m": "materialized view", "f": "foreign table"}
_CAST = r"(?:::[a-z ]+(?:\[\])?)"
_LITERAL = re.compile(rf"'((?:[^']|'')*)'{_CAST}?")
_ITEM = rf"\(?{_LITERAL.pattern}\)?{_CAST}?"
_NAME = rf'\(?(?:"[^"]+"|\w+)\)?{_CAST}?'
_ONE_OF = re.compile(
    rf"CHECK \(\((?:\({_NAME} IS NULL\) OR \()?{_NAME} = ANY \(\(?ARRAY\["
    rf"(?P<values>{_ITEM}(?:, {_ITEM})*)\]\)?{_CAST}?\)\)?\)\)(?: NOT VALID)?"
)
_INPUT = ("i", "b", "v")


def catalog(session: Session, queries: Iterable[str] = (), search_path: str = "public, extensions") -> Schema:
    """`queries` are SQL texts to prepare; what the server refuses is in `refusals`."""
    ((text,),) = look(session, Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    found = {kind: rows or [] for kind, rows in msgspec.json.decode(text).items()}
    keys: dict[int, list[tuple[str, ...]]] = {}
    for _, table, _, kind, columns, _ in found["keys"]:
        if kind in "pu":
            keys.setdefault(table, []).append(tuple(columns))
    return Schema(
        schemas=frozenset(found["schemas"]),
        tables=tuple(map(_table, found["tables"])),
        foreign_keys=tuple(
            ForeignKey(name, table, referenced, tuple(columns), tuple(others))
            for name, table, referenced, kind, columns, others in found["keys"]
            if kind == "f"
        ),
        keys={table: tuple(columns) for table, columns in keys.items()},
        functions=tuple(map(_function, found["functions"])),
        enums={oid: Enum(oid, schema, name, tuple(values)) for oid, schema, name, values in found["enums"]},
        refusals=refusals(session, queries, search_path),
    )


def refusals(session: Session, queries: Iterable[str], search_path: str) -> dict[str, ServerError]:
    """What the server says to each query that it will not prepare. Nothing is executed."""
    found: dict[str, ServerError] = {}
    wanted = list(dict.fromkeys(queries))
    if wanted:
        for query in wanted:
            with looking(session, f"set local search_path = {search_path}; set local statement_timeout = 0"):
                error = session.prepare(query)
            if error:
                found[query] = error
    return found


def _table(row: list[Any]) -> Table:
    oid, schema, name, kind, fills_rows, columns = row
    made = map(_column, columns or ())
    return Table(oid, schema, name, _KINDS[kind], {column.name: column for column in made}, fills_rows)


def _column(row: list[Any]) -> Column:
    *known, checks = row
    return Column(*(*known, allowed_by(checks or ())))


def _function(row: list[Any]) -> Function:
    oid, schema, name, names, modes, types, defaults, variadic, returns, of_row, rows_of = row
    names = names or [""] * len(types)
    modes = modes or ["i"] * len(types)
    arguments = [(n, t) for n, t, mode in zip(names, types, modes, strict=False) if mode in _INPUT]
    return Function(
        oid,
        schema,
        name,
        tuple(n for n, _ in arguments),
        tuple(t for _, t in arguments),
        defaults,
        variadic,
        returns,
        of_row,
        rows_of,
    )


def allowed_by(checks: Iterable[str]) -> tuple[str, ...] | None:
    """What the first check of the form `column in ('a', 'b')` lets in, as pg_get_constraintdef writes it."""
    for check in checks:
        if found := _ONE_OF.fullmatch(check):
            return tuple(value.replace("''", "'") for value in _LITERAL.findall(found["values"]))
    return None
