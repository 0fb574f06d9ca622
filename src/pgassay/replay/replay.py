"""The replay stage: the base quietly, then every proposed statement observed and every catalog row blamed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from pgassay.model import History, Location, Match, Migration, ObjectChange, Rule, Statement, Step, Unchecked
from pgassay.postgres import environments
from pgassay.postgres.session import Session
from pgassay.postgres.snapshot import compare, snapshot
from pgassay.replay import inventory
from pgassay.replay.base import apply_base
from pgassay.replay.bench import Bench
from pgassay.replay.blame import Appearances, Key, Row, find_rows
from pgassay.replay.execute import Executed, execute
from pgassay.replay.failures import Failure, base_note, explain, judge_steps, unjudged_note
from pgassay.replay.observe import Observer
from pgassay.replay.substitutes import Substitutes
from pgassay.sql import locate
from pgassay.supabase.privileges import DefaultPrivileges

_BASE = "pgassay_base"
_BLAME = "pgassay_blame"
# Migrations say `alter database postgres set ...`.
_CHANGE = "postgres"


class Plan(Struct, frozen=True):
    """What to replay. `baseline` is a schema dump applied before the first file; `progress` hears what comes next.

    `extra_search_path` are schemas that a request of Supabase's Data API finds names in, besides the one it is for.
    """

    history: History
    environment: str
    rules: tuple[Rule, ...]
    parameters: Mapping[str, Any]
    baseline: Migration | None = None
    progress: Callable[[str], None] = lambda _: None
    privileges: DefaultPrivileges = DefaultPrivileges("legacy")
    extra_search_path: tuple[str, ...] | None = None

    @property
    def cut_over(self) -> Migration | None:
        """The first file that runs under Supabase's new default privileges, if the history gets that far."""
        if self.environment != "supabase":
            return None
        return self.privileges.begins_with((*self.history.base, *self.history.proposed))


class CatalogMatch(Struct, frozen=True):
    """A catalog row and the proposed statement that brought it."""

    row: Row
    migration: Migration
    location: Location

    @property
    def match(self) -> Match:
        """A column called `label` is not a fact but stands beside the marker under the source line."""
        facts = dict(self.row.facts)
        return Match(
            self.location, subject=inventory.readable(self.row.identity), label=facts.pop("label", None), **facts
        )


class Replayed(Struct, frozen=True):
    steps: tuple[Step, ...]
    catalog: tuple[CatalogMatch, ...]
    schema_change: tuple[ObjectChange, ...]
    unchecked: tuple[Unchecked, ...]
    failed: frozenset[str]
    base_failed: int
    seconds: Mapping[str, float]


def replay(bench: Bench, plan: Plan) -> Replayed:
    """Raises CannotCheck when the server cannot be used or dies."""
    clock = _Clock()
    history = plan.history
    plan.progress(f"preparing {plan.environment}")
    start = "none" if plan.privileges.way == "none" else "legacy"
    environment = bench.environment(plan.environment, default_privileges=start)
    clock.lap("environment")
    with bench.clone(_BASE, environment):
        with bench.server.connect(_BASE) as session:
            substitutes = Substitutes.of(session, plan.environment)
            plan.progress(f"applying {len(history.base)} merged files")
            if plan.baseline:
                apply_base(session, [plan.baseline], substitutes)
            base_failures = _apply_merged(session, plan, substitutes)
            before = snapshot(session)
        substitutes.begin_proposed()
        clock.lap("base")
        with bench.clone(_CHANGE, _BASE), bench.server.connect(_CHANGE) as session:
            steps, appeared, rows = _observe(session, plan, substitutes)
            after = snapshot(session)
        clock.lap("replay")
        catalog: list[CatalogMatch] = []
        if appeared:
            plan.progress("finding the statements behind the findings")
            with bench.clone(_BLAME, _BASE), bench.server.connect(_BLAME) as session:
                catalog = _blame(session, plan, substitutes, appeared, rows)
        clock.lap("blame")

    step_failures = [Failure(step.migration, step.statement, step.error) for step in steps if step.error]
    explained = explain(
        [*base_failures, *step_failures],
        [*history.base, *history.proposed],
        blind=substitutes.some_are_unknown or any(file.kind == "no_sql" for file in history.left_out),
    )
    kept, unjudged = judge_steps(steps, explained, len(base_failures))
    note = base_note(history.base, explained[: len(base_failures)], unjudged)
    note = note or unjudged_note(explained[len(base_failures) :], unjudged)
    return Replayed(
        steps=tuple(kept),
        catalog=tuple(catalog),
        schema_change=compare(before, after),
        unchecked=(*([note] if note else []), *substitutes.notes()),
        failed=frozenset(failure.migration.path for failure in step_failures),
        base_failed=len({failure.migration.path for failure in base_failures}),
        seconds=clock.laps,
    )


def _apply_merged(session: Session, plan: Plan, substitutes: Substitutes) -> list[Failure]:
    if plan.extra_search_path is not None:
        # The Data API reads this from the role that it logs in with; migrations may change it later.
        path = ", ".join(plan.extra_search_path).replace("'", "''")
        session.run(f"alter role authenticator set pgrst.db_extra_search_path = '{path}'")
    files, cut_over = plan.history.base, plan.cut_over
    first_new = next((n for n, each in enumerate(files) if each is cut_over), len(files))
    failures = apply_base(session, files[:first_new], substitutes)
    if first_new < len(files):
        session.run(environments.cut_over())
        failures += apply_base(session, files[first_new:], substitutes)
    return failures


def _observe(
    session: Session, plan: Plan, substitutes: Substitutes
) -> tuple[list[Step], dict[Key, int], dict[Key, Row]]:
    """Steps of all proposed files, and for each catalog row that is new at the end the number of its file."""
    observer = Observer(session, substitutes)
    appearances = Appearances.starting(find_rows(session, plan.rules, plan.parameters))
    steps: list[Step] = []
    cut_over = plan.cut_over
    for n, migration in enumerate(plan.history.proposed):
        plan.progress(f"running {migration.path}")
        if migration is cut_over:
            session.run(environments.cut_over())
        steps += observer.steps(migration, execute(session, migration, observer))
        appearances.after(n, find_rows(session, plan.rules, plan.parameters))
    return [observer.with_restored(step) for step in steps], appearances.appeared, appearances.current


def _blame(
    session: Session, plan: Plan, substitutes: Substitutes, appeared: dict[Key, int], rows: dict[Key, Row]
) -> list[CatalogMatch]:
    """Runs the files once more on a clone, with only the rules that found something, after every statement."""
    wanted: dict[int, list[Row]] = {}
    for key, n in appeared.items():
        wanted.setdefault(n, []).append(rows[key])
    matches = []
    cut_over = plan.cut_over
    for n, migration in enumerate(plan.history.proposed[: max(wanted) + 1]):
        if migration is cut_over:
            session.run(environments.cut_over())
        guilty = _guilty_statements(session, migration, wanted.get(n, []), plan, substitutes)
        for row in wanted.get(n, []):
            statement, existed = guilty.get(row.name, (None, False))
            if existed and row.rule.only_new:
                continue
            location = locate.find(statement, row.anchor) if statement else migration.start
            matches.append(CatalogMatch(row, migration, location))
    return matches


def _guilty_statements(
    session: Session, migration: Migration, wanted: list[Row], plan: Plan, substitutes: Substitutes
) -> dict[tuple[str, str], tuple[Statement, bool]]:
    """For each wanted row the statement after which it last appeared, and whether its object existed before that."""
    rules = tuple({row.rule.id: row.rule for row in wanted}.values())
    watcher = _Blaming(session, substitutes, rules, plan.parameters)
    watcher.begin()
    execute(session, migration, watcher)
    appeared = watcher.appearances.appeared
    current = watcher.appearances.current
    return {current[key].name: (watcher.statements[n], key in watcher.on_known) for key, n in appeared.items()}


class _Blaming:
    """Asks the rules after every statement that changed something."""

    def __init__(
        self, session: Session, substitutes: Substitutes, rules: tuple[Rule, ...], parameters: Mapping[str, Any]
    ) -> None:
        self._session = session
        self._substitutes = substitutes
        self._rules = rules
        self._parameters = parameters
        self.appearances = Appearances.starting({})
        self.statements: list[Statement] = []
        self.on_known: set[Key] = set()
        self._addresses: frozenset[inventory.Address] = frozenset()

    def begin(self) -> None:
        if self._rules:
            self.appearances = Appearances.starting(find_rows(self._session, self._rules, self._parameters))
            self._addresses = inventory.addresses(self._session)

    def before(self, statement: Statement) -> None:
        self.statements.append(statement)

    def instead(self, statement: Statement) -> str | None:
        return self._substitutes.instead(statement)

    def after(self, executed: Executed) -> None:
        if self._rules and not executed.error and not self._session.failed:
            rows = find_rows(self._session, self._rules, self._parameters)
            self.on_known |= {
                key for key in rows.keys() - self.appearances.current.keys() if key[1:] in self._addresses
            }
            self.appearances.after(len(self.statements) - 1, rows)
            self._addresses = inventory.addresses(self._session)


class _Clock:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = now - self._last
        self._last = now
