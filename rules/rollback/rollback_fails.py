from collections.abc import Iterator

from pgassay.model import Match, Outcome, file_name
from pgassay.sql import edits


def check(outcome: Outcome) -> Iterator[Match]:
    for each in outcome.rollbacks:
        file = file_name(each.migration.path)
        if each.refused:
            error = each.refused.error
            at = edits.error_location(each.refused.statement, error)
            yield Match(at, subject=each.migration.path, file=file, error=error.message, again=None, left=())
        elif each.refused_again:
            yield Match(
                each.start,
                subject=each.migration.path,
                file=file,
                error=None,
                again=each.refused_again.error.message,
                left=each.left[:5],
            )
