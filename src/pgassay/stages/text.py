"""What files and their names say, without a server."""

from __future__ import annotations

from collections.abc import Iterator

from pgassay.judge import Hit
from pgassay.model import Stage, Unchecked
from pgassay.project import Project
from pgassay.settings import is_off, severity_of
from pgassay.stages.asking import matches, of_stage, runs_once


def lint(project: Project) -> Iterator[Hit]:
    history = project.history
    for rule in of_stage(project, Stage.HISTORY):
        yield from (Hit(rule, match, runs_once(history, match)) for match in matches(rule, history))
    for rule in of_stage(project, Stage.STATIC):
        for migration in history.proposed:
            if severity_of(rule, project.settings, runs_once=migration.runs_once) is None:
                continue
            for statement in migration.up:
                yield from (Hit(rule, match, migration.runs_once) for match in matches(rule, statement, migration))


def left_out(project: Project, hits: tuple[Hit, ...]) -> Iterator[Unchecked]:
    """Files that came with the change and were not run, one entry per reason, without those that a finding tells of."""
    told = {hit.match.at.path for hit in hits}
    reasons: dict[tuple[str, str | None], list[str]] = {}
    for entry in project.history.left_out:
        if entry.is_new and entry.what not in told:
            reasons.setdefault((entry.why, entry.next_step), []).append(entry.what)
    for (why, next_step), files in reasons.items():
        more = f" and {len(files) - 3} more files" if len(files) > 3 else ""
        yield Unchecked(", ".join(files[:3]) + more, why, next_step)


def not_run(project: Project) -> Iterator[Unchecked]:
    left = [rule.id for rule in project.rules if rule.stage.needs_server and not is_off(rule, project.settings)]
    if left:
        yield Unchecked(f"{len(left)} rules that need a server", "lint runs none", "pgassay check")
