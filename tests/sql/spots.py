"""Where a location points, written into the text: `drop table «b»`."""

from __future__ import annotations

from pgassay.model import Location, Statement
from pgassay.sql.split import statements

PATH = "migrations/1_a.sql"


def parsed(text: str) -> tuple[Statement, ...]:
    return statements(PATH, text)


def only(text: str) -> Statement:
    """The one statement of the text."""
    (statement,) = parsed(text)
    return statement


def marked(text: str, location: Location | None) -> str:
    """The text with marks around the location, found by line and column as an editor does."""
    if location is None:
        return text
    assert location.path == PATH
    assert location.start_column is not None
    assert location.end_column is not None
    lines = text.split("\n")
    for line, column, mark in (
        (location.end_line, location.end_column, "»"),
        (location.start_line, location.start_column, "«"),
    ):
        shown = lines[line - 1]
        assert 1 <= column <= len(shown) + 1, f"no column {column} in line {line}"
        lines[line - 1] = shown[: column - 1] + mark + shown[column - 1 :]
    return "\n".join(lines)


def unmarked(text: str) -> str:
    return text.replace("«", "").replace("»", "")
