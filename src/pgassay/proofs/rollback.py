"""Each proposed migration that has a way back: there, back, compared with what was before, and there again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from pgassay.model import Location, Migration, Refused, Rollback, Unchecked
from pgassay.postgres import environments
from pgassay.postgres.look import look
from pgassay.postgres.session import Session
from pgassay.postgres.snapshot import Key, Schema, compare, snapshot
from pgassay.proofs.budget import Share
from pgassay.proofs.facts import RelationFacts
from pgassay.proofs.losses import values_left
from pgassay.proofs.rows import OURS
from pgassay.proofs.stock import Stock
from pgassay.proofs.tally import Contents, Tally
from pgassay.replay.base import Unobserved
from pgassay.replay.execute import Executed, execute
from pgassay.replay.ground import Ground
from pgassay.sql.edits import first_line

_WAY = "pgassay_way"
_BACK = "pgassay_way_back"
_SECONDS = 8.0
_MORE = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
_SAYS_NO = "P0001"
"""raise_exception: the way back says itself that there is none."""


class GoneBack(Struct, frozen=True):
    rollbacks: tuple[Rollback, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()


class Before(Struct, frozen=True):
    """The schema, and the rows of the tables that the change touches."""

    schema: Schema
    rows: Mapping[str, Contents]


def go_back(ground: Ground, stock: Stock | None) -> GoneBack:
    """`stock` is None where the change meets no rows. Raises CannotCheck when the server dies or ends a session."""
    failed = {step.migration.path for step in ground.steps if step.error}
    wanted = [each for each in ground.plan.history.proposed if each.path not in failed and _undoes(each.way_back)]
    if not wanted:
        return GoneBack()
    share = Share(_SECONDS)
    found = _there_and_back(ground, stock, wanted, share)
    if found is None:
        # A migration fails with these rows, which is another matter.
        found = _there_and_back(ground, None, wanted, share) or ()
    return GoneBack(found, () if share.left else (share.used_up("the way back"),))


def _undoes(back: Migration | None) -> bool:
    """Not where there is nothing to run, or only a word to whoever reads it: `select 'cannot be undone'`."""
    return back is not None and any(
        not (each.kind == "SELECT" and not each.tree.from_clause) for each in back.up if each.tree
    )


def _there_and_back(
    ground: Ground, stock: Stock | None, wanted: Sequence[Migration], share: Share
) -> tuple[Rollback, ...] | None:
    """None when a migration fails because of rows."""
    bench, found = ground.bench, []
    passed = {(step.migration.path, step.statement.start) for step in ground.steps if step.error is None}
    tables = stock.tables if stock else ()
    with bench.clone(_WAY, stock.plain if stock else ground.before):
        with bench.fresh(_WAY, ground.roles):
            # The server's roles as they were.
            pass
        for migration in ground.plan.history.proposed:
            with bench.server.connect(_WAY) as session:
                session.allow(share.left)
                if migration is ground.plan.cut_over:
                    session.run(environments.cut_over())
                tally = Tally(session, tables)
                before = Before(_whole(session), tally.first) if migration in wanted else None
                done = execute(session, migration, Unobserved(ground.substitutes))
            if not share.left:
                break
            if stock and any(each.error and (migration.path, each.statement.start) in passed for each in done):
                return None
            if before:
                with bench.clone(_BACK, _WAY), bench.server.connect(_BACK) as session:
                    session.allow(share.left)
                    rollback = _back(ground, session, migration, before, tables)
                if rollback and share.left:
                    found.append(rollback)
    return tuple(found)


def _back(
    ground: Ground, session: Session, migration: Migration, before: Before, tables: Sequence[RelationFacts]
) -> Rollback | None:
    back = migration.way_back
    assert back
    start = first_line(back.up[0])
    watching = Unobserved(ground.substitutes)
    errors = list(_errors(ground, execute(session, back, watching)))
    if any(each.error.sqlstate == _SAYS_NO for each in errors):
        return None
    if errors:
        return Rollback(migration, start, refused=errors[0])
    left, gone, changed = _differences(before.schema, _whole(session))
    tally = Tally(session, tables)
    lost_rows, lost_values = _lost(tables, before.rows, tally.first)
    again = next(_errors(ground, execute(session, migration, watching)), None)
    names = [*lost_rows, *lost_values]
    return Rollback(
        migration,
        start,
        refused_again=again,
        left=left,
        gone=gone,
        changed=changed,
        lost_rows=lost_rows,
        lost_values=lost_values,
        at=_place(back, names) if names else None,
    )


def _errors(ground: Ground, executed: Iterable[Executed]) -> Iterator[Refused]:
    """Not those that are the server's, or about roles: these belong to all of its databases."""
    for done in executed:
        error = done.error
        if error is None or "role" in error.message or "ROLE" in done.statement.kind:
            continue
        if not ground.bench.server.info.is_at_fault(error) and not ground.substitutes.cannot_be_judged(error):
            yield Refused(done.statement, error)


def _whole(session: Session) -> Schema:
    """The schema and who may do what with it, without regard to layout and comments inside functions."""
    more = {Key(*names): definition for *names, definition in look(session, _MORE)}
    found = {**snapshot(session), **more}
    return {key: _in_short(key, definition or "") for key, definition in found.items() if not _is_ours(key)}


def _in_short(key: Key, definition: str) -> str:
    if key.kind in ("function", "procedure"):
        definition = re.sub(r"--[^\n]*|/\*.*?\*/", " ", definition, flags=re.S)
    return " ".join(definition.split())


def _is_ours(key: Key) -> bool:
    """A partition that was made for rows which no other one takes."""
    return key.name.startswith(OURS) or (key.table or "").startswith(OURS)


def _differences(before: Schema, after: Schema) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """What is left behind, what is gone, and what is otherwise."""
    found: dict[str, list[str]] = {"added": [], "removed": [], "changed": []}
    for change in compare(*_comparable(before, after)):
        found[change.action].append(f"{change.kind} {change.name}")
    return tuple(found["added"]), tuple(found["removed"]), tuple(found["changed"])


def _comparable(before: Schema, after: Schema) -> tuple[Schema, Schema]:
    """Without the rights on what is there on one side only, and values that an enum has got: none can be taken away."""

    def counts(key: Key) -> bool:
        was, now = before.get(key), after.get(key)
        if was is None or now is None:
            return not key.kind.startswith(("rights", "options"))
        return not (key.kind == "enum" and _is_within(was, now))

    return ({key: text for key, text in side.items() if counts(key)} for side in (before, after))  # type: ignore[return-value]


def _is_within(was: str, now: str) -> bool:
    labels = iter(now.split(", "))
    return all(label in labels for label in was.split(", "))


def _lost(
    tables: Iterable[RelationFacts], before: Mapping[str, Contents], after: Mapping[str, Contents]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    rows: list[str] = []
    values: list[str] = []
    for table in tables:
        was, now = before[table.key], after[table.key]
        if now.rows < was.rows:
            rows.append(table.display)
            continue
        for number, name, _ in was.columns:
            if (column := table.by_name.get(name)) and column.generated:
                continue
            had, has = values_left(was, was, number, name), values_left(now, was, number, name)
            if has is not None and has < (had or 0):
                values.append(f"{table.display}.{name}")
    return tuple(rows), tuple(values)


def _place(back: Migration, names: Sequence[str]) -> Location:
    """The last statement that speaks of the first of the names."""
    word = re.compile(rf"(?<!\w){re.escape(names[0].rpartition('.')[2])}(?!\w)")
    return next((first_line(each) for each in reversed(back.up) if word.search(each.text)), first_line(back.up[0]))
