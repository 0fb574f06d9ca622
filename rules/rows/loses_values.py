from collections.abc import Iterator

from pgassay.model import Match, Outcome


def check(outcome: Outcome) -> Iterator[Match]:
    for each in outcome.preserved.lost_values:
        yield Match(
            each.at,
            subject=f"{each.table}.{each.column}",
            column=each.column,
            table=each.table,
            number=each.number,
            example=each.example,
        )
