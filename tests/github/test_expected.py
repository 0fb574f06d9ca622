"""What is written about two of the examples, as files to look at.

With PGASSAY_REWRITE_EXPECTED=1 they are written anew: read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from examples.build import build
from pgassay.github.model import CreateReview, EditReviewComment, EditSummary, Options, Plan
from pgassay.github.outputs import output_lines, outputs
from pgassay.github.plan import plan
from pgassay.model import Report, Severity, Verdict
from pgassay.pipeline import review
from pgassay.project import Request, open_project
from pgassay.replay.bench import Bench
from tests.benches import borrowed
from tests.fake_github.repository import Repository
from tests.figures import report_of_any_machine
from tests.render.reports import SUPABASE

from .bodies import check_that_nothing_acts
from .changes import AUTHOR, NEWER, PULL_REQUEST, applied, changed_files

EXPECTED = Path(__file__).parent / "expected"
EXAMPLES = ("learning_platform", "time_tracking")


@pytest.mark.parametrize("name", EXAMPLES)
def test_writes_are_the_expected_ones(name: str, tmp_path: Path, bench: Bench) -> None:
    folder = build(name, tmp_path / name)
    with open_project(Request(folder)) as project:
        report = review(project, borrowed(bench))
    # The same on every machine.
    report = replace(report_of_any_machine(report), server=SUPABASE, seconds={"total": 1.4})
    repository = Repository(folder)
    head = repository.sha("HEAD")
    files = changed_files(repository, "main", head)
    options = Options(head, AUTHOR)

    first = plan(report, replace(PULL_REQUEST, head_sha=head), files, (), options)
    warnings = tuple(finding for finding in report.findings if finding.severity is not Severity.ERROR)
    mended = replace(
        report, findings=warnings, verdict=Verdict.COMMENT, migrations=replace(report.migrations, failed=0)
    )
    on_it = applied(first.writes)
    second = plan(mended, replace(PULL_REQUEST, head_sha=NEWER), files, on_it, replace(options, head_sha=NEWER))
    assert len(first.writes) == 2

    output = "\n".join(
        [
            *told("first push", first, report),
            *told("second push, without the errors", second, mended),
        ]
    )
    path = EXPECTED / f"{name}.md"
    if os.environ.get("PGASSAY_REWRITE_EXPECTED"):
        path.write_text(output, encoding="utf-8")
    assert output == path.read_text(encoding="utf-8"), f"{name} differs; PGASSAY_REWRITE_EXPECTED=1 writes it anew"


def told(title: str, found: Plan, report: Report) -> Iterator[str]:
    """A line of `=` names what follows; bodies are as they are sent."""
    yield f"==== {title}\n"
    for write in found.writes:
        if isinstance(write, CreateReview):
            yield f"==== review of {write.commit}\n\n{write.body}"
            for comment in write.comments:
                lines = f"{comment.start_line} to {comment.line}" if comment.start_line else f"{comment.line}"
                yield f"==== comment on {comment.path}, {comment.side} {lines}\n\n{comment.body}"
                check_that_nothing_acts(comment.body)
        elif isinstance(write, EditReviewComment):
            yield f"==== edit of comment {write.id}\n\n{write.body}"
            check_that_nothing_acts(write.body)
        else:
            yield f"==== {'edit of the' if isinstance(write, EditSummary) else 'new'} summary\n\n{write.body}"
            check_that_nothing_acts(write.body, summary=True)
    yield "==== log\n\n{}\n".format("\n".join([*found.annotations, *found.left_out]))
    yield f"==== outputs\n\n{output_lines(outputs(report, '/tmp/pgassay/report.json'))}"


def test_every_expected_file_is_used() -> None:
    assert {path.stem for path in EXPECTED.iterdir()} == set(EXAMPLES)
