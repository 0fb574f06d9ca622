from collections.abc import Iterator

from pgassay.model import Match, Outcome


def check(outcome: Outcome) -> Iterator[Match]:
    for each in outcome.preserved.stopped:
        if each.always:
            continue
        said = each.no_value or each.same or each.held or each.referenced
        yield Match(
            each.at,
            subject=each.subject,
            error=each.error.message,
            table=each.table,
            no_value=each.columns if each.no_value else None,
            same=each.columns if each.same else None,
            held=each.held,
            referenced=each.referenced,
            other=None if said else each.error.detail or each.error.sqlstate,
            find=each.find,
        )
