"""Edits of whole lines around a statement: words put in, a statement before it, a DO block around it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pgassay.model import Edit, Location, Statement
from pgassay.sql import grammar
from pgassay.sql.grammar import GrammarError, Token

_END = re.compile(r"[ \t\r\n]*;")


def tokens(statement: Statement) -> list[Token]:
    """Without comments; empty for what cannot be scanned."""
    try:
        return [token for token in grammar.scan(statement.text) if not token.is_comment]
    except GrammarError:
        return []


def in_case_of(word: str, words: str) -> str:
    """In capitals where `word` is."""
    return words.upper() if word.isupper() else words


def insertions(statement: Statement, text: str, spots: Iterable[tuple[int, str]]) -> Edit | None:
    """Puts words in at offsets of the statement. `text` is the whole file."""
    ordered = sorted(spots)
    if not ordered:
        return None
    edited, position = "", 0
    for offset, words in ordered:
        edited += statement.text[position:offset] + words
        position = offset
    first, last = ordered[0][0], ordered[-1][0]
    end = statement.text.find("\n", last)
    end = len(statement.text) if end < 0 else end
    begin = statement.text.rfind("\n", 0, first) + 1
    return _lines(statement, text, begin, end, edited[begin:] + statement.text[position:end])


def before(statement: Statement, text: str, other: str) -> Edit:
    """Puts another statement on the line above, indented alike."""
    end = statement.text.find("\n")
    end = len(statement.text) if end < 0 else end
    indent = re.match(r"[ \t]*", text[_line_start(text, statement.start) :])
    head = statement.text[:end].rstrip("\r")
    return _lines(statement, text, 0, end, f"{other};\n{indent[0] if indent else ''}{head}")


def replaced(statement: Statement, text: str, instead: str) -> Edit | None:
    """Other statements in its place; `instead` ends with a semicolon."""
    end = len(statement.text)
    found = _END.match(text, statement.start + end)
    if found:
        end = found.end() - statement.start
    elif text[statement.start + end :].strip():
        # A comment before the semicolon.
        return None
    return _lines(statement, text, 0, end, instead)


def passing_over(sql: str, *conditions: str) -> str:
    """The statement in a DO block that goes on when the server says one of these."""
    tag = next(tag for tag in ("$$", "$guard$", "$guard_1$") if tag not in sql)
    return f"do {tag} begin\n  {sql};\nexception when {' or '.join(conditions)} then null;\nend {tag};"


def _lines(statement: Statement, text: str, begin: int, end: int, instead: str) -> Edit:
    """The whole lines from `begin` to `end` of the statement with `instead` between these two."""
    first, last = _line_start(text, statement.start + begin), text.find("\n", statement.start + end)
    last = len(text) if last < 0 else last
    number = statement.location.start_line + statement.text.count("\n", 0, begin)
    count = text.count("\n", first, last)
    location = Location(statement.location.path, number, number + count)
    head, tail = text[first : statement.start + begin], text[statement.start + end : last].rstrip("\r")
    return Edit(location, head + instead.replace("\r\n", "\n") + tail)


def _line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1
