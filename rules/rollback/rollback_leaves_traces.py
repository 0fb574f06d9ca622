from collections.abc import Iterator

from pgassay.model import Match, Outcome, file_name

MOST = 5


def check(outcome: Outcome) -> Iterator[Match]:
    for each in outcome.rollbacks:
        if each.left or each.gone or each.changed:
            yield Match(
                each.start,
                subject=each.migration.path,
                file=file_name(each.migration.path),
                left=shown(each.left),
                gone=shown(each.gone),
                changed=shown(each.changed),
            )


def shown(names: tuple[str, ...]) -> tuple[str, ...]:
    return names if len(names) <= MOST else (*names[:MOST], f"{len(names) - MOST} more")
