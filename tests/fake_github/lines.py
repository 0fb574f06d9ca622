"""Where a comment may stand: the lines of a patch, as GitHub counts them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

_HEADER = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")


class Line(Struct, frozen=True):
    """`position` counts the lines below the first `@@`, further headers among them. `hunk` counts from 0."""

    side: str
    number: int
    hunk: int
    position: int
    text: str


def commentable(patch: str | None) -> Iterator[Line]:
    """Added and unchanged lines on the RIGHT, deleted ones on the LEFT."""
    hunk, left, right = -1, 0, 0
    for position, line in enumerate((patch or "").split("\n")):
        if header := _HEADER.match(line):
            hunk, left, right = hunk + 1, int(header[1]), int(header[2])
        elif line.startswith("-"):
            yield Line("LEFT", left, hunk, position, line[1:])
            left += 1
        elif line.startswith("+"):
            yield Line("RIGHT", right, hunk, position, line[1:])
            right += 1
        elif line.startswith(" "):
            yield Line("RIGHT", right, hunk, position, line[1:])
            left, right = left + 1, right + 1


def hunk_up_to(patch: str, position: int) -> str:
    """The part of the hunk that GitHub shows above a comment."""
    lines = patch.split("\n")[: position + 1]
    start = max(index for index, line in enumerate(lines) if line.startswith("@@ "))
    return "\n".join(lines[start:])
