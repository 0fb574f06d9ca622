"""`supabase/migrations`, as the Supabase CLI reads it (pkg/migration/list.go and file.go)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pgassay.history.filenames import is_sql, looks_like_migration
from pgassay.history.layouts.layout import Arrangement, Entry, Layout, Skipped
from pgassay.history.sections import Shape, whole
from pgassay.model import Mode

_FILE = re.compile(r"([0-9]+)_(.*)\.sql")
_OLD_INIT = re.compile(r"([0-9]{14})_init\.sql")
_OLD_INIT_BEFORE = "20211209000000"


def _claims(folder: str, _files: Iterable[str]) -> bool:
    return folder.split("/")[-2:] == ["supabase", "migrations"]


def _arrange(files: Iterable[str]) -> Arrangement:
    entries: list[Entry] = []
    skipped: list[Skipped] = []
    for index, file in enumerate(sorted(files)):
        found = _FILE.fullmatch(file)
        old_init = _OLD_INIT.search(file)
        if "/" in file:
            if is_sql(file):
                why = "lies in a subfolder, which the Supabase CLI does not read"
                skipped.append(Skipped(file, "subfolder", why, "move it up if it should run"))
        elif index == 0 and old_init and old_init[1] < _OLD_INIT_BEFORE:
            why = "is an `init` file of a Supabase CLI from before December 2021, which today's skips"
            skipped.append(Skipped(file, "name", why, "give it another name if it should run"))
        elif found:
            entries.append(Entry(file, found[1], found[2]))
        elif looks_like_migration(file):
            why = "has a name that the Supabase CLI skips: it is not <timestamp>_name.sql"
            skipped.append(Skipped(file, "name", why, "rename it if it should run"))
    return Arrangement(tuple(entries), tuple(skipped))


def _shape(_file: str, text: str) -> Shape:
    return Shape(whole(text), Mode.BATCHES, "supabase")


SUPABASE = Layout("supabase", _claims, _arrange, _shape)
