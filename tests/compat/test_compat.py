"""The migration that gives code what it asks for."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pgassay.compat.draft import type_of
from pgassay.compat.fix import fix
from pgassay.compat.names import next_name
from pgassay.errors import UsageError
from pgassay.model import Migration, Sections
from pgassay.project import Request
from pgassay.sql import read

NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def migrations(*names: str) -> tuple[Migration, ...]:
    return tuple(Migration(f"m/{name}", None, name, "", Sections(()), read) for name in names)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ((), "20260304050607_"),
        (("20250101000000_a.sql",), "20260304050607_"),
        (("20270101000000_a.sql",), "20270101000001_"),
        (("0001_a.sql", "0009_b.sql"), "0010_"),
        (("1_a.sql", "10_b.sql"), "11_"),
        (("V1__a.sql", "V2__b.sql"), "V3__"),
        (("20250922001_a.sql",), "20260304001_"),
        (("20260304002_a.sql",), "20260304003_"),
        (("000001_a.up.sql",), "000002_"),
        (("20250101000000_a/migration.sql",), "20260304050607_keep_the_application_working/migration.sql"),
        (("0001_a/up.sql", "0002_b/up.sql"), "0003_keep_the_application_working/up.sql"),
    ],
)
def test_the_next_name(names: tuple[str, ...], expected: str) -> None:
    name = next_name(migrations(*names), NOW)
    assert name.startswith(expected)
    assert name.endswith(".up.sql" if names and names[-1].endswith(".up.sql") else ".sql")


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("created_at", "timestamptz"),
        ("user_id", "uuid"),
        ("is_open", "boolean"),
        ("view_count", "integer"),
        ("title", "text"),
        ("metadata", "jsonb"),
        ("expiresAt", "timestamptz"),
    ],
)
def test_types(column: str, kind: str) -> None:
    assert type_of(column) == kind


def repository(folder: Path, change: str) -> Path:
    migrations = folder / "supabase" / "migrations"
    migrations.mkdir(parents=True)
    (migrations / "20250101000000_base.sql").write_text("""
create table members (id uuid primary key, name text not null, "Odd Name" text);
alter table members enable row level security;
create table letters (id uuid primary key);
alter table letters enable row level security;
""")
    (folder / "old.ts").write_text(
        "supabase.from('members').select('id, name');\nsupabase.from('letters').select('id');\n"
    )
    git = ("git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@example.invalid")
    subprocess.run([*git, "init", "--quiet", "--initial-branch=main"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "--message", "a"], check=True)
    subprocess.run([*git, "switch", "--quiet", "--create", "change"], check=True)
    (migrations / "20250102000000_change.sql").write_text(change)
    return folder


def test_what_is_written(tmp_path: Path) -> None:
    change = "alter table members rename name to full_name;\nalter table letters rename to messages;\n"
    folder = repository(tmp_path, change)
    (folder / "new.ts").write_text("""
await supabase.from("courses").insert({ user_id: id, title: "a", created_at: now });
await supabase.from("members").update({ phone: "1" }).eq("id", id);
""")
    fixed = fix(Request(folder), write=True)
    assert not fixed.refused, fixed.refused
    assert fixed.path
    text = (folder / fixed.path).read_text()
    assert text == fixed.text
    for part in (
        "create or replace view public.letters with (security_invoker = true) as\n  select * from public.messages;",
        "create table if not exists public.courses (",
        "created_at timestamptz not null default now()",
        "alter table public.courses enable row level security;",
        "create policy courses_own on public.courses for all to authenticated",
        "add column if not exists name text generated always as (full_name) stored;",
        "alter table public.members add column if not exists phone text;",
    ):
        assert part in text
    assert fix(Request(folder), write=True).path is None


def test_a_folder_for_each_migration(tmp_path: Path) -> None:
    folder = repository(tmp_path, "alter table letters rename to messages;")
    old, new = folder / "supabase" / "migrations", folder / "prisma" / "migrations"
    new.mkdir(parents=True)
    for file in sorted(old.iterdir()):
        (new / file.stem).mkdir()
        file.rename(new / file.stem / "migration.sql")
    (folder / "pgassay.toml").write_text('migrations = "prisma/migrations"\nenvironment = "supabase"\n')
    fixed = fix(Request(folder, settings=folder / "pgassay.toml", everything=True), write=True)
    assert fixed.path
    assert fixed.path.endswith("_keep_the_application_working/migration.sql")
    assert "public.letters" in (folder / fixed.path).read_text()


def test_nothing_to_do(tmp_path: Path) -> None:
    folder = repository(tmp_path, "alter table members add column phone text;")
    assert fix(Request(folder), write=True).path is None


def test_nothing_is_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = repository(tmp_path, "alter table letters rename to messages;")
    (folder / "supabase" / "migrations" / "note.txt").write_text("mine")
    monkeypatch.setattr("pgassay.compat.fix.next_name", lambda _: "note.txt")
    with pytest.raises(UsageError, match="is there already"):
        fix(Request(folder), write=True)
    assert (folder / "supabase" / "migrations" / "note.txt").read_text() == "mine"
