"""What came of applying a file a second time."""

from __future__ import annotations

from msgspec import Struct

from pgassay.model.migration import Migration, Statement
from pgassay.model.place import Location
from pgassay.model.seen import ServerError


class Refused(Struct, frozen=True):
    statement: Statement
    error: ServerError


class Drift(Struct, frozen=True):
    """What the second run changed without an error: objects of the schema, and tables whose rows are others now."""

    objects: tuple[str, ...]
    tables: tuple[str, ...]
    at: Location


class SecondRun(Struct, frozen=True):
    """A proposed file that had run without an error, run once more."""

    migration: Migration
    refused: tuple[Refused, ...] = ()
    drift: Drift | None = None

    @property
    def is_clean(self) -> bool:
        return not self.refused and self.drift is None
