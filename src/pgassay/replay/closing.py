"""Tables that some policy let somebody see or write before the change, and that none does after it."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from pgassay.model import Step
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.replay import inventory

# Tables with row level security, with the policies that let somebody in: one for the server's own role does nothing.
_TABLES = """
select i.identity, array(
    select o.identity
    from pg_policy p, lateral pg_identify_object('pg_policy'::regclass, p.oid, 0) o
    where p.polrelid = c.oid and p.polpermissive
    and concat(pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid)) not like '%''service_role''%'
    and (0 = any (p.polroles) or exists (select from pg_roles r where r.oid = any (p.polroles) and not r.rolbypassrls))
  )
from pg_class c, lateral pg_identify_object('pg_class'::regclass, c.oid, 0) i
where c.relkind in ('r', 'p') and c.relrowsecurity
"""


class Closing:
    """To be made before the first proposed statement, and asked after the last."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._before = _policies(session)

    def told(self, steps: Iterable[Step]) -> list[Step]:
        """Each closed table is told at the last statement that dropped one of its policies."""
        steps = list(steps)
        if not any(dropped.kind == "policy" for step in steps for dropped in step.dropped):
            return steps
        now = _policies(self._session)
        closed = {table for table, policies in self._before.items() if policies and not now.get(table, True)}
        for n, step in reversed(list(enumerate(steps))):
            dropped = {each.name for each in step.dropped if each.kind == "policy"}
            here = sorted(table for table in closed if dropped & self._before[table])
            if here:
                steps[n] = replace(step, closed=tuple(here))
                closed -= {*here}
        return steps


def _policies(session: Session) -> dict[str, frozenset[str]]:
    """Names as in Dropped."""
    return {
        inventory.readable(table): frozenset(map(inventory.readable, policies))
        for table, policies in look(session, _TABLES)
    }
