"""Which file of a folder undoes which migration. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pgassay.history.filenames import is_sql, read_name

_MARK = re.compile(r"[._-](?:up|down|rollback|undo|revert)$|^(?:down|rollback|undo|revert)[._-]", re.I)


def paired(migrations: Iterable[str], files: Iterable[str]) -> dict[str, str]:
    """By path. The same name, apart from `.up`, `.down`, `rollback_` and their like, or else the same version."""
    by_stem: dict[str, str] = {}
    by_version: dict[str, list[str]] = {}
    for file in files:
        if is_sql(file):
            stem = _stem(file)
            by_stem[stem] = file
            if version := read_name(stem).version:
                by_version.setdefault(version, []).append(file)
    found: dict[str, str] = {}
    for path in migrations:
        stem = _stem(path)
        same_version = by_version.get(read_name(stem).version or "", [])
        candidate = by_stem.get(stem) or (same_version[0] if len(same_version) == 1 else None)
        if candidate:
            found[path] = candidate
    return found


def _stem(path: str) -> str:
    stem = re.sub(r"\.sql$", "", path.rpartition("/")[2], flags=re.I)
    while (shorter := _MARK.sub("", stem)) != stem:
        stem = shorter
    return stem
