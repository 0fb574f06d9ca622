from collections.abc import Iterator

from pgassay.model import Match, Outcome
from pgassay.sql import edits, waits


def check(outcome: Outcome) -> Iterator[Match]:
    for told in waits.told(outcome, of=lambda blocked: () if blocked.reads else blocked.writes):
        yield Match(
            edits.first_line(told.first.statement),
            subject=", ".join(told.tables),
            tables=told.tables,
            locker=told.locker,
            line=told.line,
            grows=told.first.filled,
            rows=told.wait.rows,
            seconds=told.wait.seconds,
            minutes=told.wait.minutes,
            hours=told.wait.hours,
            took=told.took,
            tried=told.first.rows if told.took else None,
            more=told.more or None,
        )
