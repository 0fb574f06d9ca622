"""Allow comments: `-- pgassay: allow RULE because REASON [until 2027-01-31]` on a statement or above it."""

from __future__ import annotations

import re
from datetime import date

from pgassay.model import AllowComment, CommentProblem, Statement
from pgassay.sql import grammar
from pgassay.sql.grammar import GrammarError
from pgassay.sql.positions import Lines

_MARK = "pgassay:"
_ALLOW = re.compile(
    r"pgassay:\s*allow\s+(?P<rule>[a-z0-9_]+)\s+because\s+(?P<reason>\S.*?)(?:\s+until\s+(?P<until>\S+))?\s*(?:\*/)?\s*$",
    re.S,
)
_FORM = "-- pgassay: allow RULE because REASON [until YYYY-MM-DD]"


def allow_comments(
    path: str, text: str, statements: tuple[Statement, ...]
) -> tuple[tuple[AllowComment, ...], tuple[CommentProblem, ...]]:
    if _MARK not in text:
        return (), ()
    lines = Lines(path, text)
    allows: list[AllowComment] = []
    problems: list[CommentProblem] = []
    for start, end in _comments(text):
        comment = text[start:end]
        if not re.match(r"(?:--|/\*)\s*pgassay:", comment):
            continue
        location = lines.location(start, end)
        found = _ALLOW.search(comment)
        if not found:
            problems.append(CommentProblem(f"this comment does not read as `{_FORM}`", location))
        elif found["until"] and not _is_date(found["until"]):
            problems.append(CommentProblem(f"`{found['until']}` is not a date: write it as YYYY-MM-DD", location))
        else:
            reason = " ".join(found["reason"].split())
            covers = _covered(location.start_line, start, statements)
            allows.append(AllowComment(found["rule"], reason, found["until"], location, covers))
    return tuple(allows), tuple(problems)


def _comments(text: str) -> list[tuple[int, int]]:
    try:
        return [(token.start, token.end) for token in grammar.scan(text) if token.is_comment]
    except GrammarError:
        # A quote is never closed, so nothing can be told from a comment by the scanner; take whole lines.
        return [found.span() for found in re.finditer(r"^[ \t]*--[^\n]*", text, re.M)]


def _covered(line: int, offset: int, statements: tuple[Statement, ...]) -> range:
    """A comment inside or beside a statement covers it; one above covers the next one."""
    for statement in statements:
        if statement.start > offset or line in statement.location.lines:
            return range(min(line, statement.location.start_line), statement.location.end_line + 1)
    return range(line, line + 1)


def _is_date(text: str) -> bool:
    """Only as the form says; Python also reads 20270131 and 2027-W04-7."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


_BEFORE_SQL = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*", re.S)


def head(text: str) -> str:
    """Everything before the first statement."""
    found = _BEFORE_SQL.match(text)
    return found[0] if found else ""


def without_comments(text: str) -> str:
    """Its words with one space between them; what nobody can read keeps its comments."""
    try:
        return " ".join(text[token.start : token.end] for token in grammar.scan(text) if not token.is_comment)
    except GrammarError:
        return " ".join(text.split())


def says_the_same(old: str, new: str) -> bool:
    """Whether two texts differ in comments and white space only."""
    return without_comments(old) == without_comments(new)
