from collections.abc import Iterator

from pgassay.model import Match, Outcome


def check(outcome: Outcome) -> Iterator[Match]:
    for each in outcome.rollbacks:
        if each.lost_rows or each.lost_values:
            yield Match(
                each.at or each.start,
                subject=each.migration.path,
                file=each.migration.path.rpartition("/")[2],
                rows=each.lost_rows,
                values=each.lost_values,
            )
