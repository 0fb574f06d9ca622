"""Runs the examples of a rule's page: the page that people read is the test of the rule."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from msgspec.structs import replace

from pgassay.application.files import Place
from pgassay.catalogue.examples import Case, cases
from pgassay.history import history_of
from pgassay.model import Edit, Finding, Report, Rule, Stage, Strength
from pgassay.pipeline import review
from pgassay.project import Project
from pgassay.replay.bench import Bench
from pgassay.settings import Settings, is_off
from pgassay.settings_file import settings_of
from pgassay.sql import read

# What is said of a statement that the server refuses.
_REFUSED = ("does_not_apply", "does_not_parse", "forward_reference", "never_created")

# Examples say what happens, not for how long.
_ROWS = 1_000


def rehearse(rule: Rule, rules: tuple[Rule, ...], bench: Bench) -> list[str]:
    """What is wrong with the rule's examples, one sentence each with the line of the page; empty when all is well.

    Every flagged line is reported and no other; every example applies, unless that is what it shows; a good example is
    clean under all `rules`; a safe edit applied to its bad example leaves nothing to report.
    """
    problems: list[str] = []
    for case in cases(rule):
        if case.example.kind == "good":
            problems += _unexpected(case, _review(rule, rules, case, bench))
        else:
            asked = _concerned(rule, rules, case)
            report = _review(rule, asked, case, bench)
            problems += _differences(rule, case, report)
            problems += _after_edits(rule, asked, case, report, bench)
    return problems


def _concerned(rule: Rule, rules: tuple[Rule, ...], case: Case) -> tuple[Rule, ...]:
    """Without most catalog rules and proofs, which take the time: of a bad example only the rule's own findings count.

    Those that see the same hazard stay, because one of theirs may remain in its place, and those that it yields to.
    """
    if rule.stage is Stage.ALLOW or any("pgassay:" in text for text in case.current.values()):
        return rules
    return tuple(
        each
        for each in rules
        if each.stage not in (Stage.CATALOG, Stage.PROOF)
        or each.id == rule.id
        or (each.hazard and each.hazard == rule.hazard)
        or each.id in rule.yields_to
    )


def _review(rule: Rule, rules: tuple[Rule, ...], case: Case, bench: Bench) -> Report:
    settings = _settings(rule)
    history = history_of(case.merged, case.current, folder=case.folder, layout=rule.layout, read=read)
    texts, before = ({path: text.encode() for path, text in code.items()} for code in (case.code, case.merged_code))
    place = Place(Path(), None, False, texts=texts, texts_before=before)
    project = Project(replace(history, naming=settings.naming), settings, rules, rule.environment, application=place)
    borrowed: AbstractContextManager[Bench] = nullcontext(bench)
    return review(project, borrowed)


def _settings(rule: Rule) -> Settings:
    """Those that the page asks for. A rule that is off is switched on for its own examples."""
    settings = settings_of(rule.settings, f"{rule.group}/{rule.id}.md: settings")
    on = {rule.id: Strength.WARNING, **settings.rules} if is_off(rule, settings) else settings.rules
    return replace(settings, rules=on, proofs=replace(settings.proofs, rows=_ROWS))


def _differences(rule: Rule, case: Case, report: Report) -> list[str]:
    own = [finding for finding in report.findings if finding.rule == rule.id]
    found = {(finding.location.path, finding.location.start_line) for finding in own}
    problems = [f"line {case.in_page(place)}: is flagged, but not reported" for place in sorted(case.flagged - found)]
    problems += [f"line {case.in_page(place)}: is reported, but not flagged" for place in sorted(found - case.flagged)]
    if rule.id not in _REFUSED:
        problems += _unexpected(case, report, only=_REFUSED)
    return problems


def _unexpected(case: Case, report: Report, only: tuple[str, ...] | None = None) -> list[str]:
    problems = []
    for finding in report.findings:
        if only is None or finding.rule in only:
            line = case.in_page((finding.location.path, finding.location.start_line))
            problems.append(f"line {line}: {case.example.kind} example: {finding.rule}: {finding.message}")
    problems += [
        f"line {case.example.line}: {entry.what}: {entry.why}" for entry in report.unchecked if entry.essential
    ]
    if report.migrations.base_failed:
        problems.append(f"line {case.example.line}: the base of this example does not apply")
    return problems


def _after_edits(rule: Rule, rules: tuple[Rule, ...], case: Case, report: Report, bench: Bench) -> list[str]:
    own = [finding for finding in report.findings if finding.rule == rule.id and finding.edit and finding.edit.safe]
    if not own:
        return []
    edited = Case(
        case.example,
        case.folder,
        case.merged,
        _apply(own, case.current),
        frozenset(),
        case.lines,
        case.code,
        case.merged_code,
    )
    return [f"after its edit, {problem}" for problem in _differences(rule, edited, _review(rule, rules, edited, bench))]


def _apply(findings: list[Finding], texts: dict[str, str]) -> dict[str, str]:
    edits = [finding.edit for finding in findings if finding.edit]
    edited = dict(texts)
    for edit in sorted(edits, key=_bottom_up, reverse=True):
        lines = edited[edit.location.path].split("\n")
        lines[edit.location.start_line - 1 : edit.location.end_line] = edit.replacement.split("\n")
        edited[edit.location.path] = "\n".join(lines)
    return edited


def _bottom_up(edit: Edit) -> tuple[str, int]:
    return edit.location.path, edit.location.start_line
