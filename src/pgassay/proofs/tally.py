"""How many rows tables have, and what is in them, followed through whatever a change does to the tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.proofs.facts import RelationFacts, quoted

_FEW = 50
_SHOWN = 80
_NOW = """
select c.oid::int8, n.nspname, c.relname, c.relkind::text,
  (select json_agg(json_build_array(a.attnum, a.attname, format_type(a.atttypid, a.atttypmod)) order by a.attnum)
   from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p') and (
  c.oid = any (%s::oid[]) or (n.nspname, c.relname) in (select * from unnest(%s::text[], %s::text[]))
)
"""

Values = tuple[str | None, ...]


class Contents(Struct, frozen=True):
    """A table's number of rows, and by column (number, name and type) its values in their order, where there are few.

    `oid` is 0 when there is no such table.
    """

    oid: int
    rows: int
    columns: Mapping[tuple[int, str, str], Values] = {}


class Tally:
    def __init__(self, session: Session, tables: Iterable[RelationFacts]) -> None:
        self._session = session
        self._tables = {each.key: each for each in tables}
        self.first = self.take()

    def take(self) -> dict[str, Contents]:
        """By the key that a table had before the change. What is gone may be there again under its name."""
        tables = self._tables.values()
        names = [each.schema for each in tables], [each.name for each in tables]
        found = look(self._session, _NOW, ([each.oid for each in tables], *names))
        by_oid = {row[0]: row for row in found}
        by_name = {(row[1], row[2]): row for row in found}
        now = {key: by_oid.get(each.oid) or by_name.get((each.schema, each.name)) for key, each in self._tables.items()}
        there = {key: row for key, row in now.items() if row}
        contents: dict[str, Contents] = {key: Contents(0, 0) for key in now}
        if there:
            query = " union all ".join(_of(key, row) for key, row in there.items())
            for key, rows, values in look(self._session, query):
                contents[key] = Contents(there[key][0], rows, _by_column(there[key][4] or [], values))
        return contents


def _of(key: str, row: tuple[Any, ...]) -> str:
    """One row of a query: key, number of rows, values of each of them as a JSON array."""
    _, schema, name, kind, columns = row
    cells = ", ".join(f"left(t.{quoted(column)}::text, {_SHOWN})" for _, column, _ in columns or [])
    only = "only " if kind == "r" else ""
    table = f"{only}{quoted(schema)}.{quoted(name)}"
    literal = key.replace("'", "''")
    values = f"(select json_agg(json_build_array({cells}) order by t.tableoid, t.ctid) from {table} t)"
    return (
        f"(select '{literal}', n, case when n <= {_FEW} then {values} end "
        f"from (select count(*)::int8 as n from {table}) as c)"
    )


def _by_column(columns: list[Any], rows: list[list[str | None]] | None) -> dict[tuple[int, str, str], Values]:
    found = rows or []
    return {tuple(column): tuple(row[n] for row in found) for n, column in enumerate(columns)}
