"""Reading the catalog without leaving a trace, whatever the migration did to the session.

pg_catalog alone is on the search path, so that names come out qualified and no function or operator of the migration is
called in place of a system one; a savepoint that is always rolled back keeps the setting out of the file's transaction.
"""

from __future__ import annotations

from typing import Any

from pgassay.postgres.session import Session

_ENTER = "savepoint pgassay_look"
_LEAVE = "rollback to savepoint pgassay_look; release savepoint pgassay_look"
_PATH = "; set local search_path = pg_catalog"


def look(session: Session, query: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    inside = session.open
    session.run((_ENTER if inside else "begin") + _PATH)
    try:
        return session.rows(query, parameters)
    finally:
        session.run(_LEAVE if inside else "rollback")


def try_out(session: Session, sql: str, query: str, parameters: Any = None) -> list[tuple[Any, ...]] | None:
    """What `query` finds after `sql`, all of which is undone; None when the server refuses `sql`."""
    inside = session.open
    session.run(_ENTER if inside else "begin")
    try:
        if session.run(sql).error:
            return None
        return look(session, query, parameters)
    finally:
        session.run(_LEAVE if inside else "rollback")
