"""A migrations folder of any size, the same for the same seed: tables, columns, indexes, policies, functions, seeds."""

from __future__ import annotations

import random
from pathlib import Path

WORDS = (
    "order invoice customer session device event ticket booking course lesson message team member file audit".split()
)
TYPES = (
    "text",
    "integer",
    "bigint",
    "numeric(12, 2)",
    "boolean not null default false",
    "timestamptz default now()",
    "jsonb",
)


def write(folder: Path, files: int, seed: int = 7) -> Path:
    """`files` migrations in the Supabase layout below `folder`, about 1 kB each. All of them apply, in order."""
    target = folder / "supabase" / "migrations"
    target.mkdir(parents=True)
    pick = random.Random(seed)
    tables: list[str] = []
    for n in range(files):
        kind = pick.random()
        if len(tables) < 3 or kind < 0.45:
            table = f"{pick.choice(WORDS)}_{n}"
            text = _table(table, tables, pick)
            tables.append(table)
        elif kind < 0.85:
            text = _changes(pick.choice(tables), n)
        else:
            text = _report(pick.choice(tables), n)
        (target / f"{20200101000000 + n}_step_{n}.sql").write_text(text, encoding="utf-8")
    return folder


def _table(name: str, others: list[str], pick: random.Random) -> str:
    columns = [f"  c{i} {pick.choice(TYPES)}" for i in range(pick.randint(3, 9))]
    if others:
        columns.append(f"  parent_id uuid references public.{pick.choice(others)} (id) on delete restrict")
    return (
        f"-- The table {name}, and who may see it.\n"
        f"create table public.{name} (\n"
        "  id uuid primary key default gen_random_uuid(),\n"
        "  owner_id uuid not null references auth.users (id),\n" + ",\n".join(columns) + "\n);\n\n"
        f"alter table public.{name} enable row level security;\n\n"
        f'create policy "{name} of the owner" on public.{name}\n'
        "  for select to authenticated using (owner_id = (select auth.uid()));\n\n"
        f'create policy "{name} written by the owner" on public.{name}\n'
        "  for insert to authenticated with check (owner_id = (select auth.uid()));\n\n"
        f"create index {name}_owner_idx on public.{name} (owner_id);\n"
    )


def _changes(table: str, n: int) -> str:
    return (
        f"-- More of {table}.\n"
        f"alter table public.{table} add column x{n} text not null default '';\n"
        f"alter table public.{table} add constraint {table}_x{n}_short check (length(x{n}) < 200);\n"
        f"create index {table}_x{n}_idx on public.{table} (x{n});\n"
        f"comment on table public.{table} is 'changed in step {n}';\n"
    )


def _report(table: str, n: int) -> str:
    return (
        f"create or replace function public.count_{table}_{n}(at_least integer default 0)\n"
        "returns bigint language plpgsql security definer set search_path = '' as $$\n"
        "declare\n  found bigint;\nbegin\n"
        f"  select count(*) into found from public.{table} where owner_id = (select auth.uid());\n"
        "  if found < at_least then\n    raise exception 'only % rows', found;\n  end if;\n"
        "  return found;\nend;\n$$;\n\n"
        f"revoke execute on function public.count_{table}_{n}(integer) from public, anon;\n"
        f"grant execute on function public.count_{table}_{n}(integer) to authenticated;\n"
    )


def write_tables(folder: Path, tables: int, seed: int = 7, per_file: int = 10) -> list[str]:
    """Migrations that make `tables` tables and nothing else; the names of the tables, with their schema."""
    target = folder / "supabase" / "migrations"
    target.mkdir(parents=True)
    pick = random.Random(seed)
    names: list[str] = []
    for first in range(0, tables, per_file):
        texts = []
        for n in range(first, min(first + per_file, tables)):
            name = f"{pick.choice(WORDS)}_{n}"
            texts.append(_table(name, names, pick))
            names.append(name)
        path = target / f"{20200101000000 + first}_tables_{first}.sql"
        path.write_text("\n".join(texts), encoding="utf-8")
    return [f"public.{name}" for name in names]
