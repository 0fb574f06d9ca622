"""One folder for each migration: Prisma's and Drizzle's `NAME/migration.sql`, Diesel's and Hasura's `NAME/up.sql`.

Prisma sends a file as one message, as its engine does (schema-engine, sql-schema-connector, `raw_cmd`), in the order of
the names; Diesel and Hasura put one into a transaction and count numbers as numbers.
"""

from __future__ import annotations

from collections.abc import Iterable

from pgassay.history.filenames import is_sql, read_name
from pgassay.history.layouts.layout import Arrangement, Entry, Layout, Skipped
from pgassay.history.layouts.plain import DRIZZLE
from pgassay.history.sections import Shape, whole
from pgassay.model import Mode
from pgassay.model.place import MIGRATION, UP

_DOWN = "down.sql"
_OWN = frozenset({MIGRATION, UP})


def _claims(_folder: str, files: Iterable[str]) -> bool:
    """One that holds migrations of its own holds folders for another reason."""
    named = [file.split("/") for file in files]
    return any(len(parts) == 2 and parts[1] in _OWN for parts in named) and not any(
        len(parts) == 1 and is_sql(parts[0]) for parts in named
    )


def _arrange(files: Iterable[str]) -> Arrangement:
    files = sorted(files)
    there = set(files)
    entries: list[tuple[tuple[bool, tuple[int, ...], str], Entry]] = []
    skipped: list[Skipped] = []
    for file in files:
        folder, _, name = file.rpartition("/")
        if name in _OWN and folder and "/" not in folder:
            # Without a file name's ending, which `read_name` takes off.
            read = read_name(f"{folder}.sql")
            down = f"{folder}/{_DOWN}"
            order = read.order if name == UP else ()
            entry = Entry(file, read.version, read.name, down if down in there else None)
            entries.append(((name == UP and not read.order, order, folder), entry))
        elif is_sql(name) and not (name == _DOWN and f"{folder}/{UP}" in there):
            why = f"is not called {MIGRATION} or {UP}, in a folder of its own, so it was not run"
            skipped.append(Skipped(file, "subfolder" if folder else "name", why))
    return Arrangement(tuple(entry for _, entry in sorted(entries, key=lambda pair: pair[0])), tuple(skipped))


def _shape(file: str, text: str) -> Shape:
    if file.endswith(UP):
        return Shape(whole(text), Mode.MESSAGE, "diesel")
    if DRIZZLE in text:
        return Shape(whole(text), Mode.BATCHES, "drizzle")
    return Shape(whole(text), Mode.MESSAGE, "prisma")


NESTED = Layout("nested", _claims, _arrange, _shape)
