from collections.abc import Iterator

from pgassay.model import Match, Outcome


def check(outcome: Outcome) -> Iterator[Match]:
    for relation in outcome.access:
        for lockout in relation.lockouts:
            yield Match(
                lockout.at,
                reproduction=lockout.sql,
                subject=f"{lockout.policy} on {relation.name}",
                policy=lockout.policy,
                table=relation.name,
                column=lockout.column,
                referenced=lockout.referenced,
                key=lockout.key,
                login=lockout.login,
            )
