"""Which other file of a repository declares a table or a type."""

from __future__ import annotations

from pathlib import Path

import pytest

from pgassay.history.elsewhere import declared_elsewhere


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("src/schema.ts", 'export const users = pgTable(\n  "users",\n  {});'),
        ("src/schema.ts", "const users = auth.table('users', {});"),
        ("src/schema.ts", 'export const kind = pgEnum("users", ["a"]);'),
        ("prisma/schema.prisma", "model users {\n  id Int @id\n}"),
        ("prisma/schema.prisma", 'model User {\n  @@map("users")\n}'),
        ("app/models.py", 'class User(Base):\n    __tablename__ = "users"'),
        ("db/schema.rb", 'create_table "users", force: :cascade do |t|'),
        ("db/old/001.sql", 'CREATE TABLE IF NOT EXISTS "public"."users" (id int);'),
    ],
)
def test_declared(tmp_path: Path, file: str, text: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert declared_elsewhere(tmp_path, [], ["users", "teams"]) == {"users": file}
    assert declared_elsewhere(tmp_path, [file], ["users"]) == {}
    assert declared_elsewhere(tmp_path, [file.partition("/")[0]], ["users"]) == {}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.ts", 'supabase.from("users").select()'),
        ("a.ts", 'pgTable("users_old", {})'),
        ("a.sql", "alter table users add column a int;"),
        ("a.sql", "create table app_users (id int);"),
        ("a.md", "create table users (id int);"),
        ("a.prisma", "model users_old {}"),
    ],
)
def test_not_declared(tmp_path: Path, file: str, text: str) -> None:
    (tmp_path / file).write_text(text)
    (tmp_path / "link.sql").symlink_to("nowhere.sql")
    assert declared_elsewhere(tmp_path, [], ["users"]) == {}
