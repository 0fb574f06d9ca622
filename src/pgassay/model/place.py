"""Where something stands, and what to write there instead."""

from __future__ import annotations

from msgspec import Struct

MIGRATION, UP = "migration.sql", "up.sql"
_NAMED_BY_FOLDER = frozenset({MIGRATION, UP, "down.sql"})


class Location(Struct, frozen=True, order=True):
    path: str
    start_line: int
    end_line: int
    start_column: int | None = None
    end_column: int | None = None

    @property
    def lines(self) -> range:
        return range(self.start_line, self.end_line + 1)


class Edit(Struct, frozen=True):
    """Whole lines of `location` become `replacement` (no newline at its end): a GitHub suggestion is whole lines."""

    location: Location
    replacement: str
    safe: bool = True


def file_name(path: str) -> str:
    """What people call a migration: without its folder, unless that is all it has of a name."""
    folder, _, name = path.rpartition("/")
    return f"{folder.rpartition('/')[2]}/{name}" if folder and name in _NAMED_BY_FOLDER else name


def folder_of(path: str) -> str:
    """The folder in which a migration stands among others."""
    return path.removesuffix(file_name(path)).removesuffix("/")
