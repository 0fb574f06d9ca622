from __future__ import annotations

import pytest

from pgassay.history.filenames import looks_like_migration, read_name


@pytest.mark.parametrize(
    ("file", "version", "name"),
    [
        ("20250120000000_initial_schema.sql", "20250120000000", "initial_schema"),
        ("007_educational_system.sql", "007", "educational_system"),
        ("007b_fix.sql", "007b", "fix"),
        ("1-add-users.sql", "1", "add-users"),
        ("001-2fa.sql", "001", "2fa"),
        ("2025-08-29_communications_rls.sql", "2025-08-29", "communications_rls"),
        ("2014_10_12_000000_create_users.sql", "2014_10_12_000000", "create_users"),
        ("20240823120430_0_42_4.sql", "20240823120430", "0_42_4"),
        ("1.10_add_users.sql", "1.10", "add_users"),
        ("V2__add_users.sql", "2", "add_users"),
        ("V1_2__add_users.sql", "1_2", "add_users"),
        ("V3_add_users.sql", "3", "add_users"),
        ("000001_init.up.sql", "000001", "init"),
        ("20250101.sql", "20250101", ""),
        ("views.sql", None, "views"),
        ("vault_2.sql", None, "vault_2"),
        ("v1_api.SQL", "1", "api"),
    ],
)
def test_version_and_name(file: str, version: str | None, name: str) -> None:
    read = read_name(file)
    assert (read.version, read.name) == (version, name)


@pytest.mark.parametrize("file", ["20250829_backfill.go", "003-init.js", "fix.sql.disabled", "a.SQL", "V4__Load.java"])
def test_looks_like_a_migration(file: str) -> None:
    assert looks_like_migration(file)


@pytest.mark.parametrize(
    "file", ["README.md", "001_notes.md", ".gitkeep", "embed.go", "atlas.sum", "local.sqlite", "2024"]
)
def test_does_not_look_like_a_migration(file: str) -> None:
    assert not looks_like_migration(file)
