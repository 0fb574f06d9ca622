from collections.abc import Iterator

from pgassay.model import Cell, Match, Outcome, RelationAccess


def check(outcome: Outcome) -> Iterator[Match]:
    for relation in outcome.access:
        told: set[str] = set()
        for role in ("anon", "authenticated"):
            cells = [each for each in _widened(relation, role) if each.action not in told]
            told |= {each.action for each in cells}
            if not cells:
                continue
            first = cells[0]
            assert first.at
            assert first.seen
            yield Match(
                first.at,
                reproduction=first.seen.sql,
                relation=relation.name,
                role=role,
                actions=tuple(each.action for each in cells),
                before=str(first.before),
                by=first.seen.by,
                action=first.action,
                reached=first.seen.reached,
                tried=first.seen.tried,
                policies=tuple(dict.fromkeys(name for each in cells for name in each.policies)),
            )


def _widened(relation: RelationAccess, role: str) -> Iterator[Cell]:
    for cell in relation.cells:
        more = cell.difference is not None and cell.difference > 0 and cell.after.reaches_others
        if cell.action == "select" and relation.is_public:
            continue
        if cell.role == role and more and not cell.said and cell.at and cell.seen:
            yield cell
