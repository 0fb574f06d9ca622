"""Who else in the repository makes a table: another tool's schema, or SQL outside the migrations folder."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import Path

from pgassay.history.files import walk
from pgassay.history.git import open_repository

_LARGEST = 4 * 1024 * 1024
# What stands before the name where it is declared, by the end of the file's name.
_DECLARES = {
    "sql": r"\bcreate\s+(?:unlogged\s+|or\s+replace\s+|materialized\s+|foreign\s+)*(?:table|view|type)\s+"
    r"(?:if\s+not\s+exists\s+)?(?:\"?\w+\"?\.)?\"?",
    # Drizzle, also inside a pgSchema; Knex and TypeORM.
    **dict.fromkeys(
        ("ts", "js", "mjs", "cjs"),
        r"(?:\b(?:pgTable|pgEnum|pgView|pgMaterializedView|pgTableCreator|createTable|createType)|@Entity"
        r"|\.(?:table|enum|view))\(\s*(?:\{\s*name:\s*)?[\"'`]",
    ),
    "prisma": r"@@map\(\s*(?:name:\s*)?\"|^\s*(?:model|enum|view)\s+",
    "py": r"__tablename__\s*=\s*[\"']|\bcreate_table\(\s*[\"']|\bdb_table\s*=\s*[\"']|\bTable\(\s*[\"']",
    "rb": r"\bcreate_(?:table|enum)\s*\(?\s*[:\"]",
}


def declared_elsewhere(root: Path, own: Iterable[str], names: Collection[str]) -> dict[str, str]:
    """The first file that declares each name, out of those that git knows below `root`, in the order of their paths.

    `own` are files and folders to leave out, and paths are as in a History.
    """
    repository = open_repository(root)
    top = repository.top if repository else root.resolve()
    inside = root.resolve().relative_to(top).as_posix()
    listing = repository.listing((inside,)) if repository else walk(top, (inside,))
    left_out = tuple(own)
    wanted = {name.rpartition(".")[2]: name for name in names}
    found: dict[str, str] = {}
    for path in sorted(listing.paths):
        before = _DECLARES.get(path.rpartition(".")[2].lower())
        if before is None or any(path == each or path.startswith(f"{each}/") for each in left_out):
            continue
        text = _text(top / path)
        if not any(bare in text for bare in wanted):
            continue
        for match in re.finditer(rf"(?:{before})({'|'.join(map(re.escape, wanted))})(?!\w)", text, re.I | re.M):
            found.setdefault(wanted.get(match[1], match[1]), path)
    return {name: path for name, path in found.items() if name in names}


def _text(path: Path) -> str:
    try:
        if path.is_symlink() or path.stat().st_size > _LARGEST:
            return ""
        return path.read_bytes().decode(errors="replace")
    except OSError:
        return ""
