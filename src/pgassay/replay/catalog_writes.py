"""Whether a statement wrote to the system catalogs at all, from the server's own counters.

Most statements of a long migration write rows of tables, or take nothing away, and looking for what they might have
done to a large schema takes longer than they do. The counters are of the running transaction, and what is rolled back
counts too. They know nothing of catalogs that another session writes.
"""

from __future__ import annotations

from msgspec import Struct

from pgassay.postgres.look import look
from pgassay.postgres.session import Session

# The catalogs whose objects `inventory` follows. A dropped column is an update.
_OBJECTS = "pg_namespace pg_class pg_constraint pg_attrdef pg_policy pg_trigger pg_proc pg_type pg_inherits".split()
_WRITES = f"""
select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint,
       coalesce(sum(n_tup_del) filter (where relname in ({", ".join(f"'{name}'" for name in _OBJECTS)})), 0)::bigint
       + coalesce(sum(n_tup_upd + n_tup_del) filter (where relname = 'pg_attribute'), 0)::bigint
from pg_stat_xact_sys_tables where schemaname = 'pg_catalog'
"""


class Writes(Struct, frozen=True):
    """`any` to any catalog, `removals` such as may have taken an object away."""

    any: bool
    removals: bool


class CatalogWrites:
    """Asked around every statement of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._all = self._removed = 0

    def before(self) -> None:
        if not self._session.open:
            # The server keeps the counters of a transaction for up to a second more.
            self._session.run("select pg_catalog.pg_stat_force_next_flush()")
            self._all = self._removed = 0

    def written(self) -> Writes:
        """Since it was asked last, or since the transaction began."""
        ((every, removed),) = look(self._session, _WRITES)
        writes = Writes(every != self._all, removed != self._removed)
        self._all, self._removed = every, removed
        return writes
