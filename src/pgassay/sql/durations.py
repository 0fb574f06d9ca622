"""About how long a statement holds its lock on a table of so many rows, for a sentence.

Microseconds per row, measured with PostgreSQL 18.4 on two cores that had other work, on a table of five columns with
about 110 bytes in a row and 100,000, 400,000 and 1,000,000 rows, all in memory: ALTER TYPE 3.8 to 4.1, CREATE INDEX on
a bigint 0.7 to 0.9 and on a text 1.5 to 3.1, ADD CHECK 0.2 to 0.3, SET NOT NULL 0.1 to 0.2, ADD FOREIGN KEY 0.3 to 0.6.
Good for telling a moment from minutes, not for more: wider rows, slower disks and every further index add to it.
"""

from __future__ import annotations

import math

from msgspec import Struct

from pgassay.model import Step

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


class Tried(Struct, frozen=True):
    """`took` are seconds, on `rows` rows; neither when that was not tried.

    `closed` are tables that nobody could read all the while, because an earlier statement had locked them.
    """

    took: float | None = None
    rows: int | None = None
    closed: tuple[str, ...] = ()


NOT_TRIED = Tried()


def tried(step: Step, *own: str) -> Tried:
    """What others went through when the step's tables had many rows. `own` are tables that are spoken of already."""
    blocked = step.blocked
    if blocked is None or not blocked.works:
        return Tried()
    closed = tuple(name for name in blocked.kept if name not in own)
    if blocked.seconds is None:
        return Tried(closed=closed)
    return Tried(about(blocked.seconds), blocked.rows, closed)


_ROUND = tuple(round(digit * 10.0**power, 2) for power in range(-2, 5) for digit in (1, 2, 5))


def about(seconds: float) -> float:
    """The nearest of 0.01, 0.02, 0.05, 0.1 ...: as much as a busy machine can say, and mostly the same run for run."""
    nearest = min(_ROUND, key=lambda each: abs(math.log(each / max(seconds, 0.001))))
    return int(nearest) if nearest >= 1 else nearest


def wait(microseconds: float, rows: int | None, seen: Tried = NOT_TRIED) -> Wait:
    """By what was measured once and for all, or by what has been tried here where that took longer."""
    if seen.took and seen.rows:
        microseconds = max(microseconds, seen.took / seen.rows * 1e6)
    if rows is None:
        return Wait()
    seconds = microseconds * rows / 1e6
    if seconds < 100:
        return Wait(rows, seconds=max(1, round(seconds)))
    return Wait(rows, minutes=round(seconds / 60)) if seconds < 6000 else Wait(rows, hours=round(seconds / 3600))
