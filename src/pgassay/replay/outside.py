"""A folder of which another tool makes the tables: its files alter what none of them creates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from pgassay.model import Unchecked
from pgassay.replay.failures import Explained, Reason
from pgassay.replay.plan import Plan
from pgassay.sql import names

# One name or two may be wrong; a schema is missing from here on.
_MANY = 3
_MADE = frozenset({"CREATE TABLE", "CREATE TABLE AS", "CREATE VIEW", "CREATE TYPE", "SELECT INTO"})


class Outside(Struct, frozen=True):
    """Tables and types that no file creates, and the files outside the folder that declare them."""

    missing: tuple[str, ...]
    declared: Mapping[str, str]

    def note(self, unjudged: int) -> Unchecked:
        shown = ", ".join(self.missing[:_MANY])
        rest = f" and {len(self.missing) - _MANY} more" if len(self.missing) > _MANY else ""
        why = f"they need tables and types that no migration creates: {shown}{rest}"
        if self.declared:
            name, path = next((name, self.declared[name]) for name in self.missing if name in self.declared)
            why += f"; {path} declares {name}"
        return Unchecked(
            f"{unjudged} proposed {'statement was' if unjudged == 1 else 'statements were'} not judged",
            why,
            'pg_dump --schema-only > baseline.sql, then baseline = "baseline.sql" in pgassay.toml',
            essential=True,
        )


def made_outside(plan: Plan, explained: Sequence[Explained]) -> Outside | None:
    """None where the names that nobody creates are few, or nothing says that somebody else does.

    Only where every file is proposed: merged files that apply are a base.
    """
    if plan.history.base or plan.baseline:
        return None
    missing = tuple(
        dict.fromkeys(
            entry.name
            for entry in explained
            if entry.name and entry.reason is Reason.NOWHERE and _is_table_or_type(entry.failure.error.message)
        )
    )
    if len(missing) < _MANY:
        return None
    declared = plan.elsewhere(missing)
    created = {
        made
        for migration in plan.history.proposed
        for statement in migration.up
        if statement.kind in _MADE
        for made in names.creates(statement)
    }
    if 2 * len(declared) >= len(missing) or len(missing) > len(created):
        return Outside(missing, declared)
    return None


def _is_table_or_type(message: str) -> bool:
    return message.startswith(("relation ", "type "))
