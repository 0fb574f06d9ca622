"""The application's code against the schema that the change leaves behind."""

from __future__ import annotations

import time

from msgspec import Struct

from pgassay.application.application import Application
from pgassay.judge import Hit
from pgassay.model import Stage, Unchecked
from pgassay.project import Project
from pgassay.settings import severity_of
from pgassay.stages.asking import matches, of_stage
from pgassay.stages.replay import Replay


class Compared(Struct, frozen=True):
    """What came of the application's code."""

    hits: tuple[Hit, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    seconds: dict[str, float] = {}


def compare_with_code(project: Project, application: Application, replayed: Replay) -> Compared:
    if replayed.schema is None or application.code is None:
        return Compared(unchecked=application.notes)
    from pgassay.application.compare import compare
    from pgassay.application.lost import Lost
    from pgassay.application.removal import Change

    started = time.perf_counter()
    rules = [
        rule
        for rule in of_stage(project, Stage.APPLICATION)
        if severity_of(rule, project.settings, runs_once=True) is not None
    ]
    lost = Lost.of(replayed.explained)
    change = Change(project.history.proposed, replayed.steps)
    found = compare(application.usages, replayed.schema, application.code, rules, change, lost, matches)
    hits = tuple(Hit(rule, match, runs_once=True) for rule, match in found.matches)
    seconds = {"compare": time.perf_counter() - started}
    return Compared(hits, (*application.notes, *found.unchecked), seconds)
