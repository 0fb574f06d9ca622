"""The schema as the catalog has it, and what a change did to it.

Objects are compared by name and definition, columns by name and never by number: dropped and added again is the same.
Members of extensions and of their stand-ins are left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from pgassay.model import ObjectChange
from pgassay.postgres.look import look
from pgassay.postgres.session import Session

# How people read a schema, and the order of every list of changes: that of a query is another one each time.
_KINDS = (
    *("schema", "table", "foreign table", "view", "materialized view", "column", "constraint", "index", "policy"),
    *("trigger", "function", "procedure", "enum", "domain", "published table"),
)
_RANKS = {kind: rank for rank, kind in enumerate(_KINDS)}

# A definition that is worth showing in one line; of the others it is enough that they changed.
_SHOWN = frozenset({"table", "column", "constraint", "policy", "enum", "domain"})
_TABLES = frozenset({"table", "foreign table"})
_PLURALS = {"index": "indexes", "policy": "policies"}


class Key(Struct, frozen=True, order=True):
    kind: str
    schema: str
    table: str | None
    name: str

    @property
    def display(self) -> str:
        schema = "" if self.schema == "public" or self.kind == "schema" else f"{self.schema}."
        if self.table is None:
            return schema + self.name
        return f"{schema}{self.table}.{self.name}" if self.kind == "column" else f"{self.name} on {schema}{self.table}"


Schema = Mapping[Key, str]


# A comment or a function may have hundreds of megabytes, and nobody reads a line of that length.
_BOUNDED = """
select kind, schema, part_of, name,
       case when length(definition) <= 9999 then definition
       else left(definition, 9999) || ' ... ' || md5(definition) end
from ({query}) as s (kind, schema, part_of, name, definition)
"""


def snapshot(session: Session) -> Schema:
    query = _BOUNDED.format(query=Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    found = {Key(*names): definition for *names, definition in look(session, query)}
    return dict(sorted(found.items(), key=lambda entry: _order(entry[0])))


def _order(key: Key) -> tuple[int, str, str, str]:
    return _RANKS.get(key.kind, len(_RANKS)), key.schema, key.table or "", key.name


def compare(before: Schema, after: Schema) -> tuple[ObjectChange, ...]:
    """Added, changed and removed objects. What belongs to an added or removed table is counted in its one line."""
    changed = (key for key in after if key in before and before[key] != after[key])
    return (
        *_one_sided("added", after, before),
        *(ObjectChange("changed", key.kind, key.display, _difference(key, before[key], after[key])) for key in changed),
        *_one_sided("removed", before, after),
    )


def _one_sided(action: str, there: Schema, missing: Schema) -> Iterator[ObjectChange]:
    only = [key for key in there if key not in missing]
    tables = {(key.schema, key.name) for key in only if key.kind in _TABLES}
    for key in only:
        if key.table and (key.schema, key.table) in tables:
            continue
        detail = there[key] if key.kind in _SHOWN else ""
        if key.kind in _TABLES:
            parts = Counter(other.kind for other in only if other.schema == key.schema and other.table == key.name)
            detail = ", ".join([*(_counted(kind, n) for kind, n in parts.items() if kind != "constraint"), detail])
        yield ObjectChange(action, key.kind, key.display, detail)


def _counted(kind: str, n: int) -> str:
    return f"1 {kind}" if n == 1 else f"{n} {_PLURALS.get(kind, kind + 's')}"


def _difference(key: Key, before: str, after: str) -> str:
    return f"{before} → {after}" if key.kind in _SHOWN else "definition"
