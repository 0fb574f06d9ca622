from __future__ import annotations

import pytest

from pgassay.errors import UsageError
from pgassay.history.folders import candidates, choose


def numbered(*folders: str, count: int = 2) -> list[str]:
    return [f"{folder}/{number}_a.sql" for folder in folders for number in range(count)]


def found(paths: list[str]) -> list[str]:
    return [candidate.folder for candidate in candidates(paths)]


@pytest.mark.parametrize(
    "folder",
    "supabase/migrations apps/web/supabase/migrations migrations db/migrations database/migrations "
    "cmd/migrate/migrations scripts/prod-migrate db sql internal/db_migration "
    "pg/sql-scripts db/migrations/production".split(),
)
def test_folders_of_these_names_are_found(folder: str) -> None:
    assert found(numbered(folder)) == [folder]


@pytest.mark.parametrize(
    "folder",
    "queries schema dbt node_modules/pkg/migrations vendor/x/migrations dist/migrations build/migrations "
    "target/db .venv/lib/migrations tests/fixtures/migrations test/db .git/sql".split(),
)
def test_folders_of_these_names_are_not(folder: str) -> None:
    assert found(numbered(folder)) == []


def test_sql_files_without_numbers_are_queries_and_no_migrations() -> None:
    assert found(["db/users.sql", "db/orders.sql", "sql/queries.sql"]) == []


def test_supabase_needs_no_numbers() -> None:
    assert found(["supabase/migrations/create_users.sql"]) == ["supabase/migrations"]


def test_a_single_numbered_file_is_a_folder_only_when_nothing_better_is_there() -> None:
    assert found(["migrations/001_init.sql"]) == ["migrations"]
    assert found(["migrations/001_init.sql", *numbered("db/migrations")]) == ["db/migrations"]


def test_one_folder_for_each_migration() -> None:
    prisma = [f"prisma/migrations/2024010{n}000000_add_db/migration.sql" for n in range(3)]
    assert found([*prisma, "prisma/migrations/migration_lock.toml"]) == ["prisma/migrations"]
    assert found(["migrations/2024-01-01-000000_users/up.sql", "migrations/2024-01-01-000000_users/down.sql"]) == [
        "migrations"
    ]


def test_drizzle_says_itself_that_a_folder_is_one_of_migrations() -> None:
    assert found(numbered("drizzle")) == []
    assert found([*numbered("drizzle"), "drizzle/meta/_journal.json"]) == ["drizzle"]


def test_beside_other_migrations_those_of_an_orm_are_for_something_else() -> None:
    orm = [*numbered("drizzle"), "drizzle/meta/_journal.json", "prisma/migrations/1_a/migration.sql"]
    lock = "prisma/migrations/migration_lock.toml"
    assert found([*orm, lock, *numbered("supabase/migrations")]) == ["supabase/migrations"]


@pytest.mark.parametrize("folder", ["db/clickhouse/migrations", "migrations/sqlite", "MySQL/migrations", "ourmysql/db"])
def test_folders_of_another_database_are_passed_over(folder: str) -> None:
    assert found(numbered(folder)) == []
    assert found(numbered(folder, "db/migrations")) == ["db/migrations"]


def test_a_folder_inside_the_migrations_is_none_of_its_own() -> None:
    assert found(numbered("supabase/migrations", "supabase/migrations/sql")) == ["supabase/migrations"]


def test_migrations_inside_a_folder_of_sql_are_another_candidate() -> None:
    assert found(numbered("db", "db/migrations")) == ["db", "db/migrations"]


def test_several_candidates_are_all_named_with_the_next_step() -> None:
    paths = [*numbered("scripts/migrate", count=9), *numbered("supabase/migrations"), *numbered("db", count=3)]
    with pytest.raises(UsageError) as refusal:
        choose(paths, "shop")
    assert str(refusal.value) == (
        "shop has 3 folders that look like migrations: db (3 files), scripts/migrate (9 files), "
        'supabase/migrations (2 files); say which with migrations = "supabase/migrations" in pgassay.toml, '
        "or give the folder as the path"
    )


def test_no_candidate_says_where_we_looked() -> None:
    with pytest.raises(
        UsageError, match=r"shop has no folder .* looked for supabase/migrations.*give the folder as the path"
    ):
        choose(["src/main.ts"], "shop")


def test_numbered_files_right_here_are_the_migrations() -> None:
    assert choose(["001_a.sql", *numbered("old/migrations")], "shop") == "."


def test_a_stray_dump_at_the_top_does_not_hide_the_folder() -> None:
    assert choose(["dump.sql", *numbered("db/migrations")], "shop") == "db/migrations"
    assert choose(["a.sql", "b.sql"], "shop") == "."
