"""The stages, in their order: discover, lint, replay, prove, compare, judge. Rendering is up to whoever asked."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from datetime import date
from typing import TYPE_CHECKING

from msgspec.structs import replace

from pgassay import judge
from pgassay.application.application import Application
from pgassay.model import Counts, Finding, Report, Stage
from pgassay.project import Project, Request, open_project
from pgassay.settings import is_off
from pgassay.stages import text
from pgassay.stages.asking import of_stage
from pgassay.stages.compare import compare_with_code
from pgassay.stages.plan import Progress
from pgassay.stages.replay import Replay, replay_of
from pgassay.stages.server import server_for

if TYPE_CHECKING:
    from pgassay.application.wanted import Meeting
    from pgassay.replay.bench import Bench


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
    linted = tuple(text.lint(project))
    after_lint = time.perf_counter()
    replayed = Replay()
    application = Application.of(project, progress) if bench else Application()
    if bench and (history.proposed or application.is_touched):
        progress("starting a throwaway PostgreSQL")
        with bench as running:
            serving = time.perf_counter()
            replayed = replay_of(project, running, progress, application)
            replayed = replace(replayed, seconds={"server": serving - after_lint, **replayed.seconds})
    compared = compare_with_code(project, application, replayed)
    unchecked = (*project.notes, *text.left_out(project, linted), *replayed.unchecked, *compared.unchecked)
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
        of_stage(project, Stage.ALLOW),
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
        unchecked=unchecked if bench else (*unchecked, *text.not_run(project)),
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


def meet(project: Project, progress: Progress = lambda _: None) -> Meeting | None:
    """The code of a project and the schema after its migrations; None when no code asks for anything."""
    from pgassay.application.lost import Lost
    from pgassay.application.wanted import Meeting

    application = Application.of(project, progress)
    if application.code is None or not application.usages:
        return None
    with server_for(project, untrusted=False) as bench:
        replayed = replay_of(replace(project, proofs=False), bench, progress, application)
    assert replayed.schema
    return Meeting(application.usages, replayed.schema, application.code, Lost.of(replayed.explained))


def check_project(project: Project, progress: Progress = lambda _: None) -> Report:
    """`check` of a project that is open already."""
    return review(project, server_for(project, untrusted=False), progress=progress)


def _sources(project: Project, findings: tuple[Finding, ...]) -> dict[str, str]:
    wanted = {finding.location.path for finding in findings}
    history = project.history
    migrations = (*history.base, *history.proposed, *history.ways_back)
    texts = {migration.path: migration.text for migration in migrations}
    texts |= {change.location.path: change.text for change in history.changed}
    return {path: text for path, text in texts.items() if path in wanted and text}
