"""What a change does to people, as rows of a table: who reaches which rows before and after it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from pgassay.model import Cell, RelationAccess

_WHO = {"anon": "anybody", "authenticated": "a signed-in user", "service_role": "the service role"}


class Difference(Struct, frozen=True):
    """Actions of one role on one relation that changed in the same way."""

    who: str
    name: str
    actions: tuple[str, ...]
    before: str
    after: str


def differences(access: Iterable[RelationAccess]) -> tuple[Difference, ...]:
    """What changed, relation by relation. The service role is told of where it had less before, or has less now."""
    found: dict[tuple[str, str, str, str], list[str]] = {}
    for relation in access:
        for cell in relation.cells:
            if cell.is_known and cell.changed and not (cell.role == "service_role" and relation.is_new):
                before = cell.before.value if cell.before else "new"
                found.setdefault((cell.role, relation.name, before, _after(cell)), []).append(cell.action)
    return tuple(
        Difference(called(role), name, tuple(actions), before, after)
        for (role, name, before, after), actions in found.items()
    )


def called(role: str) -> str:
    """A role, or a persona by its name, as people say it."""
    return _WHO.get(role, role)


def _after(cell: Cell) -> str:
    return f"{cell.after}: {cell.error}" if cell.error else cell.after.value
