from collections.abc import Iterator

from pgassay.model import Match, Outcome, Reach


def check(outcome: Outcome) -> Iterator[Match]:
    for relation in outcome.access:
        cells = [cell for action in ("update", "delete") if (cell := relation.cell("anon", action))]
        open_cells = [cell for cell in cells if cell.after is Reach.ALL_ROWS and cell.changed and not cell.always_true]
        place = next((cell.at for cell in open_cells if cell.at), None)
        seen = next((cell.seen for cell in open_cells if cell.seen), None)
        if place and seen and (relation.has_policies or relation.guarded):
            policies = tuple(dict.fromkeys(name for cell in open_cells for name in cell.policies))
            actions = tuple(cell.action for cell in open_cells)
            yield Match(
                place,
                subject=relation.name,
                reproduction=seen.sql,
                table=relation.name,
                actions=actions,
                policies=policies,
                guarded=relation.guarded,
                by=seen.by,
                reached=seen.reached,
                tried=seen.tried,
            )
