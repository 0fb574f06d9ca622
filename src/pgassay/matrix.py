"""`pgassay matrix`: who reaches what on every relation and function that the API serves, after all migrations."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from pgassay.errors import UsageError
from pgassay.model import RelationAccess, ServerInfo, Unchecked
from pgassay.project import Request, open_project
from pgassay.stages.plan import plan_of
from pgassay.stages.server import server_for


class Matrix(Struct, frozen=True):
    """`access` has what the API serves, tables first. `unchecked` says what of it is not known, and why."""

    access: tuple[RelationAccess, ...]
    unchecked: tuple[Unchecked, ...]
    server: ServerInfo


def matrix(request: Request, progress: Callable[[str], None] = lambda _: None) -> Matrix:
    """Raises UsageError for a project without the roles of an API, and whatever `check` raises."""
    from pgassay.proofs.prove import Prove
    from pgassay.replay.replay import replay

    with open_project(request) as project:
        if project.environment != "supabase":
            raise UsageError(
                f"{request.root}: the matrix is about the roles of Supabase's API, and this project has none; "
                'environment = "supabase" in pgassay.toml says otherwise.'
            )
        with server_for(project, untrusted=False) as bench:
            prove = Prove(
                asked=replace(project.settings.asked, expectations=(), everything=True), rows=False, waits=False
            )
            replayed = replay(bench, replace(plan_of(project, progress), rules=()), prove)
            info = bench.server.info
        access = sorted(prove.outcome.access, key=lambda each: (each.kind == "function", each.name))
        server = ServerInfo(info.version, info.provider, project.environment)
        return Matrix(tuple(access), (*project.notes, *replayed.unchecked, *prove.unchecked), server)
