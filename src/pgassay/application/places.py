"""Byte offsets of a file -> lines and columns."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from pgassay.model import Location

# In a line of megabytes nobody looks for a column, and counting it takes its time.
_LONGEST_LINE = 100_000


class Places:
    """Locations have no path: what is known of a file is kept by its content, under whatever name it has next time."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer(b"\n", self._data))]

    def location(self, start: int, end: int) -> Location:
        end = max(start, end)
        first, last = self._line(start), self._line(max(start, end - 1))
        return Location("", first, last, self._column(first, start), self._column(last, end))

    def _line(self, offset: int) -> int:
        return bisect_right(self._starts, offset)

    def _column(self, line: int, offset: int) -> int | None:
        start = self._starts[line - 1]
        if offset - start > _LONGEST_LINE:
            return None
        return len(self._data[start:offset].decode(errors="replace")) + 1
