"""The pull request that the contract tests write on: `python -m tests.github.scratch FOLDER` makes its two branches."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tests.fake_github import Repository

ADDED = "migrations/002_notes.sql"
REMOVED = "migrations/000_old.sql"
CHANGED = "migrations/001_users.sql"
BASE: Mapping[str, str | None] = {
    REMOVED: "create table old (id bigint primary key);\n",
    CHANGED: "".join(f"-- line {number}\n" for number in range(1, 31)),
}
CHANGE: Mapping[str, str | None] = {
    REMOVED: None,
    CHANGED: str(BASE[CHANGED]).replace("-- line 15\n", "-- another line\n"),
    ADDED: "create table notes (\n  id bigint primary key,\n  body text\n);\n",
}


def scratch(folder: Path) -> Repository:
    return Repository.create(folder, base=BASE, change=CHANGE)


if __name__ == "__main__":
    scratch(Path(sys.argv[1]))
