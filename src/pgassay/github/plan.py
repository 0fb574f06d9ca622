"""From a report and what is on the pull request to a list of writes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pgassay.github import comments, markers, summary
from pgassay.github.annotations import annotate
from pgassay.github.diff import Diff
from pgassay.github.markers import FindingMarker, SummaryMarker
from pgassay.github.model import (
    ChangedFiles,
    CreateReview,
    CreateSummary,
    EditReviewComment,
    EditSummary,
    ExistingComment,
    InlineComment,
    Options,
    Plan,
    PullRequest,
    Write,
)
from pgassay.github.placement import Place, place
from pgassay.model import Finding, Report, Severity
from pgassay.render.words import counted

MOST_EDITS = 30
"""Comments that one run brings up to date; GitHub slows down who writes more, and the next run goes on."""


def plan(
    report: Report,
    pull_request: PullRequest,
    files: ChangedFiles,
    existing: Iterable[ExistingComment],
    options: Options,
) -> Plan:
    """What to write so that the pull request says what the report says, and nothing twice.

    The order of findings does not matter. Applied once, the same report plans no write.
    """
    report = replace(report, commit=options.head_sha, findings=_unique(report.findings))
    refusal = _refusal(pull_request, options)
    if refusal:
        return Plan((), annotate(report), summary.job_summary(report), (refusal,))
    ours = _Ours.among(existing, options)
    is_complete = files.complete and (pull_request.changed_files or 0) <= len(files.files)
    layout = _layout(report, Diff(files), ours, options)
    edits = list(_edits(report, layout, ours, options))
    notes = (*_unlisted(is_complete, layout),)
    writes: list[Write] = []
    if layout.new:
        writes.append(_review(layout, options))
    writes += edits[:MOST_EDITS]
    writes += _summary(report, layout, notes, ours, options)
    left_out = (*notes, *layout.reasons, *_unedited(edits))
    return Plan(tuple(writes), annotate(report), summary.job_summary(report), left_out)


def _unique(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """By place, whatever order they came in; two with one fingerprint would take turns in one comment."""
    found: dict[str, Finding] = {}
    for finding in sorted(findings, key=_by_place):
        found.setdefault(markers.usable_fingerprint(finding.fingerprint), finding)
    return tuple(found.values())


def _by_place(finding: Finding) -> tuple[str, int, int, int, str, str, str]:
    location = finding.location
    start = location.path, location.start_line, location.start_column or 0
    return (*start, finding.severity.rank, finding.rule, finding.fingerprint, finding.message)


def _refusal(pull_request: PullRequest, options: Options) -> str | None:
    if pull_request.head_sha != options.head_sha:
        return (
            f"pull request #{pull_request.number} has moved on to {pull_request.head_sha[:7]} while "
            f"{options.head_sha[:7]} was reviewed, so nothing is posted; the run for the newer commit does that"
        )
    if not pull_request.is_open:
        return f"pull request #{pull_request.number} is closed, so nothing is posted"
    return None


class _Ours(Struct, frozen=True):
    """Comments that we wrote, with what their markers say; everybody else's are left out here, and so never touched."""

    findings: tuple[tuple[ExistingComment, FindingMarker], ...]
    summary: tuple[ExistingComment, SummaryMarker] | None

    @classmethod
    def among(cls, existing: Iterable[ExistingComment], options: Options) -> _Ours:
        findings: list[tuple[ExistingComment, FindingMarker]] = []
        summaries: list[tuple[ExistingComment, SummaryMarker]] = []
        for comment in sorted(existing, key=lambda comment: comment.id):
            marker = markers.read(comment.body) if comment.author == options.author else None
            if marker is None or marker.id != options.id:
                continue
            if isinstance(marker, FindingMarker) and comment.kind == "review" and comment.in_reply_to is None:
                findings.append((comment, marker))
            elif isinstance(marker, SummaryMarker) and comment.kind == "issue":
                summaries.append((comment, marker))
        return cls(tuple(findings), summaries[0] if summaries else None)


class _Layout(Struct, frozen=True):
    """Which finding is said where. `places` are by fingerprint; `new` get a comment, `elsewhere` have none."""

    places: Mapping[str, Place]
    new: tuple[Finding, ...]
    elsewhere: tuple[Finding, ...]
    reasons: tuple[str, ...]


def _layout(report: Report, diff: Diff, ours: _Ours, options: Options) -> _Layout:
    there = {marker.fingerprint for _, marker in ours.findings}
    places: dict[str, Place] = {}
    new: list[Finding] = []
    off_diff = refused = too_many = quiet = 0
    worst_first = sorted(report.findings, key=lambda finding: finding.severity.rank)
    fingerprints = {markers.usable_fingerprint(finding.fingerprint) for finding in report.findings}
    room = options.most_inline - len(there & fingerprints)
    for finding in worst_first:
        fingerprint = markers.usable_fingerprint(finding.fingerprint)
        source = report.sources.get(finding.location.path)
        spot = place(finding, diff, source.split("\n") if source else None, suggestions=options.suggestions)
        if spot:
            places[fingerprint] = spot
        if fingerprint in there:
            continue
        if not _is_wanted(finding.severity, options.inline):
            quiet += 1
        elif spot is None:
            off_diff += 1
        elif fingerprint in options.refused:
            refused += 1
        elif len(new) >= room:
            too_many += 1
        else:
            new.append(finding)
    said = there | {markers.usable_fingerprint(finding.fingerprint) for finding in new}
    elsewhere = [f for f in report.findings if markers.usable_fingerprint(f.fingerprint) not in said]
    reasons = {
        "on no line of the diff": off_diff,
        "on lines that GitHub refused": refused,
        f"beyond the {options.most_inline} comments that one pull request gets": too_many,
        "kept to the summary by the settings": quiet,
    }
    sentences = (f"{counted(number, 'finding')} {why}" for why, number in reasons.items() if number)
    return _Layout(places, tuple(new), tuple(elsewhere), tuple(sentences))


def _is_wanted(severity: Severity, least: Severity | None) -> bool:
    return least is not None and severity.rank <= least.rank


def _review(layout: _Layout, options: Options) -> CreateReview:
    body = comments.review(layout.new, len(layout.elsewhere), options.id, options.head_sha)
    return CreateReview(options.head_sha, body, tuple(_inline(finding, layout, options) for finding in layout.new))


def _inline(finding: Finding, layout: _Layout, options: Options) -> InlineComment:
    fingerprint = markers.usable_fingerprint(finding.fingerprint)
    spot = layout.places[fingerprint]
    return InlineComment(
        spot.path,
        spot.end,
        comments.inline(finding, options.id, spot.suggestion).body,
        fingerprint,
        start_line=spot.start if spot.start < spot.end else None,
        side=spot.side,
        sure=spot.sure,
    )


def _edits(report: Report, layout: _Layout, ours: _Ours, options: Options) -> Iterator[EditReviewComment]:
    """Comments whose finding came back or changed its words, then those whose finding is gone."""
    present = {markers.usable_fingerprint(finding.fingerprint): finding for finding in report.findings}
    for comment, marker in ours.findings:
        finding = present.get(marker.fingerprint)
        if finding:
            spot = layout.places.get(marker.fingerprint)
            made = comments.inline(finding, options.id, spot.suggestion if spot and _still_at(comment, spot) else None)
            if marker.state != markers.OPEN or marker.text != made.text:
                yield EditReviewComment(comment.id, made.body)
    if not _knows_what_is_gone(report):
        return
    allowed = {(markers.usable_rule(entry.rule), entry.location.path) for entry in report.allowed}
    for comment, marker in ours.findings:
        if marker.state == markers.OPEN and marker.fingerprint not in present:
            may_be_allowed = (marker.rule, comment.path) in allowed
            body = comments.fixed(comment.body, marker, options.head_sha, may_be_allowed=may_be_allowed)
            yield EditReviewComment(comment.id, body)


def _still_at(comment: ExistingComment, spot: Place) -> bool:
    """GitHub moves a comment along with its line; a suggestion must not land on another."""
    start = spot.start if spot.start < spot.end else None
    return (comment.path, comment.line, comment.start_line) == (spot.path, spot.end, start)


def _knows_what_is_gone(report: Report) -> bool:
    """A finding that is missing because it was not looked for is not fixed."""
    return report.stage == "check" and not report.incomplete and not report.migrations.failed


def _summary(
    report: Report, layout: _Layout, notes: Sequence[str], ours: _Ours, options: Options
) -> Iterator[CreateSummary | EditSummary]:
    made = summary.comment(report, layout.elsewhere, notes, options.id, options.head_sha)
    if ours.summary is None:
        if summary.has_something_to_say(report):
            yield CreateSummary(made.body)
        return
    comment, marker = ours.summary
    if (marker.head, marker.text) != (options.head_sha, made.text):
        yield EditSummary(comment.id, made.body)


def _unlisted(is_complete: bool, layout: _Layout) -> Iterator[str]:
    if not is_complete and layout.elsewhere:
        yield (
            "GitHub does not list all files of so large a pull request, so findings in the others stand here instead "
            "of on their lines."
        )


def _unedited(edits: Sequence[EditReviewComment]) -> Iterator[str]:
    if len(edits) > MOST_EDITS:
        yield f"{counted(len(edits) - MOST_EDITS, 'older comment')} to bring up to date, which the next run does"
