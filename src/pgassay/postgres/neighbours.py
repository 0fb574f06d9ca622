"""Whether somebody else's server holds data that migrations could do harm to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pgassay.postgres.session import Session

if TYPE_CHECKING:
    from pgassay.postgres.connection import Connection

_OURS = "^pgassay_[0-9a-f]{8}_[0-9a-f]{8}_"

# Never one of ours: a killed run may have left migrations in it.
_OTHER_DATABASES = f"""
select datname, datallowconn and has_database_privilege(oid, 'connect') from pg_catalog.pg_database
where datname not in ('template0', 'template1') and datname !~ '{_OURS}' order by datname
"""

# Tables of extensions aside.
HAS_TABLES = """
select exists (
  select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'm', 'f') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (
      select from pg_catalog.pg_depend d
      where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
)
"""


def databases_with_tables(session: Session, enter: Callable[[str], Connection]) -> list[str]:
    """Names of the databases that hold tables, or that nobody can look into."""
    return [name for name, enterable in session.rows(_OTHER_DATABASES) if not enterable or _has_tables(name, enter)]


def _has_tables(database: str, enter: Callable[[str], Connection]) -> bool:
    import psycopg

    try:
        with enter(database) as connection:
            row = connection.execute(HAS_TABLES).fetchone()
    except psycopg.Error:
        return True
    return bool(row and row[0])
