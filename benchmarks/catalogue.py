"""The whole catalogue on 40 proposed statements over a schema of 500 tables: a project to try it on.

The change is ordinary work with one fault in each of its files, so that blame has something to find.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from benchmarks.folder import write_tables

TABLES = 500
STATEMENTS = 40


def write(folder: Path) -> Path:
    """A git repository: `TABLES` tables are merged, four files with `STATEMENTS` statements are proposed."""
    names = write_tables(folder, TABLES)
    git = ("git", "-C", str(folder), "-c", "user.name=bench", "-c", "user.email=bench@example.invalid")
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "merged"], check=True)
    subprocess.run([*git, "switch", "--quiet", "--create", "proposal"], check=True)
    per_file = STATEMENTS // 4
    for n in range(4):
        text = ";\n".join(_statements(n, names)[:per_file]) + ";\n"
        (folder / "supabase" / "migrations" / f"{20260101000000 + n}_change_{n}.sql").write_text(text, encoding="utf-8")
    return folder


def _statements(n: int, names: list[str]) -> list[str]:
    old, other, new = names[7 * n], names[7 * n + 3], f"public.notes_{n}"
    return [
        f"create table {new} (id uuid primary key, owner_id uuid references auth.users (id), body text)",
        # In the first two files nobody enables row level security.
        f"alter table {new} {'enable row level security' if n > 1 else 'add column title text'}",
        f"create index notes_{n}_owner on {new} (owner_id)",
        f"create policy own on {new} for select to authenticated using (owner_id = (select auth.uid()))",
        f"alter table {old} add column note_{n} text not null default ''",
        f"create index on {old} (note_{n})",
        f"alter table {other} add constraint short_{n} check (length(id::text) < 99)",
        f"create function public.count_{n}() returns bigint language sql stable set search_path = '' as "
        f"'select count(*) from {new}'",
        f"alter table {new} add column parent_id uuid references {old} (id) on delete cascade",
        f"comment on table {new} is 'step {n}'",
    ]
