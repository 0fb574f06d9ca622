from collections.abc import Iterator

from pgassay.model import Match, Outcome, file_name


def check(outcome: Outcome) -> Iterator[Match]:
    for each in outcome.rollbacks:
        if each.lost_rows or each.lost_values:
            yield Match(
                each.at or each.start,
                subject=each.migration.path,
                file=file_name(each.migration.path),
                rows=each.lost_rows,
                values=each.lost_values,
            )
