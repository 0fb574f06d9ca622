"""Rows and values that a change has taken without a word of it in its statements. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from pgassay.model import Location, Lost, LostValues, Statement
from pgassay.proofs.facts import RelationFacts
from pgassay.proofs.said import takes_rows, writes_rows
from pgassay.proofs.tally import Contents, Values
from pgassay.sql.edits import first_line


class Look(Struct, frozen=True):
    """The contents of the tables after a statement."""

    statement: Statement
    contents: Mapping[str, Contents]


def losses(
    tables: Iterable[RelationFacts],
    first: Mapping[str, Contents],
    looks: Sequence[Look],
    statements: Sequence[Statement],
) -> tuple[tuple[Lost, ...], tuple[LostValues, ...]]:
    """`first` is before the change; what counts is the last of the `looks`, the others say which statement it was."""
    lost: list[Lost] = []
    values: list[LostValues] = []
    for table in tables if looks else ():
        before, after = first[table.key], looks[-1].contents[table.key]
        if not after.oid:
            # Other rules speak of a table that is dropped.
            continue
        if after.rows < before.rows:
            if not takes_rows(statements, table.name):
                at = _blamed(looks, [look.contents[table.key].rows < before.rows for look in looks])
                lost.append(Lost(table.display, before.rows, after.rows, at, after.oid != before.oid))
        elif after.rows == before.rows and not writes_rows(statements, table.name):
            values += _values(table, before, looks)
    return tuple(lost), tuple(values)


def _values(table: RelationFacts, before: Contents, looks: Sequence[Look]) -> Iterator[LostValues]:
    """Values that are gone while their row is still there. What a trigger writes on purpose is not looked at."""
    for (number, name, _), values in before.columns.items():
        if table.by_name[name].generated:
            continue
        left = [values_left(look.contents[table.key], before, number, name) for look in looks]
        had, has = _number(values), left[-1]
        if has is not None and has < had:
            at = _blamed(looks, [each is None or each < had for each in left])
            example = next(value for value in values if value is not None)
            yield LostValues(table.display, name, had - has, example, at)


def values_left(now: Contents, before: Contents, number: int, name: str) -> int | None:
    """How many values a column has; None when it is not there. Its number counts as long as it is, for names change."""
    columns = now.columns.items()
    found = next((values for (n, _, _), values in columns if n == number), None) if now.oid == before.oid else None
    if found is None:
        found = next((values for (_, other, _), values in columns if other == name), None)
    return None if found is None else _number(found)


def _number(values: Values) -> int:
    return sum(value is not None for value in values)


def _blamed(looks: Sequence[Look], is_so: Sequence[bool]) -> Location:
    """The first statement since which it has been so until the end."""
    first = max((n for n, so in enumerate(is_so) if not so), default=-1) + 1
    return first_line(looks[first].statement)
