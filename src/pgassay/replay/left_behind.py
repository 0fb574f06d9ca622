"""Functions of before the change whose bodies still name what it took away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pgassay.model import BrokenFunction, Statement, Step
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.replay.bodies import CAUTIOUS
from pgassay.replay.body_errors import SPEAKING, Function, Said, functions, said
from pgassay.replay.certainty import FOREIGN, Certainty
from pgassay.sql.plpgsql import body_of

_RELATIONS = ("table", "view", "materialized view", "foreign table")
_MOST_FUNCTIONS = 500


class Lost(Struct, frozen=True):
    """What a statement took: a column of `table`, or a table, view or function itself. Names without their schema."""

    step: int
    shown: str
    name: str
    table: str | None = None
    is_function: bool = False

    def is_missed_in(self, error: Said) -> bool:
        if not re.search(rf"(?<!\w){re.escape(self.name)}(?!\w)", error.message):
            return False
        if self.table is None:
            return error.message.startswith("function " if self.is_function else "relation ")
        place = f"{error.query} {error.message} {error.table or ''}"
        of_a_column = "column" in error.message or "field" in error.message
        return of_a_column and bool(re.search(rf"(?<!\w){re.escape(self.table)}(?!\w)", place, re.I))


def left_behind(session: Session, steps: list[Step], failed: list[Statement], *, blind: bool) -> list[Step]:
    """The steps with the functions that each of them breaks, by the schema as it is now."""
    lost = [each for n, step in enumerate(steps) if not step.error for each in _lost(n, step)]
    if not lost:
        return steps
    names = "|".join(sorted({re.escape(each.name) for each in lost}))
    found = functions(look(session, SPEAKING, (sorted(FOREIGN), rf"\m(?:{names})\M")))[:_MOST_FUNCTIONS]
    own = {body[0] for step in steps if (body := body_of(step.statement))}
    broken = "\n".join(statement.text.lower() for statement in failed) if failed else None
    breaks: dict[int, list[BrokenFunction]] = {}
    for function in found:
        if function.body in own or CAUTIOUS.search(function.body):
            continue
        certainty = Certainty(session, function, broken, blind=blind)
        for error, by in _missed(session, function, lost):
            if certainty.of(error):
                breaks.setdefault(by.step, []).append(
                    BrokenFunction(function.name, error.message, error.sqlstate, by.shown)
                )
    return [replace(step, breaks=tuple(breaks[n])) if n in breaks else step for n, step in enumerate(steps)]


def _missed(session: Session, function: Function, lost: Sequence[Lost]) -> Iterator[tuple[Said, Lost]]:
    """One error for each loss: what the body names ten times is told once."""
    told: set[Lost] = set()
    for error in said(session, function):
        by = next((each for each in reversed(lost) if each.is_missed_in(error)), None)
        if by and by not in told:
            told.add(by)
            yield error, by


def _lost(n: int, step: Step) -> Iterator[Lost]:
    for dropped in step.dropped:
        if not dropped.restored:
            yield from _named(n, dropped.kind, dropped.name)
    for renamed in step.renamed:
        if not renamed.replaced:
            yield from _named(n, renamed.kind, renamed.before)


def _named(n: int, kind: str, name: str) -> Iterator[Lost]:
    bare = name.replace('"', "")
    if kind in ("table column", "column"):
        table, _, column = bare.rpartition(".")
        yield Lost(n, name, column, table.rpartition(".")[2])
    elif kind in _RELATIONS:
        yield Lost(n, name, bare.rpartition(".")[2])
    elif kind in ("function", "procedure"):
        yield Lost(n, name, bare.partition("(")[0].rpartition(".")[2], is_function=True)
