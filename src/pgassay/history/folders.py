"""Which folder holds the migrations, when nobody says so."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from msgspec import Struct

from pgassay.errors import NoMigrations, UsageError
from pgassay.history.dialect import LOCK
from pgassay.history.filenames import is_numbered, is_sql
from pgassay.history.files import is_passed_over
from pgassay.history.journal import PLACE
from pgassay.model.place import MIGRATION, UP

_MIGRATIONS = re.compile(r"(?:^|[^a-z])migrat(?:e|es|ion|ions)(?:[^a-z]|$)")
_DATABASE = re.compile(r"(?:^|[^a-z])(?:db|database|sql)(?:[^a-z]|$)")
# Beside migrations of Supabase these are of something else, or the same once more.
_OTHER_RUNNERS = (PLACE, LOCK)
_OTHER_DATABASES = re.compile(
    r"bigquery|cassandra|clickhouse|duckdb|mariadb|mssql|mysql|snowflake|sqlite|sqlserver"
    r"|(?:^|/)(?:d1|oracle|turso)(?=/|$)"
)


class Candidate(Struct, frozen=True, order=True):
    """`files` counts the folder's .sql files, `numbered` those of them that begin with a number."""

    folder: str
    files: int
    numbered: int


def candidates(paths: Iterable[str]) -> list[Candidate]:
    """Folders that look like migrations, sorted; `paths` are all files of a project. "." is never among them."""
    paths = list(paths)
    everywhere = set(paths)
    files: dict[str, list[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        if name in (MIGRATION, UP):
            # One folder for each migration.
            folder, _, name = folder.rpartition("/")
            files.setdefault(folder, []).append(name)
        elif is_sql(name):
            files.setdefault(folder, []).append(name)
    found = [
        Candidate(folder, len(names), sum(map(is_numbered, names)))
        for folder, names in files.items()
        if folder and not any(map(is_passed_over, folder.split("/"))) and not _OTHER_DATABASES.search(folder.lower())
    ]
    found = [
        each
        for each in found
        if _is_supabase(each.folder)
        or (each.numbered and (_sounds_right(each.folder) or _has_a_runner(each.folder, everywhere)))
    ]
    # One numbered file is little to go by, but better than nothing.
    certain = [each for each in found if _is_supabase(each.folder) or each.numbered > 1] or found
    alone = [each for each in certain if not _has_a_runner(each.folder, everywhere)]
    return sorted(_outermost(alone or certain))


def choose(paths: Iterable[str], where: str) -> str:
    """The one folder of `candidates`, or "." when the files lie in the project's own folder."""
    paths = list(paths)
    here = [path for path in paths if "/" not in path and is_sql(path)]
    nested = [path for path in paths if path.count("/") == 1 and path.endswith((f"/{MIGRATION}", f"/{UP}"))]
    if any(map(is_numbered, here or nested)):
        return "."
    found = candidates(paths)
    if len(found) == 1:
        return found[0].folder
    if found:
        listed = ", ".join(f"{each.folder} ({each.files} {'file' if each.files == 1 else 'files'})" for each in found)
        likely = max(found, key=lambda each: (_is_supabase(each.folder), each.files))
        raise UsageError(
            f"{where} has {len(found)} folders that look like migrations: {listed}; "
            f'say which with migrations = "{likely.folder}" in pgassay.toml, or give the folder as the path'
        )
    if here:
        return "."
    raise NoMigrations(
        f"{where} has no folder that looks like migrations: looked for supabase/migrations, and for folders named "
        'migrations, migrate, db or sql with numbered .sql files; set migrations = "FOLDER" in pgassay.toml, '
        "or give the folder as the path"
    )


def _has_a_runner(folder: str, everywhere: Container[str]) -> bool:
    return any(f"{folder}/{other}" in everywhere for other in _OTHER_RUNNERS)


def _is_supabase(folder: str) -> bool:
    return folder == "supabase/migrations" or folder.endswith("/supabase/migrations")


def _sounds_right(folder: str) -> bool:
    """db/migrations, db, and db/migrations/production too when db/migrations itself holds nothing."""
    *_, parent, name = ("", *folder.lower().split("/"))
    return bool(_MIGRATIONS.search(name) or _DATABASE.search(name) or _MIGRATIONS.search(parent))


def _outermost(found: list[Candidate]) -> list[Candidate]:
    """Without those inside a migrations folder: supabase/migrations/marketing belongs to supabase/migrations."""
    roots = tuple(f"{each.folder}/" for each in found if _MIGRATIONS.search(each.folder.rpartition("/")[2].lower()))
    return [each for each in found if not each.folder.startswith(roots)]
