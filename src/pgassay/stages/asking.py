"""Which rules are asked at a stage, and what they answer."""

from __future__ import annotations

from collections.abc import Iterator

from pgassay.errors import CatalogueError
from pgassay.model import History, Match, Rule, Stage
from pgassay.project import Project
from pgassay.settings import is_off

ENVIRONMENTS = frozenset({"supabase", "postgres"})


def of_stage(project: Project, stage: Stage) -> tuple[Rule, ...]:
    """Without those that are off. A group that is called like an environment is for that environment alone."""
    return tuple(
        rule
        for rule in project.rules
        if rule.stage is stage
        and (rule.group not in ENVIRONMENTS or rule.group == project.environment)
        and not is_off(rule, project.settings)
    )


def matches(rule: Rule, *arguments: object) -> Iterator[Match]:
    assert rule.check
    for match in rule.check(*arguments):
        if not isinstance(match, Match):
            raise CatalogueError(f"{rule.id}.py: its check yields {match!r}, which is no Match; correct the check.")
        yield match


def runs_once(history: History, match: Match) -> bool:
    migrations = (*history.base, *history.proposed)
    return next((migration.runs_once for migration in migrations if migration.path == match.at.path), True)
