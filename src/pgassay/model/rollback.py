"""What came of going back from a migration."""

from __future__ import annotations

from msgspec import Struct

from pgassay.model.migration import Migration
from pgassay.model.place import Location
from pgassay.model.second_run import Refused


class Rollback(Struct, frozen=True):
    """A proposed migration was applied to a copy of the database, then its way back, then the migration again.

    `refused` is the first statement of the way back that failed, `refused_again` one of the migration the second time.
    `left`, `gone` and `changed` are objects that are not as they were before it. `lost_rows` are tables and
    `lost_values` columns (`users.nickname`) that had rows or values then, and have not got all of them now. `at` is the
    statement of the way back that has to do with those.
    """

    migration: Migration
    start: Location
    refused: Refused | None = None
    refused_again: Refused | None = None
    left: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    lost_rows: tuple[str, ...] = ()
    lost_values: tuple[str, ...] = ()
    at: Location | None = None
