from collections.abc import Iterator

from pgassay.model import Match, Outcome


def check(outcome: Outcome) -> Iterator[Match]:
    for relation in outcome.access:
        cell = relation.cell("authenticated", "insert")
        if not cell or not cell.changed or not cell.after.reaches_others or not cell.at or not cell.seen:
            continue
        if relation.has_policies and relation.owners and cell.defeated and not cell.always_true:
            yield Match(
                cell.at,
                reproduction=cell.seen.sql,
                table=relation.name,
                defeated=cell.defeated,
                owners=relation.owners,
                policies=cell.policies,
                by=cell.seen.by,
                reached=cell.seen.reached,
                tried=cell.seen.tried,
            )
