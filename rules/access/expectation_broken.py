from collections.abc import Iterator

from pgassay.model import Match, Outcome


def check(outcome: Outcome) -> Iterator[Match]:
    for broken in outcome.broken:
        yield Match(
            broken.at,
            subject=f"{broken.role} on {broken.table}",
            related=(broken.setting,) if broken.setting else (),
            reproduction=broken.seen.sql,
            denied=broken.role if broken.can else None,
            granted=None if broken.can else broken.role,
            actions=broken.actions,
            table=broken.table,
            where=broken.where,
            rows=broken.rows,
            by=broken.seen.by,
            reached=broken.seen.reached,
            tried=broken.seen.tried,
            error=broken.error or None,
        )
