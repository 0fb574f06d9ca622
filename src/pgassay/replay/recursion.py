"""Policies that ask for themselves: PostgreSQL refuses every query on such a table, but not the policy.

It notices when it rewrites a query for a role that the policies hold for, so that is what is done: a prepared statement
for each command, never planned nor run. Only tables whose policies lead back to themselves are asked about.
"""

from __future__ import annotations

import json
from typing import Any

from pgassay.postgres.look import look, looking
from pgassay.postgres.session import Session

PARAMETER = "recursive_policies"

# An edge leads from a table to what its policies read, or from a view to what it reads. The tree of an expression names
# the table of each range table entry in it, and the policy's own table only where a subquery reads it.
_CYCLES = r"""
with recursive edges (reader, reads) as materialized (
  select p.polrelid, found[1]::oid
  from pg_policy p
  cross join lateral regexp_matches(concat(p.polqual::text, p.polwithcheck::text), ':relid (\d+)', 'g') as found
  where concat(p.polqual::text, p.polwithcheck::text) like '%%{SUBLINK %%'
  union
  select w.ev_class, d.refobjid
  from pg_rewrite w
  join pg_class v on v.oid = w.ev_class and v.relkind = 'v'
  join pg_namespace n on n.oid = v.relnamespace and n.nspname not in ('pg_catalog', 'information_schema')
  join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass
  where d.refobjid <> w.ev_class
),
reached (start, at) as (
  select reader, reads from edges
  union
  select r.start, e.reads from reached r join edges e on e.reader = r.at
),
circles as (
  select r.start as table, min(back.start) as circle
  from reached r join reached back on back.start = r.at and back.at = r.start
  where exists (select from reached own where own.start = r.start and own.at = r.start)
  group by r.start
)
select k.circle, c.oid, format('%%I.%%I', n.nspname, c.relname),
  (select quote_ident(a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     and a.attgenerated = '' and a.attidentity <> 'a' order by a.attnum limit 1),
  array(
    select quote_ident(r.rolname) from pg_roles r
    where not r.rolsuper and not r.rolbypassrls and not pg_has_role(r.oid, c.relowner, 'usage') and (
      exists (select from pg_policy p where p.polrelid = c.oid and r.oid = any (p.polroles))
      or exists (select from pg_policy p where p.polrelid = c.oid and 0 = any (p.polroles)) and (
        r.rolname in ('anon', 'authenticated') or exists (select from aclexplode(c.relacl) g where g.grantee = r.oid)
      )
    )
    order by r.rolname
  )
from circles k
join pg_class c on c.oid = k.table and c.relrowsecurity
join pg_namespace n on n.oid = c.relnamespace
order by k.circle, c.oid
"""
_COMMANDS = {
    "select": "select from {0}",
    "insert": "insert into {0} default values",
    "update": "update {0} set {1} = {1} where {1} is null",
    "delete": "delete from {0} where {1} is null",
}
_INVALID_OBJECT_DEFINITION = "42P17"


def recursive_policies(session: Session) -> str:
    """JSON, an object for each table and command that the server refuses: circle, relation (OIDs), command, message.

    Tables with the same circle lead to each other.
    """
    refused: list[dict[str, Any]] = []
    for circle, relation, name, column, roles in look(session, _CYCLES.replace("%%", "%")):
        for command, statement in _COMMANDS.items():
            messages = (_refusal(session, role, statement.format(name, column)) for role in roles if column)
            message = next(filter(None, messages), None)
            if message:
                refused.append({"circle": circle, "relation": relation, "command": command, "message": message})
    return json.dumps(refused)


def _refusal(session: Session, role: str, statement: str) -> str | None:
    """What the server says of the statement's policies, when they lead in a circle."""
    with looking(session):
        asked = session.run(f"set local role {role}")
        asked = asked if asked.error else session.run(f"prepare pgassay_asks as {statement}")
        if not asked.error:
            session.run("deallocate pgassay_asks")
            return None
        return asked.error.message if asked.error.sqlstate == _INVALID_OBJECT_DEFINITION else None
