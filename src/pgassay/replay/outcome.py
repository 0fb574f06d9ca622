"""What is left, when all of a change has run, of what its statements took away: made again, replaced, filled again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from pgassay.model import Dropped, Relation, Step
from pgassay.postgres.session import Session
from pgassay.replay import inventory

_FILLS = re.compile(
    r"\b(?:insert\s+into|copy|merge\s+into)\s+(?:only\s+)?((?:\"[^\"]+\"|\w+)(?:\s*\.\s*(?:\"[^\"]+\"|\w+))?)", re.I
)


def judged(steps: Iterable[Step], session: Session, merged: Mapping[inventory.Address, inventory.Item]) -> list[Step]:
    """`merged` is what was there before the change."""
    found = list(steps)
    final = _final(session, merged) if any(step.dropped or step.renamed for step in found) else None
    filled: set[str] = set()
    backwards: list[Step] = []
    for step in reversed(found):
        backwards.append(_judged(step, final, filled))
        filled |= {re.sub(r'[\s"]', "", name).casefold() for name in _FILLS.findall(step.statement.text)}
    return backwards[::-1]


def _judged(step: Step, final: Final | None, filled: set[str]) -> Step:
    if final and (step.dropped or step.renamed):
        step = replace(
            step,
            dropped=tuple(replace(each, restored=final.has(each)) for each in step.dropped),
            renamed=tuple(replace(each, replaced=each.before in final.names) for each in step.renamed),
        )
    if step.emptied:
        emptied = (replace(each, refilled=_is_in(each.table, filled)) for each in step.emptied)
        step = replace(step, emptied=tuple(emptied))
    if step.target:
        step = replace(step, target=replace(step.target, refilled=_is_in(step.target.table, filled)))
    return step


class Final(Struct, frozen=True):
    """What is there at the end: objects by kind and name, their bare names, what constraints do, OIDs.

    `merged` are the constraints that were there before the change.
    """

    objects: frozenset[tuple[str, str]]
    names: frozenset[str]
    constraints: frozenset[str]
    oids: frozenset[int]
    columns: frozenset[tuple[int, int]]
    merged: Mapping[tuple[str, str], inventory.Item]

    def has(self, dropped: Dropped) -> bool:
        """Or something in its place, or no need of it."""
        named = dropped.kind, dropped.name
        constraint = self.merged.get(named)
        if named in self.objects or constraint is None:
            return named in self.objects
        there = self.oids.issuperset(constraint.needs) and self.columns.issuperset(constraint.columns)
        unneeded = not dropped.cascaded and not there
        return constraint.like in self.constraints or unneeded


def _final(session: Session, merged: Mapping[inventory.Address, inventory.Item]) -> Final:
    found = inventory.take(session)
    items = found.values()
    return Final(
        frozenset(inventory.name_of(item) for item in items),
        frozenset(inventory.unquoted(item.identity) for item in items),
        frozenset(item.like for item in items if item.like) | inventory.unique_indexes(session),
        frozenset(item.oid for item in items),
        frozenset((oid, column) for _, oid, column in found if column),
        {inventory.name_of(item): item for item in merged.values() if item.like},
    )


def _is_in(table: Relation, filled: set[str]) -> bool:
    """`filled` are names as statements write them, without quotes."""
    name = table.name.casefold()
    return not filled.isdisjoint({name, f"public.{name}", name.rpartition(".")[2]})
