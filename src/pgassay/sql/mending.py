"""Edits for what the catalog showed: a statement behind the guilty one, other words in place of the guilty ones."""

from __future__ import annotations

import re

from pgassay.model import Edit, Location, Statement

_REST = re.compile(r"[^\S\n]*;[^\S\n]*(--[^\r\n]*)?(?=\r?\n|\Z)")


def append(statement: Statement, file: str, sql: str) -> Edit | None:
    """The statement's last line with `sql` on a line of its own below. `file` is the text of the whole file.

    None where something else follows on that line.
    """
    end = statement.start + len(statement.text)
    rest = _REST.match(file, end)
    if rest is None:
        return None
    first = file.rfind("\n", 0, end) + 1
    line = file[first : rest.end()]
    number = statement.location.start_line + statement.text.count("\n")
    head = file[file.rfind("\n", 0, statement.start) + 1 : statement.start]
    indent = head if not head.strip() else ""
    return Edit(Location(statement.location.path, number, number), f"{line}\n{indent}{sql}")


def replace(statement: Statement, file: str, location: Location, old: str, new: str) -> Edit | None:
    """The line of `location` with `old`, which stands there, replaced, in capitals where it is in capitals.

    None where something else stands there.
    """
    if location.start_line != location.end_line or location.start_column is None or location.end_column is None:
        return None
    line = file.split("\n")[location.start_line - 1].removesuffix("\r")
    found = line[location.start_column - 1 : location.end_column - 1]
    if found.upper().split() != old.upper().split():
        return None
    words = new.upper() if found.isupper() else new
    mended = line[: location.start_column - 1] + words + line[location.end_column - 1 :]
    return Edit(Location(statement.location.path, location.start_line, location.end_line), mended)
