from collections.abc import Iterator

from pgassay.model import Match, Outcome


def check(outcome: Outcome) -> Iterator[Match]:
    for each in outcome.preserved.lost:
        yield Match(
            each.at,
            subject=each.table,
            table=each.table,
            before=each.before if each.after else None,
            after=each.after or None,
            all=None if each.after else each.before,
            again=each.table if each.made_again else None,
        )
