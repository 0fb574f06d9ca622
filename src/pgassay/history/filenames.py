"""What the name of a migration file says: its version and its name."""

from __future__ import annotations

import re

from msgspec import Struct

_VERSION = re.compile(
    r"""
      [Vv](?P<flyway>[0-9]+(?:[._][0-9]+)*)(?=__)                                      # V1_2__add_users
    | [Vv]?(?:
        (?P<date>(?:19|20)[0-9]{2}([-_.])[0-9]{2}\3[0-9]{2}(?:[-_.T][0-9]{4,6})?)(?![0-9])  # 2025-08-29_add_users
      | (?P<dotted>[0-9]+(?:\.[0-9]+)+)(?=[-_\ ])                                      # 1.10_add_users
      | (?P<digits>[0-9]+(?:[a-z](?=[-_.\ ]))?)                                        # 007_add_users, 007b_fix
      )
    """,
    re.VERBOSE,
)
_SEPARATORS = " _-."
_SAYS_SQL = re.compile(r"\.sql(?:\.|$)")


class FileName(Struct, frozen=True):
    """`order` sorts versions as numbers (2 before 10); it is empty when the name begins with none."""

    version: str | None
    name: str
    order: tuple[int, ...]


def read_name(file: str) -> FileName:
    """`20250829_add_users.up.sql` -> version 20250829, name add_users."""
    stem = re.sub(r"(?:\.up)?\.[^.]*$", "", file)
    found = _VERSION.match(stem)
    if not found:
        return FileName(None, stem, ())
    version = found["flyway"] or found["date"] or found["dotted"] or found["digits"]
    name = stem[found.end() :].lstrip(_SEPARATORS)
    return FileName(version, name, tuple(int(part) for part in re.findall("[0-9]+", version)))


def is_sql(file: str) -> bool:
    return file.lower().endswith(".sql")


def is_numbered(file: str) -> bool:
    return _VERSION.match(file) is not None


def looks_like_migration(file: str) -> bool:
    """Whether a person would expect this file to run: it says SQL, or it is numbered like its neighbours.

    `20250829_backfill.go` does; README.md, .gitkeep, embed.go and atlas.sum do not.
    """
    lower = file.lower()
    if lower.startswith(".") or lower.endswith((".md", ".markdown", ".txt")):
        return False
    return _SAYS_SQL.search(lower) is not None or (is_numbered(file) and "." in file)
