"""The throwaway server of one run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pgassay.errors import Unconfined
from pgassay.project import Project
from pgassay.settings import Settings
from pgassay.stages.plan import plan_of

if TYPE_CHECKING:
    from pgassay.postgres.provider import Template
    from pgassay.replay.bench import Bench


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
