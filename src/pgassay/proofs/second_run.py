"""Each proposed file applied once more, on a copy of the database as the file left it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pgassay.model import Location, Migration
from pgassay.model.second_run import Drift, Refused, SecondRun
from pgassay.postgres import environments
from pgassay.postgres.look import look
from pgassay.postgres.session import QueryRefused, Session
from pgassay.postgres.snapshot import Schema, compare, snapshot
from pgassay.replay.base import Unobserved
from pgassay.replay.execute import execute
from pgassay.replay.ground import Ground
from pgassay.replay.substitutes import Substitutes
from pgassay.sql.edits import first_line

_CHAIN = "pgassay_chain"
_AGAIN = "pgassay_again"

# What differs from run to run by itself says nothing: times, and what is made up for each row.
_TABLES = """
select n.nspname, c.relname, coalesce(
  (select string_agg(format('t.%I', a.attname), ', ' order by a.attnum) from pg_attribute a
   left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attidentity = ''
     and a.atttypid not in ('timestamptz'::regtype, 'timestamp'::regtype)
     and coalesce(pg_get_expr(d.adbin, d.adrelid), '') !~ '\\(|CURRENT_'), 'true')
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
  and n.nspname not in ('auth', 'storage', 'realtime', 'vault', 'supabase_migrations', 'supabase_functions')
order by 1, 2
"""

Rows = dict[str, tuple[int, str | None]]


def second_runs(ground: Ground, again: frozenset[str]) -> Iterator[SecondRun]:
    """Of the files in `again` that ran without an error. Raises CannotCheck when the server dies."""
    failed = {step.migration.path for step in ground.steps if step.error}
    files = ground.plan.history.proposed
    last = max((n for n, each in enumerate(files) if each.path in again - failed), default=-1)
    if last < 0:
        return
    bench, cut_over = ground.bench, ground.plan.cut_over
    with bench.clone(_CHAIN, ground.before):
        for migration in files[: last + 1]:
            with bench.server.connect(_CHAIN) as session:
                if migration is cut_over:
                    session.run(environments.cut_over())
                execute(session, migration, Unobserved(ground.substitutes))
            if migration.path in again - failed:
                with bench.clone(_AGAIN, _CHAIN), bench.server.connect(_AGAIN) as session:
                    yield _again(session, migration, ground.substitutes)


def _again(session: Session, migration: Migration, substitutes: Substitutes) -> SecondRun:
    schema, rows = snapshot(session), _rows(session)
    watching = Unobserved(substitutes)
    executed = execute(session, migration, watching)
    refused = tuple(Refused(done.statement, done.error) for done in executed if done.error)
    if refused:
        return SecondRun(migration, refused)
    return SecondRun(migration, (), _drift(migration, schema, snapshot(session), rows, _rows(session)))


def _rows(session: Session) -> Rows:
    """Number and checksum of every table's rows."""
    found: Rows = {}
    for schema, table, columns in look(session, _TABLES):
        name = '"' + schema.replace('"', '""') + '"."' + table.replace('"', '""') + '"'
        text = f"concat_ws('|', {columns})"
        query = f"select count(*), md5(string_agg({text}, ',' order by {text})) from only {name} as t"
        try:
            ((number, checksum),) = look(session, query)
        except QueryRefused as refused:
            if refused.error.sqlstate in ("08003", "57P01"):
                raise
            continue
        found[table if schema == "public" else f"{schema}.{table}"] = (number, checksum)
    return found


def _drift(migration: Migration, schema: Schema, schema_now: Schema, rows: Rows, rows_now: Rows) -> Drift | None:
    changes = compare(schema, schema_now)
    objects = tuple(f"{change.kind} {change.name}" for change in changes)
    tables = tuple(name for name, seen in rows.items() if name in rows_now and rows_now[name] != seen)
    if not objects and not tables:
        return None
    names = [*tables, *(change.name.rpartition(" on ")[2].rpartition(".")[2] for change in changes)]
    return Drift(objects, tables, _place(migration, names, of_rows=bool(tables)))


def _place(migration: Migration, names: list[str], *, of_rows: bool) -> Location:
    """The last statement that speaks of what drifted, of its rows where rows did."""
    word = re.compile(rf"\b{re.escape(names[0].rpartition('.')[2])}\b")
    for statement in reversed(migration.up):
        if word.search(statement.text) and (not of_rows or statement.kind in ("INSERT", "UPDATE", "DELETE", "DO")):
            return first_line(statement)
    return next((first_line(each) for each in reversed(migration.up) if word.search(each.text)), migration.start)
