from collections.abc import Iterator

from pgassay.model import Match, Outcome
from pgassay.sql import edits, waits


def check(outcome: Outcome) -> Iterator[Match]:
    for told in waits.told(outcome, of=lambda blocked: blocked.reads):
        yield Match(
            edits.first_line(told.first.statement),
            subject=", ".join(told.tables),
            tables=told.tables,
            written=tuple(name for name in told.first.writes if name not in told.tables),
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
            concurrently=told.concurrently,
            quiet=told.quiet,
        )
