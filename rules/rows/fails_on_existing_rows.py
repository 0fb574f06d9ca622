from collections.abc import Iterator

from pgassay.model import Match, Outcome


def check(outcome: Outcome) -> Iterator[Match]:
    for each in outcome.preserved.stopped:
        if each.always:
            yield Match(
                each.at,
                subject=each.subject,
                table=None if each.same else each.table,
                twice=each.table if each.same else None,
                error=each.error.message,
                columns=each.columns,
            )
