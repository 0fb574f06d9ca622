"""Usages against the schema: what the change adds or breaks, and how much was wrong before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pgassay.application.files import Code
from pgassay.application.lost import Lost
from pgassay.application.removal import Change
from pgassay.model import Location, Match, Rule, Schema, Unchecked, Usage, What

_REMOVABLE = {What.TABLE: "table", What.COLUMN: "column", What.FUNCTION: "function"}


class Compared(Struct, frozen=True):
    """`matches` with their rules."""

    matches: tuple[tuple[Rule, Match], ...] = ()
    unchecked: tuple[Unchecked, ...] = ()


def compare(
    usages: Sequence[Usage],
    schema: Schema,
    code: Code,
    rules: Sequence[Rule],
    change: Change,
    lost: Lost,
    ask: Callable[..., Iterator[Match]],
) -> Compared:
    """`ask(rule, usage, schema)` runs a check."""
    former = schema.former or schema
    found: list[tuple[Rule, Match]] = []
    removed: dict[tuple[str, str | None, str], list[Usage]] = {}
    old = unjudged = 0
    blind = lost.is_most(schema)
    for usage in usages:
        for rule in rules:
            matches = list(ask(rule, usage, schema))
            if not matches:
                continue
            if usage.what is not What.SECRET and (blind or lost.hides(usage, schema)):
                unjudged += 1
                continue
            fresh = [match for match in matches if code.is_new(match.at.path, match.at.lines)]
            found += ((rule, match) for match in fresh)
            before = list(ask(rule, usage, former))
            if usage.what in _REMOVABLE and not before:
                # New code that names what this change takes away: the two places belong together.
                place = change.place_of(*_object(usage, former))
                for match in fresh:
                    match.related = (place,) if place else ()
            rest = len(matches) - len(fresh)
            if not rest:
                continue
            if before:
                old += rest
            elif usage.what in _REMOVABLE:
                removed.setdefault(_object(usage, former), []).append(usage)
            else:
                found += ((rule, match) for match in matches if match not in fresh)
    for (kind, table, name), uses in removed.items():
        usage = _removed(kind, table, name, uses, change)
        found += ((rule, match) for rule in rules for match in ask(rule, usage, schema))
    return Compared(tuple(found), tuple(_notes(old, lost.note(unjudged))))


def _object(usage: Usage, former: Schema) -> tuple[str, str | None, str]:
    kind = _REMOVABLE[usage.what]
    if usage.what is What.COLUMN:
        table = former.reached(usage)
        return kind, table.display if table else usage.table, usage.name
    schema = "" if usage.schema in (None, "public") else f"{usage.schema}."
    return kind, None, schema + usage.name


def _removed(kind: str, table: str | None, name: str, uses: Sequence[Usage], change: Change) -> Usage:
    start = change.proposed[-1].start if change.proposed else uses[0].location
    places = tuple(dict.fromkeys(_line(use.location) for use in uses))
    at = change.place_of(kind, table, name) or start
    return replace(uses[0], what=What.REMOVED, name=name, table=table, action=kind, location=at, places=places)


def _line(location: Location) -> Location:
    return Location(location.path, location.start_line, location.start_line, location.start_column)


def _notes(old: int, lost: Unchecked | None) -> Iterator[Unchecked]:
    if old:
        yield Unchecked(
            f"{old} {'use' if old == 1 else 'uses'} in unchanged code that did not fit the schema before either",
            "a change answers for what it adds or breaks",
            "pgassay check --all lists them",
        )
    if lost:
        yield lost
