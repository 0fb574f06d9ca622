"""What the server showed: the change replayed, and tried out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from pgassay import judge
from pgassay.application.application import Application
from pgassay.judge import Hit
from pgassay.model import (
    ObjectChange,
    Outcome,
    RelationAccess,
    Relationship,
    Schema,
    SecondRun,
    ServerInfo,
    Stage,
    Step,
    Unchecked,
)
from pgassay.project import Project
from pgassay.settings import is_off, severity_of
from pgassay.stages.asking import matches, of_stage, runs_once
from pgassay.stages.plan import Progress, plan_of
from pgassay.supabase.served import NOT_SERVED, speak_of_the_api

if TYPE_CHECKING:
    from pgassay.postgres.provider import Info
    from pgassay.replay.bench import Bench
    from pgassay.replay.failures import Explained
    from pgassay.replay.replay import Replayed
    from pgassay.supabase.privileges import DefaultPrivileges


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


def replay_of(project: Project, bench: Bench, progress: Progress, application: Application) -> Replay:
    from pgassay.proofs.prove import Prove
    from pgassay.replay.replay import replay

    plan = replace(
        plan_of(project, progress), reads_schema=bool(application.usages), queries=tuple(application.queries)
    )
    served = is_served(project, application)
    if not served:
        plan = replace(plan, parameters={**plan.parameters, "exposed_schemas": []})
    prove = Prove(
        _to_run_again(project),
        project.settings.asked,
        project.settings.proofs,
        rows=bool(of_stage(project, Stage.PROOF)),
        waits=any(rule.group == "locks" and not is_off(rule, project.settings) for rule in project.rules),
    )
    replayed = _with_waits(replay(bench, plan, prove if project.proofs else None), prove.outcome)
    hits = [Hit(found.row.rule, found.match, found.migration.runs_once) for found in replayed.catalog]
    for rule in of_stage(project, Stage.TRACE):
        for step in replayed.steps:
            hits += (Hit(rule, match, step.migration.runs_once) for match in matches(rule, step))
    for rule in of_stage(project, Stage.PROOF):
        hits += (Hit(rule, match, runs_once(project.history, match)) for match in matches(rule, prove.outcome))
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


def is_served(project: Project, application: Application) -> bool:
    """Whether Supabase's Data API is behind the database. Only where that is a guess does the code have a say."""
    settings, history = project.settings, project.history
    told = settings.environment or settings.exposed_schemas is not None or project.supabase.path
    if told or project.environment != "supabase" or "supabase" in history.layout or application.code is None:
        return True
    return application.speaks_of_supabase or speak_of_the_api((*history.base, *history.proposed))


def _with_waits(replayed: Replayed, outcome: Outcome) -> Replayed:
    """Each step with what was seen of it on tables with many rows."""
    waits = {(each.statement.location.path, each.statement.start): each for each in outcome.blocked}
    steps = (
        replace(step, blocked=waits.get((step.statement.location.path, step.statement.start)))
        for step in replayed.steps
    )
    return replace(replayed, steps=tuple(steps)) if waits else replayed


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
