from collections.abc import Iterator

from pgassay.model import Allowance, Match


def check(allowance: Allowance) -> Iterator[Match]:
    expired = allowance.expired_on is not None and allowance.used
    unused = not allowance.used and allowance.problem is None
    if expired or unused or allowance.problem:
        yield Match(
            allowance.location,
            subject=allowance.rule or "comment",
            unused=allowance.rule if unused else None,
            expired=allowance.rule if expired else None,
            until=allowance.expired_on if expired else None,
            problem=allowance.problem,
        )
