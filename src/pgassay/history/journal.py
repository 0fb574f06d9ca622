"""Drizzle's list of migrations, beside them in `meta/_journal.json`: what it does not name never runs."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pgassay.history.assemble import Folder
from pgassay.history.layouts.layout import Arrangement, Skipped

PLACE = "meta/_journal.json"
_LARGEST = 16 * 1024 * 1024


class _Entry(Struct, frozen=True):
    tag: str


class _Journal(Struct, frozen=True):
    entries: tuple[_Entry, ...] = ()
    dialect: str | None = None


class Journal(NamedTuple):
    """The names of the files without `.sql`, in the order in which they run. `dialect` is the database's."""

    tags: tuple[str, ...]
    dialect: str | None = None

    def apply(self, folder: Folder) -> Folder:
        """The folder as drizzle-kit runs it; as it is where the two have little to do with each other."""
        order = {f"{tag}.sql": n for n, tag in enumerate(self.tags)}
        known = [entry for entry in folder.arrangement.entries if entry.file in order]
        others = [entry for entry in folder.arrangement.entries if entry.file not in order]
        if len(known) < len(others):
            return folder
        why = f"is not in the journal of Drizzle, {PLACE}"
        step = "drizzle-kit generate writes both"
        skipped = (Skipped(entry.file, "journal", why, step) for entry in others)
        entries = tuple(sorted(known, key=lambda entry: order[entry.file]))
        return replace(folder, arrangement=Arrangement(entries, (*folder.arrangement.skipped, *skipped)))


def journal_of(folder: Path) -> Journal | None:
    """None without a journal, or with one that cannot be read."""
    path = folder / PLACE
    try:
        if path.is_symlink() or path.stat().st_size > _LARGEST:
            return None
        found = msgspec.json.decode(path.read_bytes(), type=_Journal)
    except (OSError, msgspec.DecodeError):
        return None
    return Journal(tuple(entry.tag for entry in found.entries), found.dialect)
