from __future__ import annotations

import pytest
from hypothesis import given
from msgspec.structs import replace

from pgassay.github import markers
from pgassay.github.summary import LONGEST_JOB_SUMMARY, comment, has_something_to_say, job_summary
from pgassay.model import Allowed, Counts, Finding, Location, Report, Unchecked
from tests.render.hostile import ATTACKS, everywhere, reports, sometimes
from tests.render.reports import BLOCKED, CASCADE, NO_RLS, NOTHING_PROPOSED, PASSED, REWRITE, report

from .bodies import check_that_nothing_acts
from .changes import HEAD, NEWER

NONE: tuple[Finding, ...] = ()


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_means_nothing(attack: str) -> None:
    given = everywhere(attack)
    check_that_nothing_acts(comment(given, given.findings, (attack,), "default", HEAD).body, summary=True)


@sometimes
@given(reports())
def test_nothing_from_outside_acts(given: Report) -> None:
    check_that_nothing_acts(comment(given, given.findings[1:], (), "default", HEAD).body, summary=True)


def test_digest_is_of_what_is_said() -> None:
    first = comment(BLOCKED, NONE, (), "default", HEAD)
    later = comment(replace(BLOCKED, seconds={"total": 8.0}, commit=NEWER), NONE, (), "default", NEWER)
    assert first.text == later.text
    assert first.body != later.body
    for other in (
        comment(BLOCKED, (CASCADE,), (), "default", HEAD),
        comment(BLOCKED, NONE, ("a note",), "default", HEAD),
        comment(replace(BLOCKED, findings=(CASCADE,)), NONE, (), "default", HEAD),
    ):
        assert other.text != first.text


def test_findings_without_a_comment_are_explained() -> None:
    body = comment(BLOCKED, (CASCADE, NO_RLS), (), "default", HEAD).body
    _, _, details = body.partition("<summary>What to do about 2 findings without a comment on the line</summary>")
    first, second = details.partition("</details>")[0].split("\n---\n")
    assert "20260214093000_link_clients.sql:4`" in first
    assert "references users (id) on delete restrict" in first
    assert "alter table clients enable row level security;" in second


def test_notes_stand_under_the_findings() -> None:
    lines = comment(BLOCKED, NONE, ("GitHub does not list all.",), "default", HEAD).body.split("\n")
    assert lines.index("GitHub does not list all.") < lines.index("```mermaid")


@pytest.mark.parametrize("number", [1, 300, 3_000])
@pytest.mark.parametrize("filling", ["a sentence of a few words", "`a|@b`" * 50, "@|" * 5000])
def test_length_is_bounded_and_findings_are_kept_whole(number: int, filling: str) -> None:
    location = Location(f"db/{filling}.sql", 3, 3, 1, 2)
    found = tuple(replace(CASCADE, message=filling, location=location, seen=filling) for _ in range(number))
    given = report(
        findings=found,
        allowed=(Allowed("missing_rls", location, filling, filling, filling),) * number,
        unchecked=(Unchecked(filling, filling, filling),) * number,
    )
    made = comment(given, found, (), "default", HEAD).body
    assert len(made) <= 60_000
    details = made.partition("What to do about")[2].partition("</details>")[0]
    whole = details.count("<sub>")
    assert whole
    assert details.count("</sub>") == whole
    assert (f"{number - whole} more finding" in details) == (number > whole)
    page = job_summary(given)
    assert len(page) <= LONGEST_JOB_SUMMARY
    assert len(page.encode()) <= 1024 * 1024


def test_the_page_of_the_job_has_every_finding_whole() -> None:
    page = job_summary(BLOCKED)
    assert markers.read(page) is None
    assert page.startswith("### pgassay: blocked")
    for finding in (CASCADE, NO_RLS, REWRITE):
        assert page.count(f"<sub>`{finding.rule}`") == 1


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (NOTHING_PROPOSED, False),
        (PASSED, True),
        (report(migrations=Counts(base=3), findings=(CASCADE,)), True),
        (report(migrations=Counts(), unchecked=(Unchecked("all", "no server", essential=True),)), True),
        (report(migrations=Counts(), unchecked=(Unchecked("a rule", "lint runs none"),)), False),
    ],
)
def test_what_is_worth_a_comment(given: Report, expected: bool) -> None:
    assert has_something_to_say(given) is expected
    assert bool(job_summary(given)) is expected
