from collections.abc import Iterator

from pgassay.model import Match, Outcome, Reach


def check(outcome: Outcome) -> Iterator[Match]:
    for relation in outcome.access:
        open_cells = []
        for action in ("update", "delete"):
            cell, anybody = relation.cell("authenticated", action), relation.cell("anon", action)
            by_anybody = anybody and anybody.after is Reach.ALL_ROWS
            if cell and cell.changed and cell.after.reaches_others and not by_anybody and not cell.always_true:
                open_cells.append(cell)
        place = next((cell.at for cell in open_cells if cell.at), None)
        seen = next((cell.seen for cell in open_cells if cell.seen), None)
        if place and seen and relation.has_policies and relation.owners:
            policies = tuple(dict.fromkeys(name for cell in open_cells for name in cell.policies))
            actions = tuple(cell.action for cell in open_cells)
            yield Match(
                place,
                subject=relation.name,
                reproduction=seen.sql,
                table=relation.name,
                actions=actions,
                policies=policies,
                by=seen.by,
                reached=seen.reached,
                tried=seen.tried,
            )
