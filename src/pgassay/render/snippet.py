"""A spot of a file as a compiler shows it: line numbers, source, a marker under the columns, the label beside it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from pgassay.model import Location
from pgassay.render.paint import Line, Piece, Style
from pgassay.render.source_line import WIDTH, shown

HEAD_LINES = 4
TAIL_LINES = 1


class Gutter(Struct, frozen=True):
    """The column of line numbers, `width` digits wide."""

    width: int

    @property
    def bar(self) -> Piece:
        return (" " * (self.width + 1) + "|", Style.GUTTER)

    def number(self, number: int) -> Piece:
        return (f"{number:>{self.width}} |", Style.GUTTER)


def about_the_file(location: Location) -> bool:
    """Line 1 without columns stands for the file itself, so there is no line to show."""
    return location.end_line == 1 and location.start_column is None


def snippet(lines: Sequence[str], location: Location, label: str | None, gutter: Gutter, style: Style) -> list[Line]:
    """Empty when the file has no such line. `label` is printed as it is."""
    last = min(location.end_line, len(lines))
    if about_the_file(location) or not 1 <= location.start_line <= last:
        return []
    rows = _one_line if location.start_line == last else _several_lines
    return [(gutter.bar,), *rows(lines, location, label, gutter, style), (gutter.bar,)]


def _one_line(
    lines: Sequence[str], location: Location, label: str | None, gutter: Gutter, style: Style
) -> Iterator[Line]:
    line = lines[location.start_line - 1]
    row = shown(line, _start(line, location), _end(lines, location))
    yield gutter.number(location.start_line), (f" {row.text}", Style.PLAIN)
    marker = " " * (row.start + 1) + "^" * (row.end - row.start)
    yield from _marked(marker, row.start + 1, label, gutter, style)


def _several_lines(
    lines: Sequence[str], location: Location, label: str | None, gutter: Gutter, style: Style
) -> Iterator[Line]:
    """A stroke along the lines, from the first character to the last; the middle of a long statement is left out."""
    first, last = location.start_line, min(location.end_line, len(lines))
    head = lines[first - 1]
    start = _start(head, location)
    row = shown(head, start, start + 1)
    at_margin = not head[:start].strip()
    yield gutter.number(first), (" / " if at_margin else "   ", style), (row.text, Style.PLAIN)
    if not at_margin:
        yield gutter.bar, ("  " + "_" * (row.start + 1) + "^", style)

    left_out = range(first + HEAD_LINES, last - TAIL_LINES + 1)
    if len(left_out) < 2:
        left_out = range(0)
    for number in range(first + 1, last):
        if number not in left_out:
            yield gutter.number(number), (" | ", style), (shown(lines[number - 1], 0, 0).text, Style.PLAIN)
        elif number == left_out.start:
            yield gutter.bar, (" | ", style), (f"... {len(left_out)} more lines", Style.GUTTER)

    end = _end(lines, location)
    row = shown(lines[last - 1], max(end - 1, 0), end)
    yield gutter.number(last), (" | ", style), (row.text, Style.PLAIN)
    yield from _marked(" |" + "_" * (row.start + 1) + "^", 3, label, gutter, style)


def _marked(marker: str, start: int, label: str | None, gutter: Gutter, style: Style) -> Iterator[Line]:
    """The marker with its label beside it, or under it where the line would get too long."""
    if not label:
        yield gutter.bar, (marker, style)
    elif len(marker) + len(label) < WIDTH:
        yield gutter.bar, (f"{marker} {label}", style)
    else:
        yield gutter.bar, (marker, style)
        yield gutter.bar, (" " * max(1, min(start, WIDTH - len(label))) + label, style)


def _start(line: str, location: Location) -> int:
    if location.start_column is None:
        return len(line) - len(line.lstrip())
    return location.start_column - 1


def _end(lines: Sequence[str], location: Location) -> int:
    """In the last line that the file has, which may have fewer than the location says."""
    line = lines[min(location.end_line, len(lines)) - 1]
    if location.end_column is None or location.end_line > len(lines):
        return len(line.rstrip())
    return location.end_column - 1
