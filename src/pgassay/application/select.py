"""The strings of PostgREST's query language: what to select, and the conditions of `or`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from pgassay.application.values import HOLE

OPERATORS = frozenset(
    (
        "eq neq gt gte lt lte like ilike match imatch in is isdistinct fts plfts phfts wfts cs cd ov sl sr nxr nxl adj "
        "not"
    ).split()
)
_NAME = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",.:()!>-](?:[^",:()!.>-]|-(?!>))*))')
_JOINS = frozenset({"inner", "left"})


class Item(Struct, frozen=True):
    """One thing to select. `children` is None for a column; `start` and `end` are those of the name in the string."""

    name: str
    start: int
    end: int
    alias: str | None = None
    hint: str | None = None
    children: tuple[Item, ...] | None = None


class Condition(Struct, frozen=True):
    """`column` may have names of related tables before its own, with dots between; `values` are those compared with."""

    column: str
    start: int
    end: int
    operator: str
    values: tuple[tuple[str, int], ...] = ()


def read_select(text: str) -> tuple[Item, ...]:
    """Items that hold something unknown, or cannot be read, are left out."""
    items, _ = _items(text, 0)
    return items


def _items(text: str, position: int) -> tuple[tuple[Item, ...], int]:
    items: list[Item] = []
    while position < len(text):
        start, position = position, _end_of_item(text, position)
        item = _item(text, start, position)
        if item:
            items.append(item)
        if position < len(text) and text[position] == ")":
            return tuple(items), position
        position += 1
    return tuple(items), position


def _end_of_item(text: str, position: int) -> int:
    """Where the comma or the closing parenthesis after the item is."""
    depth = 0
    quoted = False
    while position < len(text):
        char = text[position]
        if quoted:
            if char == "\\":
                position += 1
            quoted = char != '"'
        elif char == '"':
            quoted = True
        elif char == "(":
            depth += 1
        elif char == ")":
            if depth == 0:
                return position
            depth -= 1
        elif char == "," and depth == 0:
            return position
        position += 1
    return len(text)


def _item(text: str, start: int, end: int) -> Item | None:
    position = start
    while position < end and text[position].isspace():
        position += 1
    if text.startswith("...", position):
        position += 3
    opened = _opening(text, position, end)
    head_end = end if opened is None else opened
    if HOLE in text[position:head_end]:
        return None
    alias = None
    found = _NAME.match(text, position, head_end)
    if not found:
        return None
    if text[found.end() : found.end() + 1] == ":" and text[found.end() : found.end() + 2] != "::":
        alias = _name(found)
        found = _NAME.match(text, found.end() + 1, head_end)
        if not found:
            return None
    name, begin = _name(found), found.start(1) if found[1] is not None else found.start(2)
    rest = text[found.end() : head_end].strip()
    if opened is None:
        if rest and not rest.startswith(("->", "::", ".")):
            return None
        return None if name == "*" else Item(name, begin, begin + len(name), alias)
    if rest.startswith(".") or (rest.startswith(("->", "::")) and "(" in text[opened:end]):
        # amount.sum() and the like: a column with an aggregate.
        return Item(name, begin, begin + len(name), alias)
    hints = [hint.strip() for hint in rest.split("!")[1:]]
    if rest and not rest.startswith("!"):
        return None
    if not hints and name in ("count", "sum", "avg", "min", "max") and not text[opened + 1 : end].strip(" )"):
        return None
    hint = next((hint for hint in hints if hint not in _JOINS), None)
    children, _ = _items(text, opened + 1)
    return Item(name, begin, begin + len(name), alias, hint, children)


def _opening(text: str, position: int, end: int) -> int | None:
    quoted = False
    for i in range(position, end):
        if text[i] == '"':
            quoted = not quoted
        elif text[i] == "(" and not quoted:
            return i
    return None


def _name(found: re.Match[str]) -> str:
    return found[1] if found[1] is not None else found[2].rstrip()


def read_conditions(text: str, position: int = 0, end: int | None = None) -> Iterator[Condition]:
    """The conditions of `a.eq.1,and(b.gt.2,c.not.in.(3,4))`, without those whose column is not known."""
    end = len(text) if end is None else end
    while position < end:
        start, position = position, min(_end_of_item(text, position), end)
        yield from _condition(text, start, position)
        position += 1


def _condition(text: str, start: int, end: int) -> Iterator[Condition]:
    while start < end and text[start].isspace():
        start += 1
    group = re.compile(r"(?:not\.)?(?:and|or)\(").match(text, start, end)
    if group:
        closing = text.rfind(")", group.end(), end)
        yield from read_conditions(text, group.end(), closing if closing > 0 else end)
        return
    parts = text[start:end].split(".")
    n = next((i for i, part in enumerate(parts) if i and part.partition("(")[0] in OPERATORS), None)
    if n is None:
        return
    written = ".".join(parts[:n])
    column = written.partition("->")[0].replace('"', "")
    if HOLE in written or not column:
        return
    operator = parts[n].partition("(")[0]
    operand = n + 1
    if operator == "not" and n + 1 < len(parts):
        operator = parts[n + 1]
        operand = n + 2
    at = start + len(".".join(parts[:operand])) + 1
    value = ".".join(parts[operand:])
    values: tuple[tuple[str, int], ...] = ()
    if operator in ("eq", "neq") and HOLE not in value:
        values = ((value.strip('"'), at),)
    elif operator == "in" and HOLE not in value and value.startswith("("):
        pieces, offset = [], at + 1
        for piece in value.strip("()").split(","):
            pieces.append((piece.strip().strip('"'), offset))
            offset += len(piece) + 1
        values = tuple(pieces)
    is_path = "->" in written
    yield Condition(column, start, start + len(column), operator, () if is_path else values)
