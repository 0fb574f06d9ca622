"""The replay stage: the base quietly, then every proposed statement observed and every catalog row blamed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from pgassay.model import Edit, Location, Match, Migration, ObjectChange, Relationship, Statement, Step, Unchecked
from pgassay.model.schema import Schema
from pgassay.postgres import environments
from pgassay.postgres.catalog import catalog as read_catalog
from pgassay.postgres.look import look
from pgassay.postgres.relationships import relationships
from pgassay.postgres.session import Session
from pgassay.postgres.snapshot import compare, snapshot
from pgassay.replay import bodies, inventory, kept
from pgassay.replay.asker import Asker
from pgassay.replay.bench import Bench
from pgassay.replay.blame import Appearances, Key, Row, describe
from pgassay.replay.blaming import Blaming, Place
from pgassay.replay.closing import Closing
from pgassay.replay.execute import execute
from pgassay.replay.failures import Explained, Failure, explain, judge_steps, missing_name
from pgassay.replay.ground import Ground
from pgassay.replay.left_behind import left_behind
from pgassay.replay.merged import apply_merged
from pgassay.replay.observe import Observer
from pgassay.replay.outside import made_outside
from pgassay.replay.plan import Plan
from pgassay.replay.roles import Roles
from pgassay.replay.scope import Scope, newest
from pgassay.replay.substitutes import Substitutes
from pgassay.sql import locate, mending

__all__ = ["CatalogMatch", "Plan", "Replayed", "replay"]

_BLAME = "pgassay_blame"
# Migrations say `alter database postgres set ...`.
_CHANGE = "postgres"
# Asking all rules between two batches takes as long as asking the few that found something after so many statements.
_STATEMENTS_OF_A_BATCH = 60
_FOREIGN_KEYS = """
select concat_ws(' ', conrelid::oid, confrelid::oid, conkey, confdeltype) from pg_constraint
where contype = 'f' and conparentid = 0
"""


_IN_SOME_SCHEMA = "select distinct proname::text from pg_proc where proname = any (%s)"


class CatalogMatch(Struct, frozen=True):
    """A catalog row and the proposed statement that brought it."""

    row: Row
    migration: Migration
    location: Location
    statement: Statement | None = None

    @property
    def match(self) -> Match:
        """A column called `label` is not a fact but stands beside the marker under the source line."""
        facts = dict(self.row.facts)
        edit = self._edit(facts.pop("append", None), facts.pop("replacement", None), facts.pop("wrap", None))
        return Match(
            self.location,
            subject=inventory.readable(self.row.identity),
            label=facts.pop("label", None),
            edit=edit,
            **facts,
        )

    def _edit(self, append: str | None, replacement: str | None, wrap: list[str] | None) -> Edit | None:
        """Only where the author wrote what is to be mended: not in a DO block, not where something was switched off."""
        statement, text = self.statement, self.migration.text
        if statement is None:
            return None
        if append and statement.kind.startswith("CREATE "):
            return mending.append(statement, text, append)
        if wrap and statement.kind in ("CREATE POLICY", "ALTER POLICY"):
            return mending.wrap(statement, text, wrap)
        if replacement:
            words = " ".join(self.row.anchor.words)
            return mending.replace(statement, text, self.location, words, replacement)
        return None


class Replayed(Struct, frozen=True):
    """`contained` counts proposed files that the baseline has in it already, so that they were not run.

    `schema` is there when the plan asks for it; `explained` are all failed statements, those of merged files first.
    """

    steps: tuple[Step, ...]
    catalog: tuple[CatalogMatch, ...]
    schema_change: tuple[ObjectChange, ...]
    unchecked: tuple[Unchecked, ...]
    failed: frozenset[str]
    base_failed: int
    seconds: Mapping[str, float]
    contained: int = 0
    relationships: tuple[Relationship, ...] = ()
    schema: Schema | None = None
    explained: tuple[Explained, ...] = ()


def replay(bench: Bench, plan: Plan, prove: Callable[[Ground], None] | None = None) -> Replayed:
    """Raises CannotCheck when the server cannot be used or dies.

    `prove` is called once the change is there, and may do what it likes to that database.
    """
    clock = _Clock()
    history = plan.history
    plan.progress(f"preparing {plan.environment}")
    environment = bench.environment(plan.environment, default_privileges=plan.privileges.at_first)
    clock.lap("environment")
    with bench.base(environment) as (base, remembered):
        with bench.fresh(base, bench.roles) as session:
            bench.roles = Roles.of(session)
            substitutes = Substitutes.of(session, plan.environment)
            if remembered is None:
                plan.progress(f"applying {len(history.base)} merged files")
                merged = apply_merged(session, plan, substitutes)
            else:
                merged = kept.remember(remembered, plan, substitutes)
            before = snapshot(session)
            former = read_catalog(session, plan.queries) if plan.reads_schema else None
            # A clone has the same OIDs.
            keys = [row[0] for row in look(session, _FOREIGN_KEYS)]
            roles = Roles.of(session)
        if remembered is None:
            bench.keep_base(kept.memory(merged, substitutes))
        substitutes.begin_proposed()
        parameters = {**plan.parameters, "merged_foreign_keys": keys}
        remaining = replace(plan, history=merged.history, parameters=parameters)
        clock.lap("base")
        with bench.clone(_CHANGE, base):
            with bench.server.connect(_CHANGE) as session, bench.server.connect(_CHANGE) as beside:
                asker = Asker(session, beside, remaining.rules, remaining.parameters)
                observer = Observer(session, substitutes, plan.table_rows, lambda: bench.server.connect(_CHANGE))
                steps, appeared, rows = _observe(session, asker, remaining, observer)
                failed = [each.statement for each in merged.failures] + [step.statement for step in steps if step.error]
                steps = bodies.examined(session, steps, failed, blind=substitutes.some_are_unknown)
                steps = left_behind(session, steps, failed, blind=substitutes.some_are_unknown)
                there = _there(session, steps)
                after = snapshot(session)
                schema = replace(read_catalog(session, plan.queries), former=former) if former else None
            clock.lap("replay")
            if prove:
                plan.progress("trying out what the change does")
                whole = not merged.failures and not any(step.error for step in steps)
                prove(Ground(bench, remaining, base, _CHANGE, tuple(steps), whole, substitutes, roles))
                clock.lap("prove")
        catalog: list[CatalogMatch] = []
        if appeared:
            plan.progress("finding the statements behind the findings")
            with bench.clone(_BLAME, base), bench.fresh(_BLAME, roles) as session:
                catalog = _blame(session, remaining, substitutes, appeared, rows)
        clock.lap("blame")

    step_failures = [Failure(step.migration, step.statement, step.error) for step in steps if step.error]
    explained = explain(
        [*merged.failures, *step_failures],
        [*([plan.baseline] if plan.baseline else []), *history.base, *history.proposed],
        blind=substitutes.some_are_unknown or any(file.kind == "no_sql" for file in history.left_out),
        server_is_at_fault=lambda error: bench.server.info.is_at_fault(error) or substitutes.cannot_be_judged(error),
        there=there,
    )
    outside = made_outside(plan, explained)
    judged, unjudged = judge_steps(steps, explained, len(merged.failures), incomplete=outside is not None)
    return Replayed(
        steps=tuple(judged),
        catalog=tuple(catalog),
        schema_change=compare(before, after),
        relationships=relationships(before, after),
        schema=schema,
        explained=tuple(explained),
        unchecked=(
            *([outside.note(unjudged)] if outside else merged.notes(plan, explained, unjudged)),
            *substitutes.notes(),
        ),
        failed=frozenset(failure.migration.path for failure in step_failures),
        base_failed=len(merged.files),
        contained=len(history.proposed) - len(merged.history.proposed),
        seconds=clock.laps,
    )


def _there(session: Session, steps: list[Step]) -> frozenset[str]:
    """Functions that failed statements did not find and that are there all the same, in a schema out of their sight."""
    missed = [name for step in steps if step.error and (name := missing_name(step.error))]
    return frozenset(row[0] for row in look(session, _IN_SOME_SCHEMA, (missed,))) if missed else frozenset()


def _observe(
    session: Session, asker: Asker, plan: Plan, observer: Observer
) -> tuple[list[Step], dict[Key, int], dict[Key, Row]]:
    """Steps of all proposed files, and for each catalog row that is new at the end the number of its batch."""
    closing = Closing(session)
    before = asker.keys()
    appearances = Appearances.starting(before)
    steps: list[Step] = []
    for n, batch in enumerate(_batches(plan.history.proposed)):
        for migration in batch:
            plan.progress(f"running {migration.path}")
            if migration is plan.cut_over:
                session.run(environments.cut_over())
            steps += observer.steps(migration, execute(session, migration, observer))
        appearances.after(n, asker.keys())
    # What was so before and is so again is not the change's.
    appeared = {key: n for key, n in appearances.appeared.items() if key not in before}
    rows = describe(session, appeared, plan.rules, plan.parameters)
    return closing.told(observer.with_outcome(steps)), appeared, rows


def _batches(migrations: Iterable[Migration]) -> Iterator[list[Migration]]:
    """Files with few statements together. An ordinary change is one batch."""
    batch: list[Migration] = []
    for migration in migrations:
        batch.append(migration)
        if sum(len(each.up) for each in batch) >= _STATEMENTS_OF_A_BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _blame(
    session: Session, plan: Plan, substitutes: Substitutes, appeared: dict[Key, int], rows: dict[Key, Row]
) -> list[CatalogMatch]:
    """Runs the files once more on a clone, with only the rules that found something, after every statement."""
    wanted: dict[int, list[Row]] = {}
    for key, row in rows.items():
        wanted.setdefault(appeared[key], []).append(row)
    newest_of_base = newest(session)
    matches = []
    for n, batch in enumerate(_batches(plan.history.proposed)):
        if n > max(wanted):
            break
        scope = Scope.of(session, [row.object for row in wanted.get(n, [])], newest_of_base)
        rules = tuple({row.rule.id: row.rule for row in wanted.get(n, [])}.values())
        watcher = Blaming(session, substitutes, rules, plan.parameters, scope)
        for migration in batch:
            if migration is plan.cut_over:
                session.run(environments.cut_over())
            watcher.watch(migration)
        places = watcher.places()
        for row in wanted.get(n, []):
            place = places.get(row.name) or Place(batch[-1])
            statement = place.statement
            if place.existed and row.rule.only_new:
                continue
            if statement and statement.kind == "CREATE EXTENSION":
                # Nobody here wrote what that makes, and no query can tell: a stand-in has no members.
                continue
            location = locate.find(statement, row.anchor) if statement else place.migration.start
            matches.append(CatalogMatch(row, place.migration, location, statement))
    order = {migration.path: n for n, migration in enumerate(plan.history.proposed)}
    return sorted(matches, key=lambda match: order[match.migration.path])


class _Clock:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = now - self._last
        self._last = now
