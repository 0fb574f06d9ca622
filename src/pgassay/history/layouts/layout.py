"""What a layout is: the habits of one migration runner, as far as files and their order go."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct

from pgassay.history.sections import Shape


class Entry(Struct, frozen=True):
    """One migration of a folder. `file` is its path in the folder, `down_file` that of its way back, if it has one."""

    file: str
    version: str | None
    name: str
    down_file: str | None = None


class Skipped(Struct, frozen=True):
    """A file that the runner would not run. `kind` is one of name, subfolder, no_sql, down, bundle, journal."""

    file: str
    kind: str
    why: str
    next_step: str | None = None


class Arrangement(Struct, frozen=True):
    """A folder's files in the order in which they run, and those that do not run."""

    entries: tuple[Entry, ...]
    skipped: tuple[Skipped, ...]


class Layout(Struct, frozen=True):
    """`claims` tells from a folder's absolute path and the files in it whether it is one of this layout.

    `arrange` takes the paths of all files in the folder, subfolders too, in any order. `shape` takes a file's name and
    text. All three are pure.
    """

    name: str
    claims: Callable[[str, Iterable[str]], bool]
    arrange: Callable[[Iterable[str]], Arrangement]
    shape: Callable[[str, str], Shape]
