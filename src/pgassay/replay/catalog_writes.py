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
_CATALOGS = "select oid from pg_class where relkind = 'r' and relnamespace = 'pg_catalog'::regnamespace"
# The counters one by one: the view of all of them takes ten times as long to plan. What else a statement left behind
# in the transaction are locks, and scans of what it has locked.
_WRITES = """
select
  (select coalesce(sum(pg_stat_get_xact_tuples_inserted(c) + pg_stat_get_xact_tuples_updated(c)
     + pg_stat_get_xact_tuples_deleted(c)), 0)::bigint from unnest('{{{all}}}'::oid[]) c),
  (select coalesce(sum(pg_stat_get_xact_tuples_deleted(c)), 0)::bigint from unnest('{{{objects}}}'::oid[]) c)
    + pg_stat_get_xact_tuples_updated({columns}) + pg_stat_get_xact_tuples_deleted({columns}),
  (select string_agg(concat_ws(' ', l.relation, l.mode, pg_stat_get_xact_numscans(l.relation)), ',')
   from pg_lock_status() l
   where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.granted and l.relation >= 16384)
"""


class Writes(Struct, frozen=True):
    """`any` to any catalog, `removals` such as may have taken an object away.

    `touched` changes with the locks that the transaction holds, and with scans of what is locked.
    """

    any: bool
    removals: bool
    touched: str | None = None


class CatalogWrites:
    """Asked around every statement of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._all = self._removed = 0
        oids = dict(look(session, f"select c.relname::text, c.oid from pg_class c where c.oid in ({_CATALOGS})"))
        self._query = _WRITES.format(
            all=",".join(map(str, oids.values())),
            objects=",".join(str(oids[name]) for name in _OBJECTS),
            columns=oids["pg_attribute"],
        )

    def before(self) -> None:
        if not self._session.open:
            # The server keeps the counters of a transaction for up to a second more.
            self._session.run("select pg_catalog.pg_stat_force_next_flush()")
            self._all = self._removed = 0

    def written(self) -> Writes:
        """Since it was asked last, or since the transaction began."""
        ((every, removed, touched),) = look(self._session, self._query)
        writes = Writes(every != self._all, removed != self._removed, touched)
        self._all, self._removed = every, removed
        return writes
