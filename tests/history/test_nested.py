"""Repositories with one folder for each migration."""

from __future__ import annotations

import pytest

from pgassay.errors import NoMigrations

from .project import Repository, paths

INIT = "prisma/migrations/20240101000000_init/migration.sql"
LOCK = "prisma/migrations/migration_lock.toml"


def test_a_new_folder_is_a_new_migration(repository: Repository) -> None:
    repository.commit({INIT: "create table a ();", LOCK: 'provider = "postgresql"\n'})
    repository.branch("feature")
    new = "prisma/migrations/20240102000000_more/migration.sql"
    repository.commit({new: "create table b ();"})
    history = repository.discover()
    assert (history.layout, paths(history.base), paths(history.proposed)) == ("nested", [INIT], [new])
    assert history.left_out == ()


@pytest.mark.parametrize(
    ("file", "text"),
    [(LOCK, 'provider = "mysql"\n'), ("prisma/migrations/meta/_journal.json", '{"dialect": "mysql", "entries": []}')],
)
def test_migrations_of_another_database_are_none_of_ours(repository: Repository, file: str, text: str) -> None:
    repository.commit({INIT: "create table a ();", file: text})
    with pytest.raises(NoMigrations, match="prisma/migrations has migrations for mysql, and pgassay reviews"):
        repository.discover()
    assert paths(repository.discover(migrations=("prisma/migrations",)).base) == [INIT]


def test_a_way_back_lies_beside(repository: Repository) -> None:
    up, down = "migrations/2024-01-01-120000_users/up.sql", "migrations/2024-01-01-120000_users/down.sql"
    repository.commit({"README.md": "A shop."})
    repository.branch("feature")
    repository.commit({up: "create table users ();", down: "drop table users;"})
    (proposed,) = repository.discover().proposed
    assert (proposed.path, proposed.version, proposed.down_file) == (up, "2024-01-01-120000", down)
