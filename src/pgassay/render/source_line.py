"""One line of source as a terminal shows it, and where in it the marker goes, in cells."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from msgspec import Struct

from pgassay.render.visible import visible

WIDTH = 120
"""Cells of a line; a longer one is cut around the marker."""
TAB = 4
_CUT = "..."
_BEFORE_MARKER = 24


class Shown(Struct, frozen=True):
    """The marker stands under the cells from `start` up to `end`, at least one."""

    text: str
    start: int
    end: int


def shown(line: str, start: int, end: int) -> Shown:
    """`start` and `end` are offsets of characters in the line; what lies beyond its end is taken back to the end."""
    pieces, edges = _laid_out(line)
    length = len(pieces)
    start = min(max(start, 0), length)
    end = min(max(end, start), length)
    first, last = _window(edges, start, end)
    before = _CUT if first else ""
    after = _CUT if last < length else ""
    shift = len(before) - edges[first]
    left = min(edges[start], edges[last]) + shift
    right = min(edges[end], edges[last]) + shift
    return Shown(before + "".join(pieces[first:last]) + after, left, max(right, left + 1))


def _laid_out(line: str) -> tuple[list[str], list[int]]:
    """What is printed for each character, and the cell in which each begins; one more for the end."""
    pieces: list[str] = []
    edges = [0]
    for character in line:
        cell = edges[-1]
        if character == "\t":
            piece = " " * (TAB - cell % TAB)
            width = len(piece)
        else:
            piece = visible(character)
            width = _cells(character) if piece == character else len(piece)
        pieces.append(piece)
        edges.append(cell + width)
    return pieces, edges


def _cells(character: str) -> int:
    if character.isascii():
        return 1
    from rich.cells import get_character_cell_size

    return get_character_cell_size(character, "latest")


def _window(edges: list[int], start: int, end: int) -> tuple[int, int]:
    """The characters to print, as offsets: all of them where they fit, else those around the marker."""
    length = len(edges) - 1
    if edges[length] <= WIDTH:
        return 0, length
    room = WIDTH - 2 * len(_CUT)
    wanted = 0 if edges[end] <= room else max(0, edges[start] - _BEFORE_MARKER)
    wanted = min(wanted, edges[length] - room)
    first = _last_at(edges, edges[bisect_left(edges, wanted)]) if wanted else 0
    return first, _last_at(edges, edges[first] + room)


def _last_at(edges: list[int], cell: int) -> int:
    """The last offset that begins at or before this cell: a combining character is never parted from its base."""
    return bisect_right(edges, cell) - 1
