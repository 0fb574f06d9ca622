"""Lines of styled pieces, and their escape sequences when colours are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Style(StrEnum):
    """The parameters of the terminal's SGR sequence."""

    PLAIN = ""
    STRONG = "1"
    GUTTER = "34"
    ERROR = "1;31"
    WARNING = "1;33"
    NOTE = "1;36"
    GOOD = "1;32"


Piece = tuple[str, Style]
Line = Sequence[Piece]


def plain(text: str) -> Line:
    return ((text, Style.PLAIN),)


def painted(line: Line, colour: bool) -> str:
    if not colour:
        return "".join(text for text, _ in line).rstrip()
    return "".join(f"\x1b[{style}m{text}\x1b[0m" if style and text else text for text, style in line)
