from collections.abc import Iterator

from pgassay.model import Match, Outcome, Reach


def check(outcome: Outcome) -> Iterator[Match]:
    for relation in outcome.access:
        cell = relation.cell("anon", "select")
        if not cell or cell.after is not Reach.ALL_ROWS or not cell.changed or not cell.at or not cell.seen:
            continue
        if (
            not relation.is_public
            and relation.has_policies
            and relation.owners
            and (relation.personal or cell.defeated)
        ):
            yield Match(
                cell.at,
                reproduction=cell.seen.sql,
                table=relation.name,
                policies=cell.policies,
                personal=relation.personal,
                defeated=cell.defeated,
                by=cell.seen.by,
                reached=cell.seen.reached,
                tried=cell.seen.tried,
            )
