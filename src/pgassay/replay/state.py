"""Relations with their files, scans and locks, as one transaction sees them."""

from __future__ import annotations

from typing import Any

from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.replay.catalog_writes import Writes

_STATE = """
with held as materialized (
  select l.relation, array_agg(l.mode order by l.mode) as modes from pg_lock_status() l
  where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.granted group by l.relation
)
select c.oid, n.nspname, c.relname, c.relkind::text, pg_relation_filenode(c.oid),
       case when c.relkind in ('r', 'm') then pg_stat_get_xact_numscans(c.oid) else 0 end,
       i.indrelid, coalesce(h.modes, '{}'), case when c.relispartition then pg_partition_root(c.oid)::oid end
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_index i on i.indexrelid = c.oid
left join held h on h.relation = c.oid
where c.relkind in ('r', 'p', 'm', 'i', 'I', 'v', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
"""
_LOCKED_ONLY = """
  and c.oid in (select relation from held)
"""


class State:
    """Rows of OID, schema, name, kind, file, scans, table (of an index), lock modes, root (of a partition)."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._touched: str | None = None
        self._rows: list[tuple[Any, ...]] = []

    def all(self) -> list[tuple[Any, ...]]:
        self._touched = None
        return look(self._session, _STATE)

    def locked(self, writes: Writes) -> list[tuple[Any, ...]]:
        """What the transaction has locked. A statement that only wrote rows has left all of that as it was."""
        if writes.any or writes.touched is None or writes.touched != self._touched:
            self._touched, self._rows = writes.touched, look(self._session, _STATE + _LOCKED_ONLY)
        return self._rows

    def forget(self) -> None:
        self._touched = None
