"""Replaying texts without a catalogue, to see what the observer sees."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from pgassay.catalogue.query import compile_query
from pgassay.history.sections import whole
from pgassay.model import History, LeftOut, Migration, Mode, Rule, Stage, Step
from pgassay.replay.bench import Bench
from pgassay.replay.replay import Plan, Replayed, replay
from pgassay.sql import read


def migration(text: str, path: str = "1.sql", mode: Mode = Mode.BATCHES) -> Migration:
    return Migration(path, path.removesuffix(".sql"), path.removesuffix(".sql"), text, whole(text), read, mode)


def catalog_rule(query: str) -> Rule:
    """A rule without a page."""
    return Rule(
        "probe",
        "probes",
        Stage.CATALOG,
        "Probe",
        None,
        None,
        "0",
        "",
        "",
        (),
        query=compile_query(query, "probe.sql").text,
    )


class Watched(Struct, frozen=True):
    replayed: Replayed

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.replayed.steps

    def step(self, beginning: str) -> Step:
        """The one statement that begins with these words."""
        (step,) = (each for each in self.steps if each.statement.text.startswith(beginning))
        return step

    @property
    def errors(self) -> dict[str, str]:
        """What the server said, by the first line of the statement."""
        return {
            step.statement.text.partition("\n")[0]: f"{step.error.sqlstate} {step.error.message}"
            for step in self.steps
            if step.error
        }

    @property
    def blamed(self) -> list[str]:
        """Catalog rows as `file:line identity`."""
        return [
            f"{match.location.path}:{match.location.start_line} {match.row.identity}" for match in self.replayed.catalog
        ]


class Watch:
    """`watch("alter table ...", merged="create table ...")`: each text is a file, `1.sql` and so on."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def __call__(
        self,
        *proposed: str,
        merged: str | Sequence[str] = (),
        mode: Mode = Mode.BATCHES,
        environment: str = "postgres",
        rules: tuple[Rule, ...] = (),
        left_out: tuple[LeftOut, ...] = (),
    ) -> Watched:
        base = [migration(text, f"base_{n}.sql") for n, text in _numbered(merged)]
        new = [migration(text, f"{n}.sql", mode) for n, text in _numbered(proposed)]
        history = History("plain", ".", tuple(base), tuple(new), left_out=left_out)
        parameters = {
            "exposed_schemas": ["public"],
            "protected_tables": ["^payments$"],
            "realtime_tables": [],
            "public_tables": [],
            "audit_tables": [],
            "naming_kinds": [],
            "naming_patterns": [],
            "environment": environment,
        }
        return Watched(replay(self._bench, Plan(history, environment, rules, parameters)))

    def each(self, statements: Iterable[str], merged: str | Sequence[str]) -> dict[str, Step]:
        """What each statement does to the same merged schema, all in one replay: every one is taken back."""
        wanted = list(statements)
        watched = self(*(f"begin;\n{statement};\nrollback;" for statement in wanted), merged=merged)
        found: dict[str, Step] = {}
        for n, statement in enumerate(wanted, 1):
            *_, step, _rollback = (step for step in watched.steps if step.migration.path == f"{n}.sql")
            found[statement] = step
        return found


def _numbered(texts: str | Sequence[str]) -> Iterable[tuple[int, str]]:
    return enumerate([texts] if isinstance(texts, str) else texts, 1)


def locks(step: Step) -> set[str]:
    """`users: AccessExclusive`."""
    return {f"{lock.relation.name}: {lock.mode.removesuffix('Lock')}" for lock in step.locks}


def dropped(step: Step) -> set[str]:
    """`view names`, with a star where the statement asked for it and a plus where it is made again."""
    marks = {(True, False): " *", (False, True): " +", (True, True): " * +", (False, False): ""}
    return {f"{each.kind} {each.name}{marks[each.named, each.restored]}" for each in step.dropped}


def rewritten(step: Step) -> list[str]:
    return [relation.name for relation in step.rewrites if relation.kind != "index"]


def scanned(step: Step) -> list[str]:
    return [relation.name for relation in step.scans]
