from collections.abc import Iterator

from pgassay.model import Match, Outcome


def check(outcome: Outcome) -> Iterator[Match]:
    for relation in outcome.access:
        if handover := relation.handover:
            yield Match(
                handover.at,
                reproduction=handover.sql,
                table=relation.name,
                columns=handover.columns,
                policies=handover.policies,
            )
