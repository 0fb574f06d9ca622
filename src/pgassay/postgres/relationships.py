"""Foreign keys around what a change touches, read from two snapshots of the schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pgassay.model import Relationship
from pgassay.postgres.snapshot import Key, Schema

_TOUCHING = frozenset({"table", "column", "constraint"})
_NAME = r'(?:"(?:[^"]|"")+"|[^\s"(),.]+)'
_COLUMNS = rf"\(({_NAME}(?:, {_NAME})*)\)"
_FOREIGN_KEY = re.compile(rf"FOREIGN KEY {_COLUMNS} REFERENCES (?:({_NAME})\.)?({_NAME})\(")
_UNIQUE = re.compile(rf"(?:PRIMARY KEY|UNIQUE(?: NULLS NOT DISTINCT)?) {_COLUMNS}")
_ON_DELETE = re.compile(r" ON DELETE (CASCADE|RESTRICT|SET NULL|SET DEFAULT)")

Table = tuple[str, str | None]


def relationships(before: Schema, after: Schema) -> tuple[Relationship, ...]:
    """New ones first, then those of the touched tables, then those to them through which a delete goes on."""
    touched = {(key.schema, key.table or key.name) for key in _different(before, after)}
    unique = _unique(after)
    found: list[tuple[int, Relationship]] = []
    for key, definition in after.items():
        match = _FOREIGN_KEY.match(definition) if key.kind == "constraint" else None
        if match is None or key.table is None:
            continue
        schema, name = _unquoted(match[2] or "public"), _unquoted(match[3])
        is_new = before.get(key) != definition
        own, other = (key.schema, key.table) in touched, (schema, name) in touched
        made = _relationship(key, match, is_new, after, unique)
        if is_new or own or (other and made.on_delete == "cascade"):
            found.append((0 if is_new else 1 if own else 2, made))
    return tuple(relationship for _, relationship in sorted(found, key=lambda entry: entry[0]))


def _different(before: Schema, after: Schema) -> Iterator[Key]:
    for key in {**before, **after}:
        if key.kind in _TOUCHING and before.get(key) != after.get(key):
            yield key


def _relationship(
    key: Key, match: re.Match[str], is_new: bool, after: Schema, unique: Mapping[Table, list[set[str]]]
) -> Relationship:
    columns = _names(match[1])
    on_delete = _ON_DELETE.search(match.string, match.end())
    types = [after.get(Key("column", key.schema, key.table, each), "").partition(" default ")[0] for each in columns]
    return Relationship(
        table=_display(key.schema, key.table or ""),
        columns=columns,
        referenced=_display(_unquoted(match[2] or "public"), _unquoted(match[3])),
        on_delete=on_delete[1].lower() if on_delete else "no action",
        optional=not all(each.endswith(" not null") for each in types),
        unique=any(each <= set(columns) for each in unique.get((key.schema, key.table), ())),
        is_new=is_new,
    )


def _unique(schema: Schema) -> dict[Table, list[set[str]]]:
    found: dict[Table, list[set[str]]] = {}
    for key, definition in schema.items():
        match = _UNIQUE.match(definition) if key.kind == "constraint" else None
        if match:
            found.setdefault((key.schema, key.table), []).append(set(_names(match[1])))
    return found


def _names(written: str) -> tuple[str, ...]:
    return tuple(_unquoted(name) for name in re.findall(_NAME, written))


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _display(schema: str, table: str) -> str:
    return Key("table", schema, None, table).display
