from collections.abc import Iterator

from pgassay.model import Cell, Match, Outcome, Reach, RelationAccess

_MINE = (Reach.OWN_ROWS, Reach.ALL_ROWS)


def check(outcome: Outcome) -> Iterator[Match]:
    for relation in outcome.access:
        # A view that asks with the rights of its caller from now on says so itself.
        if relation.kind != "table":
            continue
        cells = list(_narrowed(relation))
        if cells and cells[0].at:
            actions = tuple(cell.action for cell in cells)
            yield Match(cells[0].at, relation=relation.name, actions=actions, before=str(cells[0].before))


def _narrowed(relation: RelationAccess) -> Iterator[Cell]:
    """The policies are what they were, and yet a user does not get at his own rows any more."""
    for cell in relation.cells:
        if cell.role == "authenticated" and cell.before in _MINE and cell.after is Reach.NO_ROWS and not cell.said:
            yield cell
