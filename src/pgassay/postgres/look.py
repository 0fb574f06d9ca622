"""Reading the catalog without leaving a trace, whatever the migration did to the session.

pg_catalog alone is on the search path, so that names come out qualified and nothing that the migration made stands in
for a system function or a catalog: temporary tables come first unless they are named last. A savepoint that is always
rolled back keeps the settings out of the file's transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import Any

from pgassay.postgres.session import QueryRefused, Session

_OURS = (
    "set local search_path = pg_catalog, pg_temp; set local statement_timeout = 0; set local lock_timeout = 0; "
    "set local quote_all_identifiers = off"
)
# A name that no migration can know.
_OWN = f"pgassay_{token_hex(8)}"
_ENTER = f"savepoint {_OWN}"
_LEAVE = f"rollback to savepoint {_OWN}; release savepoint {_OWN}"


@contextmanager
def looking(session: Session, before: str = _OURS) -> Iterator[None]:
    """Everything that happens in the block is undone at its end."""
    inside = session.open
    session.run(f"{_ENTER if inside else 'begin'}; {before}")
    try:
        yield
    finally:
        session.run(_LEAVE if inside else "rollback")


def look(session: Session, query: str, parameters: Any = None) -> list[tuple[Any, ...]]:
    if parameters is None:
        return _at_once(session, query)
    with looking(session):
        return session.rows(query, parameters)


def _at_once(session: Session, query: str) -> list[tuple[Any, ...]]:
    """In one message, which only a question without parameters can be: there may be thousands of statements."""
    inside = session.open
    leave = _LEAVE if inside else "rollback"
    try:
        return session.rows(f"{_ENTER if inside else 'begin'}; {_OURS}; {query.strip().rstrip(';')}; {leave}")
    except QueryRefused:
        session.run(leave)
        raise


def try_out(session: Session, sql: str, query: str, parameters: Any = None) -> list[tuple[Any, ...]] | None:
    """What `query` finds after `sql`, all of which is undone; None when the server refuses `sql`."""
    with looking(session, sql):
        return None if session.failed else look(session, query, parameters)
