"""`pgassay rows`: what rows the proofs would try on every table, after all migrations."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from pgassay.model import ServerInfo, Unchecked
from pgassay.project import Project, Request, open_project
from pgassay.stages.plan import plan_of
from pgassay.stages.server import server_for

if TYPE_CHECKING:
    from pgassay.replay.bench import Bench
    from pgassay.replay.ground import Ground


class MadeTable(Struct, frozen=True):
    """`rows` by column, as JSON has them; `reason` says why there are none.

    `without_triggers` tells that its triggers were disabled, because they refused every row.
    """

    name: str
    rows: tuple[Mapping[str, Any], ...] = ()
    reason: str | None = None
    without_triggers: bool = False


class Made(Struct, frozen=True):
    tables: tuple[MadeTable, ...]
    unchecked: tuple[Unchecked, ...]
    server: ServerInfo

    @property
    def filled(self) -> int:
        return sum(bool(table.rows) for table in self.tables)


def made(request: Request, progress: Callable[[str], None] = lambda _: None) -> Made:
    """Raises whatever `check` raises."""
    with open_project(request) as project, server_for(project, untrusted=False) as bench:
        return made_on(bench, project, progress)


def made_on(bench: Bench, project: Project, progress: Callable[[str], None] = lambda _: None) -> Made:
    from pgassay.replay.replay import replay

    tables: list[MadeTable] = []
    notes: list[Unchecked] = []

    def fill(ground: Ground) -> None:
        found, note = _filled(ground)
        tables.extend(found)
        notes.extend([note] if note else [])

    replayed = replay(bench, replace(plan_of(project, progress), rules=()), fill)
    info = bench.server.info
    server = ServerInfo(info.version, info.provider, project.environment)
    return Made(tuple(tables), (*project.notes, *replayed.unchecked, *notes), server)


def _filled(ground: Ground) -> tuple[list[MadeTable], Unchecked | None]:
    from pgassay.proofs.facts import read_facts
    from pgassay.proofs.fill import Filler
    from pgassay.proofs.stock import FOREIGN
    from pgassay.proofs.variants import COMPLETE, HURTING

    with ground.bench.server.connect(ground.after) as session:
        facts = read_facts(session)
        tables = [
            each for each in facts.relations if each.is_table and not each.is_partition and each.schema not in FOREIGN
        ]
        session.run("begin; set local statement_timeout = 0; set local lock_timeout = 0")
        filler = Filler(session, facts, ground.plan.given)
        filler.fill_all(each.key for each in tables)
        for variant in (COMPLETE, *HURTING):
            for table in tables:
                filler.add(table, variant)
        session.run("rollback")
    family = filler.family
    letters = ("a", "b", COMPLETE.letter, *(each.letter for each in HURTING))
    found = []
    for table in tables:
        rows = [row for letter in letters if (row := family.of(letter, table))]
        documents = {row.place: json.loads(row.document) for row in rows}
        reason = None if rows else family.reasons.get(table.key)
        quiet = table.key in family.quietened
        found.append(MadeTable(table.display, tuple(documents.values()), reason, quiet))
    problem = family.seed_problem
    return found, Unchecked("a part of the seed", problem) if problem else None
