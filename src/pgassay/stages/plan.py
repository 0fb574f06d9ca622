"""What there is to replay of a project."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING

from pgassay.model import Stage
from pgassay.project import Project
from pgassay.stages.asking import of_stage

if TYPE_CHECKING:
    from pgassay.replay.plan import Plan

Progress = Callable[[str], None]


def plan_of(project: Project, progress: Progress = lambda _: None) -> Plan:
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
    rules = of_stage(project, Stage.CATALOG)
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


def _declared_elsewhere(project: Project, names: Collection[str]) -> Mapping[str, str]:
    from pgassay.history.elsewhere import declared_elsewhere

    place = project.application
    if place is None or place.texts is not None:
        return {}
    history = project.history
    own = {history.folder, *(each.path for each in history.proposed)}
    return declared_elsewhere(place.root, own, names)
