from collections.abc import Iterator

from pgassay.model import Match, Outcome


def check(outcome: Outcome) -> Iterator[Match]:
    for relation in outcome.access:
        cell = relation.cell("authenticated", "insert")
        if not cell or not cell.changed or not cell.after.reaches_others or cell.at is None:
            continue
        if relation.has_policies and relation.owners and cell.defeated and not cell.always_true:
            yield Match(
                cell.at, table=relation.name, defeated=cell.defeated, owners=relation.owners, policies=cell.policies
            )
