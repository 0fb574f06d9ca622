"""About how long a statement holds its lock on a table of so many rows, for a sentence.

Microseconds per row, measured with PostgreSQL 18.4 on two cores that had other work, on a table of five columns with
about 110 bytes in a row and 100,000, 400,000 and 1,000,000 rows, all in memory: ALTER TYPE 3.8 to 4.1, CREATE INDEX on
a bigint 0.7 to 0.9 and on a text 1.5 to 3.1, ADD CHECK 0.2 to 0.3, SET NOT NULL 0.1 to 0.2, ADD FOREIGN KEY 0.3 to 0.6.
Good for telling a moment from minutes, not for more: wider rows, slower disks and every further index add to it.
"""

from __future__ import annotations

from msgspec import Struct

REWRITE = 4.0
INDEX = 1.5
SCAN = 0.25
FOREIGN_KEY = 0.5


class Wait(Struct, frozen=True):
    """One of the three, as a whole number, or none of them when nobody said how many rows there are."""

    rows: int | None = None
    seconds: int | None = None
    minutes: int | None = None
    hours: int | None = None


def wait(microseconds: float, rows: int | None) -> Wait:
    if rows is None:
        return Wait()
    seconds = microseconds * rows / 1e6
    if seconds < 100:
        return Wait(rows, seconds=max(1, round(seconds)))
    return Wait(rows, minutes=round(seconds / 60)) if seconds < 6000 else Wait(rows, hours=round(seconds / 3600))
