"""The one comment that is kept up to date, and the page of the job."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from pgassay.github import comments, markers
from pgassay.github.markers import SummaryMarker
from pgassay.model import Finding, Report
from pgassay.render.escape import Markdown, prose, words
from pgassay.render.markdown import LONGEST, view
from pgassay.render.markdown_template import markdown_template
from pgassay.render.words import counted

LONGEST_JOB_SUMMARY = 250_000
"""Characters. GitHub drops a page of more than 1 MiB, and a character has at most four bytes."""
_FOR_DETAILS = 20_000
_FOR_MARKER = 300
_LONGEST_REASON = 2_000
_AROUND_DETAILS = 200


class _Detail(Struct, frozen=True):
    place: Markdown
    text: Markdown


class _Details(Struct, frozen=True):
    rows: tuple[_Detail, ...]
    total: int

    @property
    def left_out(self) -> int:
        return self.total - len(self.rows)


def has_something_to_say(report: Report) -> bool:
    """Not so where no migration came with the change: that is said in the log alone."""
    return bool(report.migrations.proposed or report.findings or report.allowed or report.incomplete)


def comment(report: Report, elsewhere: Sequence[Finding], notes: Sequence[str], id: str, head: str) -> comments.Comment:
    """`elsewhere` are the findings without a comment on their line: what to do about them stands here."""
    timeless = replace(report, seconds={}, commit=None)
    text = markers.digest(_body(timeless, elsewhere, notes, LONGEST, _FOR_DETAILS))
    marker = markers.written(SummaryMarker(id, head, text))
    return comments.Comment(f"{marker}\n{_body(report, elsewhere, notes, LONGEST, _FOR_DETAILS)}", text)


def could_not_check(why: str) -> Markdown:
    """What stands in place of a report."""
    return Markdown(f"### pgassay: could not check\n\n{prose(why[:_LONGEST_REASON])}\n")


def job_summary(report: Report) -> str:
    """Every finding with all that is known about it: there may be no comments. Empty where nothing is to be said."""
    if not has_something_to_say(report):
        return ""
    return _body(report, report.findings, (), LONGEST_JOB_SUMMARY, LONGEST_JOB_SUMMARY // 2)


def _body(report: Report, elsewhere: Sequence[Finding], notes: Sequence[str], longest: int, for_details: int) -> str:
    details = _fitted(elsewhere, for_details)
    used = sum(len(row.place) + len(row.text) + _AROUND_DETAILS for row in details.rows)
    rest = longest - used - _FOR_MARKER - sum(map(len, notes))
    if len(elsewhere) == len(report.findings):
        title = f"What to do about {'it' if len(elsewhere) == 1 else 'them'}"
    else:
        title = f"What to do about {counted(len(elsewhere), 'finding')} without a comment on the line"
    return markdown_template("comment.md.j2", "pgassay.github").render(
        **view(report, rest), details=details, details_title=words(title), notes=notes
    )


def _fitted(findings: Sequence[Finding], room: int) -> _Details:
    rows: list[_Detail] = []
    for finding in findings:
        row = _Detail(comments.place(finding.location), Markdown(comments.finding_text(finding)))
        room -= len(row.place) + len(row.text) + _AROUND_DETAILS
        if room < 0:
            break
        rows.append(row)
    return _Details(tuple(rows), len(findings))
