from collections.abc import Iterator

from pgassay.model import Cell, Match, Outcome, Reach, RelationAccess

_MINE = (Reach.OWN_ROWS, Reach.ALL_ROWS)


def check(outcome: Outcome) -> Iterator[Match]:
    for relation in outcome.access:
        # A view that asks with the rights of its caller from now on says so in its options.
        if relation.kind != "table":
            continue
        for role in ("authenticated", "anon"):
            cells = list(_narrowed(relation, role))
            if cells and cells[0].at:
                yield Match(
                    cells[0].at,
                    relation=relation.name,
                    role=role,
                    actions=tuple(cell.action for cell in cells),
                    before=str(cells[0].before),
                    own="own" if role == "authenticated" else None,
                )


def _narrowed(relation: RelationAccess, role: str) -> Iterator[Cell]:
    """Policies are there, or none are needed, and yet nothing is reached any more."""
    for cell in relation.cells:
        if cell.role == role and cell.before in _MINE and cell.after is Reach.NO_ROWS:
            yield cell
