"""From a report and what is on the pull request to a list of writes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from pgassay.github import comments, markers, summary
from pgassay.github.annotations import annotate
from pgassay.github.diff import Diff
from pgassay.github.markers import FindingMarker
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
from pgassay.github.ours import Ours, Threads, threads
from pgassay.github.placement import Place, Stand, stand
from pgassay.model import Finding, Location, Report, Severity
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
    ours = Ours.among(existing, options)
    is_complete = files.complete and (pull_request.changed_files or 0) <= len(files.files)
    layout = _layout(report, Diff(files), ours, options)
    edits = list(_edits(report, layout, ours, options))
    notes = (*_unlisted(is_complete, layout),)
    writes: list[Write] = []
    if layout.new:
        writes.append(_review(layout, options))
    # Before the edits: a job that is cancelled among them leaves no old verdict behind.
    writes += _summary(report, layout, notes, ours, options)
    writes += edits[:MOST_EDITS]
    left_out = (*notes, *layout.reasons, *_unedited(edits))
    return Plan(tuple(writes), annotate(report), summary.job_summary(report), left_out)


def _unique(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """By place, whatever order they came in; two with one fingerprint would take turns in one comment."""
    found: dict[str, Finding] = {}
    for finding in sorted(findings, key=_by_place):
        found.setdefault(_key(finding), finding)
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


class _Layout(Struct, frozen=True):
    """Which finding is said where. `stands` are by fingerprint; `new` get a comment, `elsewhere` have none."""

    stands: Mapping[str, Stand]
    threads: Threads
    new: tuple[Finding, ...]
    elsewhere: tuple[Finding, ...]
    reasons: tuple[str, ...]


def _layout(report: Report, diff: Diff, ours: Ours, options: Options) -> _Layout:
    stands = {_key(finding): _stand(finding, report, diff, options) for finding in report.findings}
    found = threads(report.findings, stands, ours)
    new: list[Finding] = []
    off_diff = refused = too_many = quiet = 0
    room = options.most_inline - len(found.at_home)
    for finding in sorted(report.findings, key=lambda finding: finding.severity.rank):
        fingerprint = _key(finding)
        if fingerprint in found.at_home:
            continue
        if not _is_wanted(finding.severity, options.inline):
            quiet += 1
        elif stands[fingerprint].spot is None:
            off_diff += 1
        elif fingerprint in options.refused:
            refused += 1
        elif len(new) >= room:
            too_many += 1
        else:
            new.append(finding)
    said = {*found.at_home, *map(_key, new)}
    elsewhere = [finding for finding in report.findings if _key(finding) not in said]
    reasons = {
        "on no line of the diff": off_diff,
        "on lines that GitHub refused": refused,
        f"beyond the {options.most_inline} comments that one pull request gets": too_many,
        "kept to the summary by the settings": quiet,
    }
    sentences = (f"{counted(number, 'finding')} {why}" for why, number in reasons.items() if number)
    return _Layout(stands, found, tuple(new), tuple(elsewhere), tuple(sentences))


def _key(finding: Finding) -> str:
    return markers.usable_fingerprint(finding.fingerprint)


def _stand(finding: Finding, report: Report, diff: Diff, options: Options) -> Stand:
    source = report.sources.get(finding.location.path)
    return stand(finding, diff, source.split("\n") if source else None, suggestions=options.suggestions)


def _is_wanted(severity: Severity, least: Severity | None) -> bool:
    return least is not None and severity.rank <= least.rank


def _review(layout: _Layout, options: Options) -> CreateReview:
    body = comments.review(layout.new, len(layout.elsewhere), options.id, options.head_sha)
    return CreateReview(options.head_sha, body, tuple(_inlines(layout, options)))


def _inlines(layout: _Layout, options: Options) -> Iterator[InlineComment]:
    for finding in layout.new:
        fingerprint = _key(finding)
        spot = layout.stands[fingerprint].spot
        if spot:
            yield InlineComment(
                spot.path,
                spot.end,
                comments.inline(finding, options.id, spot.suggestion).body,
                fingerprint,
                start_line=spot.start if spot.start < spot.end else None,
                side=spot.side,
                sure=spot.sure,
            )


def _edits(report: Report, layout: _Layout, ours: Ours, options: Options) -> Iterator[EditReviewComment]:
    """Comments that stand where their finding is no more come first, so that none is said twice for long."""
    for (comment, marker), finding in layout.threads.moved:
        spot = layout.stands[_key(finding)].spot
        to = Location(spot.path, spot.start, spot.end) if spot else finding.location
        yield EditReviewComment(comment.id, comments.moved(comment.body, marker, to))
    for finding in report.findings:
        if there := layout.threads.at_home.get(_key(finding)):
            yield from _brought_up_to_date(*there, finding, layout.stands[_key(finding)].spot, options)
    if not _knows_what_is_gone(report):
        return
    allowed = {(markers.usable_rule(entry.rule), entry.location.path) for entry in report.allowed}
    before = options.reviewed_before or reviewed_before(ours)
    commit = options.head_sha if before and before != options.head_sha else None
    for comment, marker in layout.threads.gone:
        may_be_allowed = (marker.rule, comment.path) in allowed
        body = comments.fixed(comment.body, marker, commit, may_be_allowed=may_be_allowed)
        yield EditReviewComment(comment.id, body)


def reviewed_before(ours: Ours) -> str | None:
    """The head that the summary is about."""
    return ours.summary[1].head if ours.summary else None


def _brought_up_to_date(
    comment: ExistingComment, marker: FindingMarker, finding: Finding, spot: Place | None, options: Options
) -> Iterator[EditReviewComment]:
    made = comments.inline(finding, options.id, spot.suggestion if spot and _still_at(comment, spot) else None)
    says = markers.OPEN, made.text, _key(finding), comments.suggestion_in(made.body)
    if (marker.state, marker.text, marker.fingerprint, comments.suggestion_in(comment.body)) != says:
        yield EditReviewComment(comment.id, made.body)


def _still_at(comment: ExistingComment, spot: Place) -> bool:
    """GitHub moves a comment along with its line; a suggestion must not land on another."""
    start = spot.start if spot.start < spot.end else None
    return (comment.path, comment.line, comment.start_line) == (spot.path, spot.end, start)


def _knows_what_is_gone(report: Report) -> bool:
    """A finding that is missing because it was not looked for is not fixed."""
    return report.stage == "check" and not report.incomplete and not report.migrations.failed


def _summary(
    report: Report, layout: _Layout, notes: Sequence[str], ours: Ours, options: Options
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
