"""From what the rules matched to the report: words, allow comments, duplicates, order, verdict. Pure."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from pgassay.catalogue.words import fill, is_given
from pgassay.model import (
    Allowance,
    AllowComment,
    Allowed,
    Evidence,
    Finding,
    Location,
    Match,
    Migration,
    Rule,
    SecondRun,
    Severity,
    Stage,
    Unchecked,
    Verdict,
)
from pgassay.settings import Settings, Waiver, severity_of
from pgassay.sql.comments import without_comments

SECOND_RUN = "second_run"
"""The hazard of rules about what happens when a file runs twice."""


class Hit(Struct, frozen=True):
    """A match and the rule that made it. `runs_once` is that of the file it lies in.

    `evidence` is there when something was seen since that is better than the rule's own.
    """

    rule: Rule
    match: Match
    runs_once: bool
    evidence: Evidence | None = None


class Judgement(Struct, frozen=True):
    findings: tuple[Finding, ...]
    allowed: tuple[Allowed, ...]
    verdict: Verdict


def judge(
    hits: Iterable[Hit],
    migrations: tuple[Migration, ...],
    settings: Settings,
    allow_rules: tuple[Rule, ...],
    not_asked: frozenset[str],
    unchecked: tuple[Unchecked, ...],
    today: date,
    known: frozenset[str] | None = None,
    in_code: tuple[AllowComment, ...] = (),
) -> Judgement:
    """`migrations` are the proposed files, in order; `allow_rules` speak about the allow comments in them.

    `not_asked` are the ids of the rules that did not run: an allow comment for one of them is not stale. `known` are
    the ids of all rules; None takes every name for one. `in_code` are allow comments in the files of application code
    that findings lie in.
    """
    findings = _one_per_hazard(_unsaid(list(_worded(hits, settings))))
    kept, allowed, allowances = _suppress(findings, migrations, settings.allow, not_asked, today, known, in_code)
    about_comments = (
        Hit(rule, match, runs_once=True)
        for rule in allow_rules
        for allowance in allowances
        for match in (rule.check(allowance) if rule.check else ())
    )
    kept += [finding for finding, _ in _worded(about_comments, settings)]
    order = {migration.path: n for n, migration in enumerate(migrations)}
    kept.sort(key=lambda finding: _position(finding.location, order))
    allowed.sort(key=lambda entry: _position(entry.location, order))
    return Judgement(_fingerprinted(kept, migrations), tuple(allowed), _verdict(kept, unchecked, settings.fail_on))


def settle(hits: Iterable[Hit], runs: Iterable[SecondRun]) -> Iterator[Hit]:
    """What rules read of a second run in the text, after it has been tried: seen where it failed, withdrawn otherwise.

    What a file that ran twice without a trace says is no fault. In one that did not, only what failed is known.
    """
    tried = {run.migration.path: run for run in runs}
    for hit in hits:
        run = tried.get(hit.match.at.path) if hit.rule.hazard == SECOND_RUN else None
        if run is None or hit.rule.stage is not Stage.STATIC:
            yield hit
        elif any(hit.match.at.start_line in each.statement.location.lines for each in run.refused):
            yield replace(hit, evidence=Evidence.OBSERVED)
        elif not run.is_clean:
            yield hit


def _worded(hits: Iterable[Hit], settings: Settings) -> Iterator[tuple[Finding, Rule]]:
    for hit in hits:
        severity = severity_of(hit.rule, settings, runs_once=hit.runs_once)
        if severity:
            yield _finding(hit, severity), hit.rule


def _finding(hit: Hit, severity: Severity) -> Finding:
    rule, match = hit.rule, hit.match
    subject = match.subject or _first(match.facts) or match.at.path
    return Finding(
        rule=rule.id,
        group=rule.group,
        severity=severity,
        evidence=hit.evidence or rule.evidence,
        location=match.at,
        message=fill(rule.message, match.facts) or rule.title,
        subject=subject,
        fingerprint="",
        facts=match.facts,
        label=match.label,
        seen=fill(rule.seen, match.facts) if rule.seen else None,
        instead=fill(rule.instead, match.facts) if rule.instead else None,
        related=match.related,
        edit=match.edit,
        url=rule.url,
        reproduction=match.reproduction,
    )


def _first(facts: Mapping[str, object]) -> str:
    """The first fact that is given, as a name."""
    fact = next((fact for fact in facts.values() if is_given(fact)), "")
    return ", ".join(map(str, fact)) if isinstance(fact, (tuple, list)) else str(fact)


def _unsaid(worded: list[tuple[Finding, Rule]]) -> Iterator[tuple[Finding, Rule]]:
    """Without what a rule that is asked first says of the same statement or relation."""
    for finding, rule in worded:
        if not any(other.rule in rule.yields_to and _same_matter(finding, other) for other, _ in worded):
            yield finding, rule


def _same_matter(one: Finding, other: Finding) -> bool:
    same_place = one.location.path == other.location.path and one.location.start_line == other.location.start_line
    return same_place or _relation(one.subject) == _relation(other.subject)


def _relation(subject: str) -> str:
    """Of `policy on table`, or of a table itself."""
    return _as_written(subject).rpartition(" on ")[2]


def _one_per_hazard(worded: Iterable[tuple[Finding, Rule]]) -> list[Finding]:
    """Where two rules found one hazard on one object or in one place, the better evidence stays.

    One rule may find it twice in one place: a DO block can make two tables.
    """
    worded = list(worded)
    best: dict[tuple[str, object], tuple[int, bool, str]] = {}
    for finding, rule in worded:
        rank = finding.evidence.rank, not rule.yields, finding.rule
        for hazard in _hazards(finding, rule):
            if hazard not in best or rank[:2] > best[hazard][:2]:
                best[hazard] = rank
    return [
        finding for finding, rule in worded if all(best[each][2] == finding.rule for each in _hazards(finding, rule))
    ]


def _hazards(finding: Finding, rule: Rule) -> tuple[tuple[str, object], ...]:
    if rule.hazard is None:
        return ()
    place = finding.location.path, finding.location.start_line
    return (rule.hazard, finding.subject), (rule.hazard, place)


def _suppress(
    findings: list[Finding],
    migrations: tuple[Migration, ...],
    waivers: tuple[Waiver, ...],
    not_asked: frozenset[str],
    today: date,
    known: frozenset[str] | None,
    in_code: tuple[AllowComment, ...],
) -> tuple[list[Finding], list[Allowed], list[Allowance]]:
    comments = [(comment, migration) for migration in migrations for comment in migration.script.allows]
    used: set[int] = set()
    kept: list[Finding] = []
    allowed: list[Allowed] = []
    for finding in findings:
        matching = [n for n, (comment, migration) in enumerate(comments) if _covers(comment, migration, finding)]
        used.update(matching)
        speaking = [comments[n][0] for n in matching] + [each for each in in_code if _covers_code(each, finding)]
        valid = [comment for comment in speaking if not _is_over(comment.until, today)]
        waiver = next((w for w in waivers if _waives(w, finding) and not _is_over(w.until, today)), None)
        if valid:
            allowed.append(Allowed(finding.rule, finding.location, valid[0].reason, valid[0].until))
        elif waiver:
            allowed.append(Allowed(finding.rule, finding.location, waiver.reason, waiver.until, waiver.owner))
        else:
            kept.append(finding)
    allowances = [
        Allowance(comment.location, comment.rule, n in used, comment.until if _is_over(comment.until, today) else None)
        for n, (comment, _) in enumerate(comments)
        if n in used or comment.rule not in not_asked
    ]
    if known is not None:
        allowances = [_unknown(each, known) if each.rule not in known else each for each in allowances]
    for migration in migrations:
        allowances += (
            Allowance(problem.location, None, problem=problem.message) for problem in migration.script.comment_problems
        )
    return kept, allowed, allowances


def _unknown(allowance: Allowance, known: frozenset[str]) -> Allowance:
    near = difflib.get_close_matches(allowance.rule or "", sorted(known), n=1)
    return replace(allowance, problem=f"no rule is called {allowance.rule}" + (f", {near[0]} is" if near else ""))


def _covers(comment: AllowComment, migration: Migration, finding: Finding) -> bool:
    location = finding.location
    if comment.rule != finding.rule or migration.path != location.path:
        return False
    if location == migration.start:
        # A finding about the file itself: a comment above its first statement speaks for it.
        first = migration.up[0].location.start_line if migration.up else comment.location.end_line + 1
        return comment.location.end_line < first or 1 in comment.covers
    return any(line in comment.covers for line in location.lines)


def _covers_code(comment: AllowComment, finding: Finding) -> bool:
    same_file = comment.location.path == finding.location.path
    return same_file and comment.rule == finding.rule and finding.location.start_line in comment.covers


def _waives(waiver: Waiver, finding: Finding) -> bool:
    if waiver.rule != finding.rule:
        return False
    return _as_written(waiver.object) == _as_written(finding.subject)


def _as_written(name: str) -> str:
    """People write `users`, the catalog says `public.users` and `"a b" on public.users`."""
    return re.sub(r"(^| on )public\.", r"\1", name.replace('"', ""))


def _is_over(until: str | None, today: date) -> bool:
    return until is not None and date.fromisoformat(until) < today


def _position(location: Location, order: Mapping[str, int]) -> tuple[int, str, int, int]:
    return order.get(location.path, len(order)), location.path, location.start_line, location.start_column or 0


def _fingerprinted(findings: list[Finding], migrations: tuple[Migration, ...]) -> tuple[Finding, ...]:
    """Rule and object, never a line, so that a finding survives a rebase.

    The second half is that alone. Where several findings share it, the first half is made of file and statement, so
    that each keeps its own when another is gone; a number tells those apart that are equal in all of that.
    """
    lines = {migration.path: migration.text.split("\n") for migration in migrations}
    shared = Counter((finding.rule, finding.subject) for finding in findings)
    seen: Counter[str] = Counter()
    result = []
    for finding in findings:
        identity = f"{finding.rule}\0{finding.subject}"
        whole = own = _digest(identity)
        if shared[finding.rule, finding.subject] > 1:
            identity += f"\0{finding.location.path}\0{_statement(finding.location, lines)}"
            seen[identity] += 1
            own = _digest(f"{identity}\0{seen[identity]}")
        result.append(replace(finding, fingerprint=own[:8] + whole[8:16]))
    return tuple(result)


def _statement(location: Location, lines: Mapping[str, list[str]]) -> str:
    """What stands there, without comments and white space."""
    return without_comments("\n".join(lines.get(location.path, [])[location.start_line - 1 : location.end_line]))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _verdict(findings: list[Finding], unchecked: tuple[Unchecked, ...], fail_on: Severity) -> Verdict:
    if any(finding.severity.rank <= fail_on.rank for finding in findings):
        return Verdict.BLOCK
    unjudged = any(entry.essential for entry in unchecked)
    return Verdict.COMMENT if findings or unjudged else Verdict.PASS
