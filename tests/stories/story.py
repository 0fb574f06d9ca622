"""Stories: what is merged, what a change proposes, and what pgassay says about it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import replace

from pgassay.catalogue.load import builtin_rules
from pgassay.history import history_of
from pgassay.model import Finding, Report, Rule, Severity
from pgassay.pipeline import review
from pgassay.project import Project
from pgassay.replay.bench import Bench
from pgassay.settings import Proofs, Settings
from pgassay.sql import read
from tests.benches import borrowed

RULES = builtin_rules()
FOLDERS = {"supabase": "supabase/migrations", "plain": "migrations"}

Files = Mapping[str, str]
NOTHING: Files = {}
USUAL = Settings()


class Told(Struct, frozen=True):
    """The report on a story, with its files named as the story names them."""

    report: Report
    folder: str

    @property
    def findings(self) -> list[str]:
        """Each as `file:line rule`, in the order of the report."""
        return [f"{self.place(finding)} {finding.rule}" for finding in self.report.findings]

    def place(self, finding: Finding) -> str:
        return f"{finding.location.path.removeprefix(f'{self.folder}/')}:{finding.location.start_line}"

    def says(self, *expected: str) -> Told:
        """These findings and no others, about a change that could be judged whole on merged files that apply."""
        assert self.report.migrations.base_failed == 0, self.report.unchecked
        assert not self.report.incomplete, self.report.unchecked
        return self.says_at_least_that_it_found(*expected)

    def says_at_least_that_it_found(self, *expected: str) -> Told:
        """These findings and no others but notes, whatever could not be checked."""
        told = "\n".join(f"{self.place(f)} {f.rule}: {f.message}" for f in self.report.findings)
        found = [place for place, f in zip(self.findings, self.report.findings, strict=True) if _is_told(f, expected)]
        assert sorted(found) == sorted(expected), told or "nothing found"
        return self

    def only(self, rule: str) -> Finding:
        """The one finding of a rule."""
        (finding,) = (each for each in self.report.findings if each.rule == rule)
        return finding


def _is_told(finding: Finding, expected: tuple[str, ...]) -> bool:
    """A note is advice about style: of interest to the stories that expect it, in the way of all others."""
    return finding.severity is not Severity.NOTE or any(line.endswith(f" {finding.rule}") for line in expected)


class Teller:
    """`story(merged={...}, proposed={...}).says("20260101000000_x.sql:3 table_rewrite")`."""

    def __init__(self, bench: Bench, rules: tuple[Rule, ...] = RULES) -> None:
        self._bench = bench
        self._rules = rules

    def __call__(
        self,
        *,
        proposed: Files,
        merged: Files = NOTHING,
        layout: str = "supabase",
        environment: str = "supabase",
        settings: Settings = USUAL,
    ) -> Told:
        if settings.proofs.rows == Proofs().rows:
            # Stories say what happens, not for how long.
            settings = replace(settings, proofs=replace(settings.proofs, rows=1_000))
        folder = FOLDERS[layout]
        texts = [{f"{folder}/{name}": text for name, text in files.items()} for files in (merged, proposed)]
        history = history_of(texts[0], texts[0] | texts[1], folder=folder, layout=layout, read=read)
        history = replace(history, naming=settings.naming)
        report = review(Project(history, settings, self._rules, environment), borrowed(self._bench))
        return Told(report, folder)
