"""Names and types of what was there before the change, followed by OID and column number: renamed, retyped.

Partitions are left out: their parent tells of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from pgassay.model import Relation, Renamed, Retyped
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.sql import names

_COLUMNS = """
select a.attrelid, n.nspname::text, c.relname::text, c.relkind::text, a.attnum, a.attname::text,
       format_type(a.atttypid, a.atttypmod), a.atttypid, atttypid in (select enumtypid from pg_enum)
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
where a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p', 'f', 'v', 'm')
  and not c.relispartition and c.oid = any (%s)
"""
_LABELS = "select enumtypid, array_agg(enumlabel::text order by enumsortorder) from pg_enum group by 1"
_KINDS = {"v": "view", "m": "materialized view"}


class _Column(Struct, frozen=True):
    name: str
    type: str
    oid: int
    is_enum: bool


class _Known(Struct):
    name: str
    kind: str
    columns: dict[int, _Column]


class Columns:
    """What relations of the base are called and made of, as of the last look."""

    def __init__(self, session: Session, existing: Iterable[int]) -> None:
        self._session = session
        self._existing = tuple(existing)
        self._labels: dict[int, list[str]] = dict(look(session, _LABELS))
        self._base = {oid: frozenset(known.columns) for oid, known in self._take(self._existing).items()}
        self._known = self._take(self._existing)

    def changes(self, oids: list[int], relations: dict[int, Relation]) -> tuple[list[Renamed], list[Retyped]]:
        """Of the relations that may have changed since the last look; those of the change itself are passed over."""
        renamed: list[Renamed] = []
        retyped: list[Retyped] = []
        for oid, now in self._take(oids).items():
            before = self._known.get(oid)
            if before is None:
                continue
            if before.name != now.name:
                renamed.append(Renamed(now.kind, before.name, now.name))
            for number, column in now.columns.items():
                old = before.columns.get(number)
                if old is None or number not in self._base[oid] or now.kind == "view":
                    continue
                if old.name != column.name:
                    renamed.append(Renamed("column", f"{before.name}.{old.name}", f"{now.name}.{column.name}"))
                if old.type != column.type or old.oid != column.oid:
                    lost = self._lost_labels(old, column)
                    retyped.append(Retyped(relations[oid], column.name, old.type, column.type, lost))
            self._known[oid] = now
        return renamed, retyped

    def changed(self, oid: int) -> bool:
        """Whether the columns differ in number or type from those of the last look."""
        known, now = self._known.get(oid), self._take([oid]).get(oid)
        return known is None or now is None or known.columns != now.columns

    def of(self, oid: int) -> frozenset[str]:
        """The present names of columns that were there before the change."""
        known = self._known.get(oid)
        return frozenset(known.columns[n].name for n in self._base[oid] if n in known.columns) if known else frozenset()

    def start_over(self) -> None:
        """After a rollback everything may be as it was."""
        self._known = self._take(self._existing)

    def _take(self, oids: Iterable[int]) -> dict[int, _Known]:
        found: dict[int, _Known] = {}
        for row in self._rows(list(oids)):
            oid, schema, name, kind, number, *column = row
            known = found.setdefault(oid, _Known(names.display(schema, name), _KINDS.get(kind, "table"), {}))
            known.columns[number] = _Column(*column)
        return found

    def _rows(self, oids: list[int]) -> Iterator[tuple[Any, ...]]:
        if oids:
            yield from look(self._session, _COLUMNS, (oids,))

    def _lost_labels(self, old: _Column, new: _Column) -> tuple[str, ...]:
        """The old type may be gone with the statement itself: then as it was before the change."""
        if not (old.is_enum and new.is_enum):
            return ()
        now = dict(look(self._session, _LABELS))
        return tuple(label for label in now.get(old.oid, self._labels.get(old.oid, [])) if label not in now[new.oid])
