"""How long a lock is held, for a sentence."""

from __future__ import annotations

import pytest

from pgassay.sql.durations import INDEX, REWRITE, SCAN, Wait, wait


@pytest.mark.parametrize(
    ("each", "rows", "expected"),
    [
        (REWRITE, None, Wait()),
        (SCAN, 1000, Wait(1000, seconds=1)),
        (INDEX, 40_000_000, Wait(40_000_000, seconds=60)),
        (REWRITE, 40_000_000, Wait(40_000_000, minutes=3)),
        (REWRITE, 4_000_000_000, Wait(4_000_000_000, hours=4)),
    ],
)
def test_a_wait(each: float, rows: int | None, expected: Wait) -> None:
    assert wait(each, rows) == expected
