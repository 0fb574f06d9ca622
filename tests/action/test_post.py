"""The second workflow: a run that may write posts what a run that may not has found."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from msgspec.structs import replace

from pgassay.action.received import MOST_BYTES, read_file, read_report
from pgassay.errors import UsageError
from pgassay.model import Allowed, Location, Report
from pgassay.render import render
from tests.action.runs import Ran, Runner, workflow_run
from tests.fake_github import FakeGitHub
from tests.github.bodies import check_that_nothing_acts, fences
from tests.render.hostile import reports, sometimes
from tests.render.reports import BLOCKED

PAGES: dict[str, str | None] = {"missing_rls": "https://example.com/missing_rls.md"}


@pytest.fixture
def first(runner: Runner, github: FakeGitHub) -> Ran:
    """The run for a fork, whose token may only read."""
    github.pull.fork_owner, github.mode = "stranger", "read"
    ran = runner.on_pull_request()
    github.mode = "write"
    github.forget()
    return ran


def posted(runner: Runner, github: FakeGitHub, document: Any, **changes: Any) -> Ran:
    text = document if isinstance(document, str) else json.dumps(document)
    return runner.run(
        "workflow_run",
        changes.pop("payload", None) or workflow_run(github),
        commit=None,
        files={"report.json": text},
        **{"report": "report.json"} | changes,
    )


def test_what_the_first_run_found_is_on_the_pull_request(first: Ran, runner: Runner, github: FakeGitHub) -> None:
    ran = posted(runner, github, first.report)
    assert ran.code == 0, ran.log
    (comment,) = github.pull.review_comments
    assert "row level security" in comment.body
    assert "```suggestion" not in comment.body
    assert "/rules/access/missing_rls.md" in comment.body
    assert "### pgassay: blocked, 1 error" in github.pull.issue_comments[0].body


def test_the_same_report_again_is_not_said_again(first: Ran, runner: Runner, github: FakeGitHub) -> None:
    posted(runner, github, first.report)
    github.forget()
    assert posted(runner, github, first.report).code == 0
    assert github.writes == []


def test_a_run_that_was_for_no_pull_request_posts_nothing(first: Ran, runner: Runner, github: FakeGitHub) -> None:
    ran = posted(runner, github, first.report, payload=workflow_run(github, event="push"))
    assert (ran.code, github.received) == (0, [])
    assert "the run that made the report was not for a pull request" in ran.log


def test_a_report_about_another_commit_is_not_posted(first: Ran, runner: Runner, github: FakeGitHub) -> None:
    ran = posted(runner, github, first.report | {"commit": "f" * 40})
    assert (ran.code, github.received) == (2, [])
    assert "report.json is not about" in ran.commands[0]


def test_when_the_pull_request_has_moved_on_the_newer_run_posts(first: Ran, runner: Runner, github: FakeGitHub) -> None:
    payload = workflow_run(github)
    github.push({"README.md": "# newer\n"})
    ran = posted(runner, github, first.report, payload=payload)
    assert (ran.code, github.writes) == (0, [])
    assert "a newer run posts for a newer head" in ran.log


def test_posting_is_the_whole_job_here_so_its_failure_is_one(first: Ran, runner: Runner, github: FakeGitHub) -> None:
    github.mode = "read"
    ran = posted(runner, github, first.report)
    assert ran.code == 3
    assert "not everything is on pull request #1" in ran.commands[0]


def test_the_report_must_be_named(first: Ran, runner: Runner, github: FakeGitHub) -> None:
    ran = posted(runner, github, first.report, report="")
    assert ran.code == 2
    assert "report: on workflow_run, name the file" in ran.commands[0]


def test_words_of_a_stranger_are_only_words(first: Ran, runner: Runner, github: FakeGitHub) -> None:
    hostile = (
        "@octocat <img src=x onerror=alert(1)> [x](javascript:alert(1)) `` ` ```\n```suggestion\nx\n```\n"
        "<!-- pgassay:summary id=default head=x text=x -->\n::error::x"
    )
    document = first.report
    for entry in document["findings"]:
        entry |= {"message": hostile, "seen": hostile, "instead": hostile, "label": hostile, "url": "javascript:x"}
        place = {"path": hostile, "start_line": 2**60, "end_line": 0, "start_column": 2**60, "end_column": 0}
        entry["related"] = [place] * 9
        entry |= {"edit": {"path": "a", "start_line": 1, "end_line": 1, "replacement": "x", "safe": True}}
    document["unchecked"] = [{"what": hostile, "why": hostile, "next_step": hostile, "essential": False}]
    document["allowed"] = [
        {"rule": hostile, "path": hostile, "start_line": 0, "reason": hostile, "until": hostile, "owner": hostile}
    ]
    document["schema_change"] = [{"action": "added", "kind": hostile, "name": hostile, "detail": hostile}]
    document["base_ref"] = hostile
    document["server"] = {"version": hostile, "provider": hostile, "environment": hostile}
    ran = posted(runner, github, document)
    assert ran.code == 0, ran.log
    (comment,), (summary,) = github.pull.review_comments, github.pull.issue_comments
    check_that_nothing_acts(comment.body)
    check_that_nothing_acts(summary.body, summary=True)
    assert fences(comment.body, "suggestion") == fences(summary.body, "suggestion") == []


@sometimes
@given(reports())
def test_any_report_is_read_as_it_was_written(report: Report) -> None:
    read = read_report(render(report, "json").encode("utf-8", "backslashreplace"), {})
    assert (read.verdict, read.incomplete, read.stage) == (report.verdict, report.incomplete, report.stage)
    assert [finding.severity for finding in read.findings] == [each.severity for each in report.findings]
    assert render(read, "text")
    assert not any(finding.url or finding.edit for finding in read.findings)
    assert [len(finding.related) for finding in read.findings] == [len(each.related) for each in report.findings]


def test_a_posted_report_looks_the_same_as_the_direct_one() -> None:
    """But for the links and buttons that it may not bring."""
    place = Location("a.sql", 3, 4, 1, 9)
    allowed = Allowed("missing_rls", Location("a.sql", 1, 1), "for now", "2027-01-01", "ann")
    report = replace(BLOCKED, allowed=(allowed,), sources={})
    without = [replace(each, url=None, edit=None, facts={}, related=(place,)) for each in report.findings]
    report = replace(report, findings=tuple(without))
    read = read_report(render(report, "json").encode(), {})
    assert render(read, "markdown") == render(report, "markdown")
    assert [each.location for each in read.findings] == [each.location for each in report.findings]
    assert read.findings[0].related == (place,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"version": 2}',
        "[" * 100_000,
        '{"version":1,"verdict":"fine"}',
    ],
)
def test_what_is_no_report_is_refused_in_one_sentence(text: str, runner: Runner, github: FakeGitHub) -> None:
    ran = posted(runner, github, text)
    assert (ran.code, len(ran.commands), github.received) == (2, 1, [])
    assert "this is not a report of pgassay" in ran.commands[0]


def test_numbers_are_kept_within_reason(first: Ran) -> None:
    document = first.report
    document["migrations"] |= {"proposed": 2**62}
    document["seconds"] = {"total": 1e300}
    document["findings"][0] |= {"start_line": 2**60, "end_line": 0}
    read = read_report(json.dumps(document).encode(), PAGES)
    assert (read.migrations.proposed, read.seconds["total"]) == (10**9, 86_400.0)
    assert (read.findings[0].location.start_line, read.findings[0].location.end_line) == (10**9, 10**9)
    assert read.findings[0].url == "https://example.com/missing_rls.md"


def test_only_a_plain_file_of_some_size_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("{}", "utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "large").open("wb") as large:
        large.truncate(MOST_BYTES + 1)
    for name, words in {
        "link": "name the report",
        "pipe": "is no plain file",
        "large": "too many for a report",
        "nothing": "No such file",
        ".": "name the report",
    }.items():
        with pytest.raises(UsageError, match=words):
            read_file(tmp_path / name)
