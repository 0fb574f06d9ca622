from collections.abc import Iterator

from pgassay.model import Match, Outcome, Reach


def check(outcome: Outcome) -> Iterator[Match]:
    for relation in outcome.access:
        cell, anybody = relation.cell("authenticated", "select"), relation.cell("anon", "select")
        if not cell or not cell.after.reaches_others or not cell.changed or not cell.at or not cell.seen:
            continue
        if anybody and anybody.after is Reach.ALL_ROWS:
            continue
        if not relation.is_public and relation.has_policies and relation.owners and cell.defeated:
            yield Match(
                cell.at,
                reproduction=cell.seen.sql,
                table=relation.name,
                defeated=cell.defeated,
                policies=cell.policies,
                by=cell.seen.by,
                reached=cell.seen.reached,
                tried=cell.seen.tried,
            )
