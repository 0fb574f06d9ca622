"""The layouts that pgassay knows. A new one is a module beside these and a place in LAYOUTS."""

from __future__ import annotations

from collections.abc import Iterable

from pgassay.errors import UsageError
from pgassay.history.layouts.layout import Arrangement, Entry, Layout, Skipped
from pgassay.history.layouts.nested import NESTED
from pgassay.history.layouts.plain import PLAIN
from pgassay.history.layouts.supabase import SUPABASE

__all__ = ["LAYOUTS", "NESTED", "PLAIN", "SUPABASE", "Arrangement", "Entry", "Layout", "Skipped", "layout_of", "named"]

LAYOUTS = (SUPABASE, NESTED, PLAIN)
"""The first that claims a folder has it; the last claims every folder."""


def layout_of(folder: str, files: Iterable[str]) -> Layout:
    """`files` are paths in the folder, those in its subfolders too."""
    files = tuple(files)
    return next(layout for layout in LAYOUTS if layout.claims(folder, files))


def named(name: str) -> Layout:
    for layout in LAYOUTS:
        if layout.name == name:
            return layout
    *some, last = (layout.name for layout in LAYOUTS)
    known = f"{', '.join(some)} or {last}"
    raise UsageError(f'layout = "{name}" is not one that pgassay knows: set it to {known}, or leave it out')
