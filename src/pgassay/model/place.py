"""Where something stands, and what to write there instead."""

from __future__ import annotations

from msgspec import Struct


class Location(Struct, frozen=True, order=True):
    path: str
    start_line: int
    end_line: int
    start_column: int | None = None
    end_column: int | None = None

    @property
    def lines(self) -> range:
        return range(self.start_line, self.end_line + 1)


class Edit(Struct, frozen=True):
    """Whole lines of `location` become `replacement` (no newline at its end): a GitHub suggestion is whole lines."""

    location: Location
    replacement: str
    safe: bool = True
