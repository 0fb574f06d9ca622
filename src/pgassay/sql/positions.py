"""Character offsets to lines and columns, and statements to the spots inside them."""

from __future__ import annotations

from bisect import bisect_right

from pgassay.model import Location, Statement


class Lines:
    """Line and column of every offset of one file."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._starts = [0]
        position = text.find("\n")
        while position != -1:
            self._starts.append(position + 1)
            position = text.find("\n", position + 1)

    def line(self, offset: int) -> int:
        return bisect_right(self._starts, offset)

    def location(self, start: int, end: int) -> Location:
        """`end` is one past the last character."""
        first, last = self.line(start), self.line(max(start, end - 1))
        return Location(
            self._path,
            first,
            last,
            start - self._starts[first - 1] + 1,
            max(start + 1, end) - self._starts[last - 1] + 1,
        )


def within(statement: Statement, start: int, end: int) -> Location:
    """The place of `statement.text[start:end]` in its file."""
    text, origin = statement.text, statement.location
    end = max(end, start + 1)
    first_line = origin.start_line + text.count("\n", 0, start)
    last_line = origin.start_line + text.count("\n", 0, end - 1)
    return Location(origin.path, first_line, last_line, _column(statement, start), _column(statement, end - 1) + 1)


def _column(statement: Statement, offset: int) -> int:
    line_start = statement.text.rfind("\n", 0, offset) + 1
    return offset - line_start + (1 if line_start else statement.location.start_column or 1)


def tree_offset(statement: Statement, location: int) -> int:
    """A location inside `statement.tree` as a character offset into `statement.text`."""
    distance = location - statement.tree_origin
    if statement.text.isascii():
        return distance
    return len(statement.text.encode()[:distance].decode(errors="ignore"))
