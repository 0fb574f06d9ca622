from collections.abc import Iterator

from pgassay.model import Match, Outcome, Reach

# No right to what a policy reads or calls; infinite recursion (42P17) is recursive_policy.
NO_RIGHT = "42501"


def check(outcome: Outcome) -> Iterator[Match]:
    for relation in outcome.access:
        cell = relation.cell("authenticated", "select")
        if not cell or not cell.changed or cell.at is None or not relation.has_policies:
            continue
        if cell.after is Reach.ERROR and cell.sqlstate == NO_RIGHT:
            yield Match(
                cell.at,
                reproduction=cell.seen.sql if cell.seen else None,
                table=relation.name,
                role=cell.role,
                error=cell.error,
                sqlstate=cell.sqlstate,
            )
