"""The stages, in their order: discover, lint, replay, prove, compare, judge. Rendering is up to whoever asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from pgassay import judge
from pgassay.application.application import Application
from pgassay.errors import CatalogueError, Unconfined
from pgassay.judge import Hit
from pgassay.model import (
    Counts,
    Finding,
    History,
    Match,
    ObjectChange,
    Outcome,
    RelationAccess,
    Relationship,
    Report,
    Rule,
    Schema,
    SecondRun,
    ServerInfo,
    Stage,
    Step,
    Unchecked,
)
from pgassay.project import Project, Request, open_project
from pgassay.settings import Settings, is_off, severity_of
from pgassay.supabase.served import NOT_SERVED, speak_of_the_api

if TYPE_CHECKING:
    from pgassay.application.wanted import Meeting
    from pgassay.postgres.provider import Info, Template
    from pgassay.replay.bench import Bench
    from pgassay.replay.failures import Explained
    from pgassay.replay.plan import Plan
    from pgassay.replay.replay import Replayed
    from pgassay.supabase.privileges import DefaultPrivileges

Progress = Callable[[str], None]

ENVIRONMENTS = frozenset({"supabase", "postgres"})


_NOT_TRIED = Unchecked(
    "who may do what, what becomes of rows, what a second run does, who waits",
    "proofs are left out",
    "pgassay check without `--without proofs`",
)


class Replay(Struct, frozen=True):
    """What came of the server stages; empty for lint."""

    hits: tuple[Hit, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    schema_change: tuple[ObjectChange, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    access: tuple[RelationAccess, ...] = ()
    second_runs: tuple[SecondRun, ...] = ()
    failed: frozenset[str] = frozenset()
    base_failed: int = 0
    contained: int = 0
    server: ServerInfo | None = None
    seconds: dict[str, float] = {}
    schema: Schema | None = None
    explained: tuple[Explained, ...] = ()
    steps: tuple[Step, ...] = ()


def check(request: Request, progress: Progress = lambda _: None, *, untrusted: bool = False) -> Report:
    """The main job. Raises UsageError and its kin for bad input, CannotCheck when there is no server.

    SQL that is `untrusted` runs in a whole sandbox or, with Unconfined, not at all.
    """
    started = time.perf_counter()
    with open_project(request) as project:
        return review(project, server_for(project, untrusted), progress=progress, started=started)


def lint(request: Request) -> Report:
    """The stages that need no server."""
    started = time.perf_counter()
    with open_project(request) as project:
        return review(project, None, started=started)


@contextmanager
def server_for(project: Project, untrusted: bool) -> Iterator[Bench]:
    """With everything on it that an earlier run has left for this one."""
    from pgassay.replay import kept
    from pgassay.replay.bench import template

    plan = plan_of(project)
    environment = template(plan.environment, plan.privileges.at_first)
    with throwaway_server(project.settings, project.supabase.major_version, environment, kept.name(plan)) as bench:
        missing = bench.server.info.unconfined
        if untrusted and missing:
            raise Unconfined(f"the sandbox around the server is not whole: {missing}")
        yield bench


@contextmanager
def throwaway_server(
    settings: Settings | None = None,
    wanted_major: int | None = None,
    template: Template | None = None,
    base: str | None = None,
) -> Iterator[Bench]:
    """The server that the settings name, for one run: whatever it made is gone at the end of the block.

    `template` and `base` name what a server that can keep things keeps for the next run.
    """
    from pgassay.postgres.choose import open_provider
    from pgassay.postgres.embedded import Embedded
    from pgassay.replay.bench import Bench

    settings = settings or Settings()
    shared = settings.allow_shared_server
    provider = open_provider(settings.postgres, wanted_major, allow_shared_server=shared, template=template, base=base)
    with provider as server:
        yield Bench(server, server.keep if isinstance(server, Embedded) else None)


def review(
    project: Project,
    bench: AbstractContextManager[Bench] | None,
    *,
    progress: Progress = lambda _: None,
    started: float | None = None,
    today: date | None = None,
) -> Report:
    """All stages but discover. Without proposed migrations no server is started."""
    started = started or time.perf_counter()
    history, settings = project.history, project.settings
    discovered = time.perf_counter()
    linted = tuple(_lint(project))
    after_lint = time.perf_counter()
    replayed = Replay()
    application = Application.of(project, progress) if bench else Application()
    if bench and (history.proposed or application.is_touched):
        progress("starting a throwaway PostgreSQL")
        with bench as running:
            serving = time.perf_counter()
            replayed = _replay(project, running, progress, application)
            replayed = replace(replayed, seconds={"server": serving - after_lint, **replayed.seconds})
    compared = _compare(project, application, replayed)
    unchecked = (*project.notes, *_left_out(project, linted), *replayed.unchecked, *compared.unchecked)
    judged = time.perf_counter()
    not_asked = frozenset(
        rule.id
        for rule in project.rules
        if (rule.stage.needs_server and not bench)
        or (rule.stage is Stage.PROOF and not project.proofs)
        or is_off(rule, settings)
    )
    judgement = judge.judge(
        [*judge.settle(linted, replayed.second_runs), *replayed.hits, *compared.hits],
        (*history.proposed, *history.ways_back),
        settings,
        _of_stage(project, Stage.ALLOW),
        not_asked,
        unchecked,
        today or date.today(),
        frozenset(rule.id for rule in project.rules),
        application.allow_comments(hit.match.at.path for hit in compared.hits),
    )
    finished = time.perf_counter()
    seconds = {"discover": discovered - started, "lint": after_lint - discovered, **replayed.seconds}
    return Report(
        stage="check" if bench else "lint",
        verdict=judgement.verdict,
        findings=judgement.findings,
        allowed=judgement.allowed,
        unchecked=unchecked if bench else (*unchecked, *_not_run(project)),
        schema_change=replayed.schema_change,
        migrations=Counts(
            base=len(history.base) + replayed.contained,
            proposed=len(history.proposed) - replayed.contained,
            applied=len(history.proposed) - replayed.contained - len(replayed.failed) if replayed.server else 0,
            failed=len(replayed.failed),
            base_failed=replayed.base_failed,
        ),
        server=replayed.server,
        seconds={
            **seconds,
            **application.seconds,
            **compared.seconds,
            "judge": finished - judged,
            "total": finished - started,
        },
        sources=_sources(project, judgement.findings) | application.sources(judgement.findings),
        base_ref=history.base_ref,
        relationships=replayed.relationships,
        access=replayed.access,
    )


def _lint(project: Project) -> Iterator[Hit]:
    history = project.history
    for rule in _of_stage(project, Stage.HISTORY):
        yield from (Hit(rule, match, _runs_once(history, match)) for match in _matches(rule, history))
    for rule in _of_stage(project, Stage.STATIC):
        for migration in history.proposed:
            if severity_of(rule, project.settings, runs_once=migration.runs_once) is None:
                continue
            for statement in migration.up:
                yield from (Hit(rule, match, migration.runs_once) for match in _matches(rule, statement, migration))


def plan_of(project: Project, progress: Progress = lambda _: None) -> Plan:
    """What there is to replay of a project."""
    from pgassay.replay.plan import Plan

    parameters = {
        "exposed_schemas": list(project.settings.exposed(project.environment, project.supabase)),
        "protected_tables": project.settings.cascade.patterns,
        "realtime_tables": project.settings.realtime.patterns,
        "public_tables": project.settings.public,
        "audit_tables": project.settings.cascade.audit_patterns,
        "environment": project.environment,
        "naming_kinds": list(project.settings.naming.patterns),
        "naming_patterns": list(project.settings.naming.patterns.values()),
    }
    rules = _of_stage(project, Stage.CATALOG)
    privileges = project.settings.privileges(project.supabase)
    return Plan(
        project.history,
        project.environment,
        rules,
        parameters,
        project.baseline,
        progress,
        privileges,
        project.supabase.extra_search_path,
        table_rows=project.settings.tables.patterns,
        given=project.settings.rows.given(project.seed.up if project.seed else ()),
        elsewhere=partial(_declared_elsewhere, project),
    )


def _is_served(project: Project, application: Application) -> bool:
    """Whether Supabase's Data API is behind the database. Only where that is a guess does the code have a say."""
    settings, history = project.settings, project.history
    told = settings.environment or settings.exposed_schemas is not None or project.supabase.path
    if told or project.environment != "supabase" or "supabase" in history.layout or application.code is None:
        return True
    return application.speaks_of_supabase or speak_of_the_api((*history.base, *history.proposed))


def _declared_elsewhere(project: Project, names: Collection[str]) -> Mapping[str, str]:
    from pgassay.history.elsewhere import declared_elsewhere

    place = project.application
    if place is None or place.texts is not None:
        return {}
    history = project.history
    own = {history.folder, *(each.path for each in history.proposed)}
    return declared_elsewhere(place.root, own, names)


def _replay(project: Project, bench: Bench, progress: Progress, application: Application) -> Replay:
    from pgassay.proofs.prove import Prove
    from pgassay.replay.replay import replay

    plan = replace(
        plan_of(project, progress), reads_schema=bool(application.usages), queries=tuple(application.queries)
    )
    served = _is_served(project, application)
    if not served:
        plan = replace(plan, parameters={**plan.parameters, "exposed_schemas": []})
    prove = Prove(
        _to_run_again(project),
        project.settings.asked,
        project.settings.proofs,
        rows=bool(_of_stage(project, Stage.PROOF)),
        waits=any(rule.group == "locks" and not is_off(rule, project.settings) for rule in project.rules),
    )
    replayed = _with_waits(replay(bench, plan, prove if project.proofs else None), prove.outcome)
    hits = [Hit(found.row.rule, found.match, found.migration.runs_once) for found in replayed.catalog]
    for rule in _of_stage(project, Stage.TRACE):
        for step in replayed.steps:
            hits += (Hit(rule, match, step.migration.runs_once) for match in _matches(rule, step))
    for rule in _of_stage(project, Stage.PROOF):
        hits += (Hit(rule, match, _runs_once(project.history, match)) for match in _matches(rule, prove.outcome))
    info = bench.server.info
    return Replay(
        hits=tuple(hits),
        unchecked=(
            *replayed.unchecked,
            *(prove.unchecked if project.proofs else [_NOT_TRIED]),
            *info.limits,
            *_other_server(project, info),
            *_undated(project, plan.privileges),
            *([] if served else [NOT_SERVED]),
        ),
        schema_change=replayed.schema_change,
        relationships=replayed.relationships,
        access=prove.outcome.access,
        second_runs=prove.outcome.second_runs,
        failed=replayed.failed,
        base_failed=replayed.base_failed,
        contained=replayed.contained,
        server=ServerInfo(info.version, info.provider, project.environment),
        seconds={**replayed.seconds, **{f"prove.{name}": taken for name, taken in prove.seconds.items()}},
        schema=replayed.schema,
        explained=replayed.explained,
        steps=replayed.steps,
    )


def _with_waits(replayed: Replayed, outcome: Outcome) -> Replayed:
    """Each step with what was seen of it on tables with many rows."""
    waits = {(each.statement.location.path, each.statement.start): each for each in outcome.blocked}
    steps = (
        replace(step, blocked=waits.get((step.statement.location.path, step.statement.start)))
        for step in replayed.steps
    )
    return replace(replayed, steps=tuple(steps)) if waits else replayed


class Compared(Struct, frozen=True):
    """What came of the application's code."""

    hits: tuple[Hit, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    seconds: dict[str, float] = {}


def _compare(project: Project, application: Application, replayed: Replay) -> Compared:
    if replayed.schema is None or application.code is None:
        return Compared(unchecked=application.notes)
    from pgassay.application.compare import compare
    from pgassay.application.lost import Lost
    from pgassay.application.removal import Change

    started = time.perf_counter()
    rules = [
        rule
        for rule in _of_stage(project, Stage.APPLICATION)
        if severity_of(rule, project.settings, runs_once=True) is not None
    ]
    lost = Lost.of(replayed.explained)
    change = Change(project.history.proposed, replayed.steps)
    found = compare(application.usages, replayed.schema, application.code, rules, change, lost, _matches)
    hits = tuple(Hit(rule, match, runs_once=True) for rule, match in found.matches)
    seconds = {"compare": time.perf_counter() - started}
    return Compared(hits, (*application.notes, *found.unchecked), seconds)


def meet(project: Project, progress: Progress = lambda _: None) -> Meeting | None:
    """The code of a project and the schema after its migrations; None when no code asks for anything."""
    from pgassay.application.lost import Lost
    from pgassay.application.wanted import Meeting

    application = Application.of(project, progress)
    if application.code is None or not application.usages:
        return None
    with server_for(project, untrusted=False) as bench:
        replayed = _replay(replace(project, proofs=False), bench, progress, application)
    assert replayed.schema
    return Meeting(application.usages, replayed.schema, application.code, Lost.of(replayed.explained))


def check_project(project: Project, progress: Progress = lambda _: None) -> Report:
    """`check` of a project that is open already."""
    return review(project, server_for(project, untrusted=False), progress=progress)


def _other_server(project: Project, info: Info) -> Iterator[Unchecked]:
    wanted = project.supabase.major_version
    if wanted and wanted != info.major:
        from pgassay.postgres.binaries import OLDEST_MAJOR, VARIABLE

        old = wanted < OLDEST_MAJOR
        found_here = project.settings.postgres == "embedded"
        place = f"install PostgreSQL {wanted}, or name its folder in {VARIABLE}" if found_here else None
        yield Unchecked(
            f"what only PostgreSQL {wanted} does, which {project.supabase.path} asks for",
            f"this server is PostgreSQL {info.version}" + (f", and {OLDEST_MAJOR} is the oldest that is safe" * old),
            None if old else place or f"name a server of PostgreSQL {wanted} in `postgres`",
        )


def _to_run_again(project: Project) -> frozenset[str]:
    """Files of which a rule asks what a second run does; a folder's runner that runs each once switches them off."""
    rules = [rule for rule in project.rules if rule.hazard == judge.SECOND_RUN]
    return frozenset(
        migration.path
        for migration in project.history.proposed
        if any(severity_of(rule, project.settings, runs_once=migration.runs_once) for rule in rules)
    )


def _undated(project: Project, privileges: DefaultPrivileges) -> Iterator[Unchecked]:
    note = privileges.note(project.history.base, project.history.proposed)
    if note and project.environment == "supabase":
        yield note


def _of_stage(project: Project, stage: Stage) -> tuple[Rule, ...]:
    """Without those that are off. A group that is called like an environment is for that environment alone."""
    return tuple(
        rule
        for rule in project.rules
        if rule.stage is stage
        and (rule.group not in ENVIRONMENTS or rule.group == project.environment)
        and not is_off(rule, project.settings)
    )


def _matches(rule: Rule, *arguments: object) -> Iterator[Match]:
    assert rule.check
    for match in rule.check(*arguments):
        if not isinstance(match, Match):
            raise CatalogueError(f"{rule.id}.py: its check yields {match!r}, which is no Match; correct the check.")
        yield match


def _runs_once(history: History, match: Match) -> bool:
    migrations = (*history.base, *history.proposed)
    return next((migration.runs_once for migration in migrations if migration.path == match.at.path), True)


def _left_out(project: Project, hits: tuple[Hit, ...]) -> Iterator[Unchecked]:
    """Files that came with the change and were not run, one entry per reason, without those that a finding tells of."""
    told = {hit.match.at.path for hit in hits}
    reasons: dict[tuple[str, str | None], list[str]] = {}
    for entry in project.history.left_out:
        if entry.is_new and entry.what not in told:
            reasons.setdefault((entry.why, entry.next_step), []).append(entry.what)
    for (why, next_step), files in reasons.items():
        more = f" and {len(files) - 3} more files" if len(files) > 3 else ""
        yield Unchecked(", ".join(files[:3]) + more, why, next_step)


def _not_run(project: Project) -> Iterator[Unchecked]:
    left = [rule.id for rule in project.rules if rule.stage.needs_server and not is_off(rule, project.settings)]
    if left:
        yield Unchecked(f"{len(left)} rules that need a server", "lint runs none", "pgassay check")


def _sources(project: Project, findings: tuple[Finding, ...]) -> dict[str, str]:
    wanted = {finding.location.path for finding in findings}
    history = project.history
    migrations = (*history.base, *history.proposed, *history.ways_back)
    texts = {migration.path: migration.text for migration in migrations}
    texts |= {change.location.path: change.text for change in history.changed}
    return {path: text for path, text in texts.items() if path in wanted and text}
