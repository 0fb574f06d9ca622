"""What the code asks for and the schema lacks -> statements that make it. Pure.

Each statement can run a second time. Types are guesses from names and values, and say so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from pgassay.model import Schema, Usage, What
from pgassay.model.schema import PLATFORM, Table, nearest
from pgassay.postgres.databases import quoted

_KINDS = (
    (re.compile(r"(?:^|_)(?:at|timestamp|until|since)$"), "timestamptz"),
    (re.compile(r"(?:^|_)(?:date|day|birthday)$"), "date"),
    (re.compile(r"^(?:is|has|can|was|allow|allows)_|(?:^|_)(?:enabled|active|completed|verified|visible)$"), "boolean"),
    (re.compile(r"(?:^|_)(?:count|number|position|order|index|minutes|seconds|quantity|version|year)$"), "integer"),
    (re.compile(r"(?:^|_)(?:amount|price|total|rate|score|percentage|latitude|longitude)$"), "numeric"),
    (re.compile(r"(?:^|_)(?:metadata|settings|data|config|options|payload|preferences)$"), "jsonb"),
    (re.compile(r"(?:^|_)(?:id|by)$"), "uuid"),
)
_OWNERS = ("user_id", "owner_id", "created_by")


class Draft(Struct, frozen=True):
    """`made` says in words what the statements give, one line for each."""

    statements: tuple[str, ...]
    made: tuple[str, ...]


def draft(usages: Iterable[Usage], schema: Schema, *, supabase: bool) -> Draft:
    """For these usages, which are at odds with the schema."""
    statements: list[str] = []
    made: list[str] = []
    tables: dict[str, dict[str, None]] = {}
    columns: dict[tuple[str, str], None] = {}
    for usage in usages:
        schema_name = usage.schema or "public"
        if schema_name in PLATFORM or "." in usage.name:
            continue
        if usage.what is What.TABLE and schema.table(usage.schema, usage.name) is None:
            tables.setdefault(_name(schema_name, usage.name), {})
        elif usage.what in (What.COLUMN, What.VALUE) and not usage.path and usage.table:
            table = schema.table(usage.schema, usage.table)
            if table is None:
                tables.setdefault(_name(schema_name, usage.table), {})[usage.name] = None
            elif usage.what is What.COLUMN and table.kind == "table" and not schema.has_column(table, usage.name):
                columns[_name(table.schema, table.name), usage.name] = None
    for name, wanted in tables.items():
        own, table_name = _parts(name)
        renamed = schema.renamed_table(own, table_name)
        if renamed:
            statements.append(
                f"create or replace view {name} with (security_invoker = true) as\n"
                f"  select * from {_name(*_parts_of(renamed))};"
            )
            if supabase:
                statements.append(f"grant select, insert, update, delete on {name} to authenticated, service_role;")
            made.append(f"the view {table_name}, which keeps the old name of {renamed} alive")
        else:
            near = schema.nearest_table(own, table_name)
            if near:
                statements.append(f"-- {near} exists: if that was meant, mend the code and leave {table_name} out.")
            statements += _table(name, tuple(wanted), supabase=supabase)
            made.append(f"the table {table_name}, with {', '.join(wanted) or 'an id'}")
    for name, column in columns:
        own, table_name = _parts(name)
        table = schema.table(own, table_name)
        assert table
        statements.append(_column(name, table, column, schema))
        made.append(f"the column {table_name}.{column}")
    return Draft(tuple(statements), tuple(made))


def _table(name: str, wanted: tuple[str, ...], *, supabase: bool) -> Iterator[str]:
    lines = ["  id uuid primary key default gen_random_uuid()"]
    lines += (f"  {quoted_if_needed(each)} {type_of(each)}{_default(each)}" for each in wanted if each != "id")
    yield f"create table if not exists {name} (\n" + ",\n".join(lines) + "\n);"
    if not supabase:
        return
    yield f"alter table {name} enable row level security;"
    owner = next((each for each in _OWNERS if each in wanted), None)
    bare = _parts(name)[1]
    if owner is None:
        yield f"-- No policy yet: only the service role sees {bare}. Say who else may."
        return
    policy = quoted_if_needed(f"{bare}_own")
    yield f"create index if not exists {quoted_if_needed(f'{bare}_{owner}_idx')} on {name} ({owner});"
    yield f"grant select, insert, update, delete on {name} to authenticated;"
    yield f"drop policy if exists {policy} on {name};"
    yield (
        f"create policy {policy} on {name} for all to authenticated\n"
        f"  using ({owner} = (select auth.uid()))\n  with check ({owner} = (select auth.uid()));"
    )


def _column(name: str, table: Table, column: str, schema: Schema) -> str:
    renamed = schema.renamed_column(table, column)
    written = quoted_if_needed(column)
    if renamed:
        kind = table.columns[renamed].type
        return (
            f"-- Reads by the old name go on; writes must use {renamed}.\n"
            f"alter table {name} add column if not exists {written} {kind}"
            f" generated always as ({quoted_if_needed(renamed)}) stored;"
        )
    former = schema.former.table(table.schema, table.name) if schema.former else None
    before = former.columns.get(column) if former else None
    near = nearest(column, table.columns) if before is None else None
    remark = f"-- {near} exists: if that was meant, mend the code and leave this out.\n" if near else ""
    return (
        f"{remark}alter table {name} add column if not exists {written} {before.type if before else type_of(column)};"
    )


def type_of(column: str) -> str:
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column).lower()
    return next((kind for pattern, kind in _KINDS if pattern.search(name)), "text")


def _default(column: str) -> str:
    return " not null default now()" if column in ("created_at", "updated_at") else ""


def quoted_if_needed(name: str) -> str:
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) and name not in _RESERVED else quoted(name)


_RESERVED = frozenset(
    "all and any as asc both case check column constraint create default desc distinct do else end except false for "
    "foreign from grant group having in into leading limit not null offset on only or order primary references select "
    "table then to trailing true union unique user using when where window with".split()
)


def _name(schema: str, table: str) -> str:
    return f"{quoted_if_needed(schema)}.{quoted_if_needed(table)}"


def _parts(name: str) -> tuple[str, str]:
    schema, _, table = name.partition(".")
    return schema.strip('"'), table.strip('"')


def _parts_of(display: str) -> tuple[str, str]:
    schema, _, table = display.rpartition(".")
    return schema or "public", table
