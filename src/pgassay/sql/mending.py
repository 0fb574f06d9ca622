"""Edits for what the catalog showed: a statement behind the guilty one, or other words in place of the guilty ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from pgassay.model import Edit, Location, Statement
from pgassay.sql import grammar
from pgassay.sql.grammar import GrammarError, Token

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


def wrap(statement: Statement, file: str, functions: Collection[str]) -> Edit | None:
    """The lines of the statement in which such functions (`auth.uid`, in lower case) are called, with `(select ...)`
    around each call that stands alone. None where not every one of them is called here."""
    try:
        tokens = [token for token in grammar.scan(statement.text) if not token.is_comment]
    except GrammarError:
        return None
    calls = list(_bare_calls(statement.text, tokens, functions))
    if not calls or {name for name, _, _ in calls} != set(functions):
        return None
    start = file.rfind("\n", 0, statement.start + calls[0][1]) + 1
    end = file.find("\n", statement.start + calls[-1][2])
    mended, place = "", start
    for _, first, last in calls:
        mended += f"{file[place : statement.start + first]}(select {statement.text[first:last]})"
        place = statement.start + last
    mended += file[place : end if end >= 0 else len(file)].removesuffix("\r")
    above = statement.location.start_line
    lines = above + statement.text.count("\n", 0, calls[0][1]), above + statement.text.count("\n", 0, calls[-1][2])
    return Edit(Location(statement.location.path, *lines), mended)


def _bare_calls(text: str, tokens: list[Token], functions: Collection[str]) -> Iterator[tuple[str, int, int]]:
    """The name and the span of every call that does not follow SELECT at once."""
    words = [text[token.start : token.end].replace('"', "").lower() for token in tokens]
    for n in range(len(words)):
        name, length = (".".join(words[n : n + 3 : 2]), 3) if words[n + 1 : n + 2] == ["."] else (words[n], 1)
        if name not in functions or words[n + length : n + length + 1] != ["("]:
            continue
        before = n - 1
        while before >= 0 and words[before] == "(":
            before -= 1
        end = _closing(words, n + length)
        if end is not None and words[before : before + 1] != ["select"] and (n == 0 or words[n - 1] != "."):
            yield name, tokens[n].start, tokens[end].end


def _closing(words: list[str], opening: int) -> int | None:
    depth = 0
    for n in range(opening, len(words)):
        depth += {"(": 1, ")": -1}.get(words[n], 0)
        if depth == 0:
            return n
    return None
