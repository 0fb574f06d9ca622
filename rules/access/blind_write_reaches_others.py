from collections.abc import Iterator

from pgassay.model import Match, Outcome


def check(outcome: Outcome) -> Iterator[Match]:
    for relation in outcome.access:
        by_anybody = {blind.action for blind in relation.blind if blind.role == "anon"}
        for blind in relation.blind:
            if blind.role == "authenticated" and blind.action in by_anybody:
                continue
            yield Match(
                blind.at,
                subject=relation.name,
                reproduction=blind.seen.sql,
                role=blind.role,
                action=blind.action,
                table=relation.name,
                policies=blind.policies,
                by=blind.seen.by,
                reached=blind.seen.reached,
                tried=blind.seen.tried,
            )
