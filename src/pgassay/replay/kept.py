"""A base that was applied before: what names it, and what is remembered of applying it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from pgassay import __version__
from pgassay.model import Migration, ServerError, Statement
from pgassay.replay.failures import Failure
from pgassay.replay.merged import Merged
from pgassay.replay.plan import Plan
from pgassay.replay.substitutes import Substitutes

_WORTHWHILE = 20
"""Merged files; fewer are applied faster than a data directory is kept."""


class _Place(Struct, frozen=True, array_like=True):
    path: str
    start: int


class _Memory(Struct, frozen=True):
    """Statements by their place: those that failed, with the server's words, and those that something stood in for."""

    failed: tuple[tuple[_Place, ServerError], ...]
    replaced: tuple[_Place, ...]


def name(plan: Plan) -> str | None:
    """The same for the same base applied in the same way; None for one that is not worth keeping.

    A base on top of a dump is not kept: how much of it the dump contains is found out by trying.
    """
    base = plan.history.base
    if plan.baseline or len(base) < _WORTHWHILE:
        return None
    cut_over = plan.cut_over
    parts = (
        __version__,
        plan.environment,
        plan.privileges,
        plan.extra_search_path,
        cut_over.path if cut_over in base else None,
        *((each.path, each.mode, each.up_text) for each in base),
    )
    return hashlib.sha256(repr(parts).encode(errors="surrogatepass")).hexdigest()


def memory(merged: Merged, substitutes: Substitutes) -> str:
    failed = tuple((_place(failure.statement), failure.error) for failure in merged.of_files)
    replaced = tuple(map(_place, substitutes.replaced))
    return msgspec.json.encode(_Memory(failed, replaced)).decode()


def remember(text: str, plan: Plan, substitutes: Substitutes) -> Merged:
    """The outcome of applying the base, as if it had been applied again."""
    found = msgspec.json.decode(text, type=_Memory)
    places = [*(place for place, _ in found.failed), *found.replaced]
    statements = _statements(plan.history.base, {place.path for place in places})
    for place in found.replaced:
        substitutes.instead(statements[place][1])
    failures = (Failure(*statements[place], error) for place, error in found.failed)
    return Merged(plan.history, of_files=tuple(failures))


def _place(statement: Statement) -> _Place:
    return _Place(statement.location.path, statement.start)


def _statements(migrations: Iterable[Migration], paths: set[str]) -> dict[_Place, tuple[Migration, Statement]]:
    return {
        _place(statement): (migration, statement)
        for migration in migrations
        if migration.path in paths
        for statement in migration.up
    }
