from collections.abc import Iterator

from pgassay.model import Match, Outcome


def check(outcome: Outcome) -> Iterator[Match]:
    for leak in outcome.leaks:
        yield Match(
            leak.at,
            reproduction=leak.seen.sql,
            function=leak.function,
            role=leak.role,
            table=leak.table,
            owner=leak.owner,
            columns=leak.columns,
            by=leak.seen.by,
            reached=leak.seen.reached,
            tried=leak.seen.tried,
        )
