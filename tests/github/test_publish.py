"""What is sent to GitHub, request by request, and what stands on the pull request afterwards."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pgassay.github.diff import GIT_DIFF, with_missing_patches
from pgassay.github.model import CreateReview, CreateSummary, EditReviewComment, EditSummary, Options
from pgassay.github.publish import publish
from pgassay.github.trouble import InDoubt, Refused
from pgassay.model import Counts, Location
from tests.fake_github import JOB_TOKEN, OCTOCAT, Author, FakeGitHub, faults
from tests.github.pull_requests import (
    BOTH,
    CASCADE,
    MERGED,
    MIGRATION,
    NO_INDEX,
    SQL,
    USERS,
    ScriptedClock,
    client,
    finding,
    ours,
    report,
    requests,
    run,
    said_twice,
    seeded,
)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(params=["", "/api/v3"], ids=["github.com", "enterprise"])
def prefix(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
def github(prefix: str, tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(seeded(tmp_path / "shop"), prefix=prefix) as fake:
        yield fake
    assert fake.violations == []
    assert said_twice(fake) == []


FIRST_LOOK = ["GET pulls/1", "GET pulls/1/files", "GET pulls/1/comments", "GET issues/1/comments"]


def test_a_first_run_looks_looks_again_and_writes_twice(github: FakeGitHub) -> None:
    published = run(github, *BOTH)
    assert requests(github) == [*FIRST_LOOK, "GET pulls/1", "POST pulls/1/reviews", "POST issues/1/comments"]
    assert [each.query.get("per_page") for each in github.received] == [None, "100", "100", "100", None, None, None]
    review, summary = github.writes
    assert {name: value for name, value in review.body.items() if name not in ("body", "comments")} == {
        "commit_id": github.pull.head_sha,
        "event": "COMMENT",
    }
    assert [{**comment, "body": comment["body"].split("\n")[1]} for comment in review.body["comments"]] == [
        {
            "path": MIGRATION,
            "line": 3,
            "side": "RIGHT",
            "body": "**Deleting a row of `users` deletes rows of 1 tables.**",
        },
        {"path": MIGRATION, "line": 9, "side": "RIGHT", "body": "**`client_id` has no index.**"},
    ]
    assert list(summary.body) == ["body"]
    assert [type(write) for write in published.writes_done] == [CreateReview, CreateSummary]
    assert (published.degraded, github.created) == (None, 2)
    assert ours(github) == [f"{CASCADE.fingerprint} open", f"{NO_INDEX.fingerprint} open", "summary"]


def test_a_second_run_on_the_same_commit_writes_nothing(github: FakeGitHub) -> None:
    run(github, *BOTH)
    before = len(github.received)
    published = run(github, *reversed(BOTH))
    assert requests(github, before) == [*FIRST_LOOK]
    assert (published.writes_done, published.degraded) == ((), None)


def test_the_same_findings_on_a_later_commit_edit_the_summary_alone(github: FakeGitHub) -> None:
    run(github, *BOTH)
    github.push({"README.md": "more\n"})
    published = run(github, *BOTH)
    assert [type(write) for write in published.writes_done] == [EditSummary]
    assert [(write.method, write.status) for write in github.writes[2:]] == [("PATCH", 200)]
    assert github.pull.head_sha[:7] in github.pull.issue_comments[0].body


def test_a_finding_that_moved_is_recognised(github: FakeGitHub) -> None:
    run(github, *BOTH)
    sql = "-- Clients belong to users.\n\n" + SQL
    github.push({MIGRATION: sql})
    moved = [replace(each, location=Location(MIGRATION, *[each.location.start_line + 2] * 2)) for each in BOTH]
    published = run(github, what=report(*moved, sql=sql))
    assert [type(write) for write in published.writes_done] == [EditSummary]
    assert [comment.line for comment in github.pull.review_comments] == [5, 11]


def test_a_finding_that_is_gone_is_said_to_be_fixed_and_one_that_is_back_is_not(github: FakeGitHub) -> None:
    run(github, *BOTH)
    fixed = SQL.replace(" on delete cascade", "")
    github.push({MIGRATION: fixed})
    published = run(github, what=report(NO_INDEX, sql=fixed))
    assert [type(write) for write in published.writes_done] == [EditSummary, EditReviewComment]
    assert ours(github) == [f"{CASCADE.fingerprint} fixed", f"{NO_INDEX.fingerprint} open", "summary"]
    assert github.pull.review_comments[0].line is None
    github.push({MIGRATION: SQL})
    run(github, *BOTH)
    told = [f"{CASCADE.fingerprint} fixed", f"{NO_INDEX.fingerprint} open", f"{CASCADE.fingerprint} open", "summary"]
    assert ours(github) == told
    assert github.pull.review_comments[2].line == 3
    assert [write.method for write in github.writes] == ["POST", "POST", "PATCH", "PATCH", "POST", "PATCH"]


def test_comments_of_others_are_left_alone_whatever_they_say(github: FakeGitHub) -> None:
    run(github, *BOTH)
    copied = [comment.body for comment in github.pull.review_comments]
    copied += [comment.body for comment in github.pull.issue_comments]
    github.pull.review_comments.clear()
    github.pull.issue_comments.clear()
    for body in copied:
        github.pull.comment(OCTOCAT, body)
    for _ in range(3):
        github.pull.comment(OCTOCAT, "Please have a look.")
    theirs = [comment.body for comment in github.pull.issue_comments]
    published = run(github, *BOTH)
    assert [type(write) for write in published.writes_done] == [CreateReview, CreateSummary]
    assert [comment.body for comment in github.pull.issue_comments if comment.author == OCTOCAT] == theirs


@pytest.mark.parametrize("kind", ["Bot", "User"])
def test_a_token_of_another_account_does_not_post_twice(github: FakeGitHub, kind: str) -> None:
    """The input `author` was not set for it."""
    writer = Author("our-reviews[bot]" if kind == "Bot" else "hubot", 77, kind)
    with FakeGitHub(github.pull, writer=writer) as other:
        published = run(other, *BOTH)
        assert [type(write) for write in published.writes_done] == [CreateReview, CreateSummary]
        assert published.degraded
        assert f"the token writes as {writer.login}: set the input `author` to that" in published.degraded
        other.push({"README.md": "more\n"})
        other.forget()
        published = run(other, *BOTH)
        assert other.writes == []
        assert published.degraded
        assert "set the input `author`" in published.degraded
        options = Options(other.pull.head_sha, writer.login)
        assert publish(report(*BOTH), 1, options, client(other, ScriptedClock())).degraded is None
        assert [write.method for write in other.writes] == ["PATCH"]
    assert other.violations == []


def test_fixed_in_a_commit_is_said_only_of_another_commit(github: FakeGitHub) -> None:
    run(github, *BOTH)
    run(github, NO_INDEX)
    assert github.pull.review_comments[0].body.endswith("\n\nNo longer reported.\n")
    github.push({"README.md": "more\n"})
    github.on("PATCH", "pulls/comments", faults.bad_gateway(after=False))
    run(github)
    assert github.pull.review_comments[1].body.endswith(f"\n\nFixed in {github.pull.head_sha[:7]}.\n")


def test_a_reply_is_no_reason_to_say_it_again(github: FakeGitHub) -> None:
    run(github, *BOTH)
    github.pull.reply(OCTOCAT, github.pull.review_comments[0], github.pull.review_comments[1].body)
    assert run(github, *BOTH).writes_done == ()


def test_a_summary_that_somebody_deleted_is_written_anew(github: FakeGitHub) -> None:
    run(github, *BOTH)
    github.delete(github.pull.issue_comments[0])
    assert [type(write) for write in run(github, *BOTH).writes_done] == [CreateSummary]


def test_two_runs_with_ids_of_their_own_keep_out_of_each_others_way(github: FakeGitHub) -> None:
    for name in ("one", "two", "one"):
        options = Options(head_sha=github.pull.head_sha, author=JOB_TOKEN.login, id=name)
        publish(report(CASCADE), 1, options, client(github, ScriptedClock()))
    assert len(github.writes) == 4
    assert [f"id={name} " in github.pull.issue_comments[at].body for at, name in enumerate(("one", "two"))] == [
        True
    ] * 2
    github.pull.review_comments.clear()
    github.pull.issue_comments.clear()


def test_more_than_thirty_findings_are_thirty_comments_and_a_longer_summary(github: FakeGitHub) -> None:
    many = [finding(number, line=1 + number % 10) for number in range(1, 41)]
    published = run(github, *many)
    review, summary = github.writes
    assert len(review.body["comments"]) == 30
    assert [write.status for write in github.writes] == [200, 201]
    assert "What to do about 10 findings without a comment on the line" in summary.body["body"]
    assert published.plan.left_out == ("10 findings beyond the 30 comments that one pull request gets",)
    assert run(github, *many).writes_done == ()


def test_bodies_stay_below_what_github_takes(github: FakeGitHub) -> None:
    many = [finding(number, line=1 + number % 10, message="Long. " * 2000) for number in range(1, 300)]
    published = run(github, *many)
    assert published.degraded is None
    assert max(len(write.body["body"]) for write in github.writes) <= 60_000
    assert [write.status for write in github.writes] == [200, 201]


def test_a_finding_off_the_diff_goes_to_the_summary(github: FakeGitHub) -> None:
    published = run(github, CASCADE, finding(7, location=Location(MERGED, 12, 12)))
    assert [comment["path"] for comment in github.writes[0].body["comments"]] == [MIGRATION]
    assert f"{MERGED}:12" in github.writes[1].body["body"]
    assert published.plan.left_out == ("1 finding on no line of the diff",)


def test_places_of_several_lines_name_both_ends(github: FakeGitHub) -> None:
    run(github, finding(1, location=Location(MIGRATION, 7, 10)))
    [comment] = github.writes[0].body["comments"]
    assert {name: value for name, value in comment.items() if name != "body"} == {
        "path": MIGRATION,
        "start_line": 7,
        "start_side": "RIGHT",
        "line": 10,
        "side": "RIGHT",
    }


def test_a_removed_migration_is_commented_on_the_left(tmp_path: Path, prefix: str) -> None:
    with FakeGitHub(seeded(tmp_path / "shop", **{Path(MERGED).name: None}), prefix=prefix) as github:
        removed = finding(1, location=Location(MERGED, 1, 1), rule="removed_migration")
        assert run(github, what=report(removed, sources={})).degraded is None
    assert [(entry.path, entry.side, entry.line) for entry in github.pull.review_comments] == [(MERGED, "LEFT", 1)]
    assert github.violations == []


def test_lines_far_from_a_change_take_no_comment(tmp_path: Path, prefix: str) -> None:
    edited = USERS.replace("-- line 20\n", "-- line twenty\n")
    with FakeGitHub(seeded(tmp_path / "shop", **{Path(MERGED).name: edited}), prefix=prefix) as github:
        findings = [finding(line, location=Location(MERGED, line, line)) for line in (1, 16, 17, 20, 23, 24)]
        run(github, what=report(*findings, sources={MERGED: edited}))
    assert [entry.line for entry in github.pull.review_comments] == [17, 20, 23]
    assert (github.violations, len(github.writes)) == ([], 2)


def test_a_file_without_patch_is_not_guessed_about(github: FakeGitHub) -> None:
    github.pull.without_patch.add(MIGRATION)
    published = run(github, *BOTH)
    assert [type(write) for write in published.writes_done] == [CreateSummary]
    assert "What to do about them" in github.writes[0].body["body"]


def test_what_github_minds_of_lines_that_git_named_costs_no_other_comment(tmp_path: Path, prefix: str) -> None:
    """The other file keeps its comment although GitHub refuses the review that had both."""
    other = "supabase/migrations/20260214094000_tags.sql"
    tags = "create table tags (\n  id bigint\n);\n"
    pull = seeded(tmp_path / "shop", **{Path(MIGRATION).name: SQL, Path(other).name: tags})
    pull.without_patch.add(MIGRATION)
    unified = pull.repository.git(*GIT_DIFF, pull.base_sha, pull.head_sha)
    no_key = finding(3, location=Location(other, 1, 1))
    with FakeGitHub(pull, prefix=prefix) as github:
        published = run(
            github,
            what=report(*BOTH, no_key, sources={MIGRATION: SQL, other: tags}),
            with_patches=lambda files: with_missing_patches(files, unified),
        )
    assert [write.status for write in github.writes] == [422, 200, 201]
    assert ours(github) == [f"{no_key.fingerprint} open", "summary"]
    assert published.degraded
    assert published.degraded.startswith("not every comment could be put on its line: GitHub refused")
    assert "2 findings on lines that GitHub refused" in published.plan.left_out


def test_a_list_of_files_that_ends_early_is_not_taken_for_the_whole(tmp_path: Path, prefix: str) -> None:
    change: dict[str, str | None] = {f"1{number}.sql": "select 1;\n" for number in range(5)}
    pull = seeded(tmp_path / "shop", **change, **{Path(MIGRATION).name: SQL})
    with FakeGitHub(pull, prefix=prefix, most_files=3) as github:
        files = client(github).changed_files(client(github).pull_request(1))
        assert (len(files.files), files.complete) == (3, False)
        run(github, *BOTH)
    assert "GitHub does not list all files" in github.writes[0].body["body"]
    assert github.violations == []


def test_what_is_read_of_files_and_comments(tmp_path: Path, prefix: str) -> None:
    moved = {Path(MERGED).name: None, "20260101000001_users.sql": USERS, Path(MIGRATION).name: SQL}
    with FakeGitHub(seeded(tmp_path / "shop", **moved), prefix=prefix) as github:
        files = client(github).changed_files(client(github).pull_request(1))
        assert [(file.status, file.path, file.previous_path, file.patch is None) for file in files.files] == [
            ("renamed", "supabase/migrations/20260101000001_users.sql", MERGED, True),
            ("added", MIGRATION, None, False),
        ]
        run(github, finding(1, location=Location(MIGRATION, 1, 3)), NO_INDEX)
        github.pull.reply(OCTOCAT, github.pull.review_comments[0], "Why?")
        github.pull.comment(OCTOCAT, "Please have a look.")
        github.push({MIGRATION: SQL.replace("  client_id bigint references clients (id)\n", "")})
        read = [
            (entry.kind, entry.author, entry.start_line, entry.line, entry.in_reply_to is not None)
            for entry in client(github).comments(1)
        ]
    assert read == [
        ("review", JOB_TOKEN.login, 1, 3, False),
        ("review", JOB_TOKEN.login, None, None, False),
        ("review", OCTOCAT.login, 1, 3, True),
        ("issue", JOB_TOKEN.login, None, None, False),
        ("issue", OCTOCAT.login, None, None, False),
    ]
    assert github.violations == []


def test_a_closed_pull_request_gets_nothing(github: FakeGitHub) -> None:
    github.pull.is_open = False
    published = run(github, *BOTH)
    assert (github.writes, published.writes_done) == ([], ())
    assert published.plan.left_out == ("pull request #1 is closed, so nothing is posted",)


def test_a_change_without_migrations_gets_nothing(github: FakeGitHub) -> None:
    published = run(github, what=report(migrations=Counts(base=1)))
    assert (github.writes, published.degraded) == ([], None)


def test_a_clean_run_is_one_summary(github: FakeGitHub) -> None:
    published = run(github)
    assert [type(write) for write in published.writes_done] == [CreateSummary]


def test_a_pull_request_of_a_fork_is_found_by_its_branch(github: FakeGitHub) -> None:
    github.pull.fork_owner = "hubot"
    [found] = client(github).pull_requests_from("hubot/shop", "change")
    assert (found.number, found.head_repository, found.head_sha) == (1, "hubot/shop", github.pull.head_sha)
    assert client(github).pull_requests_from("hubot/shop", "übrig&state=closed #1+2") == ()
    assert github.received[-1].query["head"] == "hubot:übrig&state=closed #1+2"
    github.pull.fork_deleted = True
    assert client(github).pull_request(1).head_repository is None


def test_many_edits_are_sent_a_second_apart(github: FakeGitHub) -> None:
    run(github, *[finding(number, line=number) for number in range(1, 9)])
    clock = ScriptedClock()
    published = run(github, clock=clock)
    assert [type(write) for write in published.writes_done] == [EditSummary] + [EditReviewComment] * 8
    assert clock.slept == [1.0] * 6


def test_annotations_and_the_page_of_the_job_are_there_in_any_case(github: FakeGitHub) -> None:
    good = run(github, *BOTH)
    github.mode = "expired"
    bad = run(github, *BOTH)
    assert [line.split("::")[1].split(" ")[0] for line in bad.plan.annotations] == ["error", "warning"]
    assert (bad.plan.annotations, bad.plan.summary_markdown) == (good.plan.annotations, good.plan.summary_markdown)
    assert (bad.plan.writes, bad.writes_done) == ((), ())


def test_an_address_with_a_slash_at_its_end(github: FakeGitHub) -> None:
    assert client(github, api_url=github.url + "/").pull_request(1).number == 1


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("token", "", "there is no token"),
        ("token", "ghs_abc\n", "the token has characters that none has"),
        ("token", "ghs_äbc", "the token has characters that none has"),
        ("api_url", "file:///etc", "GITHUB_API_URL is not the address of a server"),
        ("api_url", "", "GITHUB_API_URL is not the address of a server"),
    ],
)
def test_what_cannot_be_sent_is_not_sent(github: FakeGitHub, name: str, value: str, why: str) -> None:
    changes: dict[str, Any] = {name: value}
    with pytest.raises(Refused, match=f"^{why}$"):
        client(github, **changes).pull_request(1)
    assert github.received == []


def test_a_server_that_nobody_runs(tmp_path: Path) -> None:
    with FakeGitHub(seeded(tmp_path / "shop")) as gone:
        pass
    with pytest.raises(InDoubt, match=r"^127\.0\.0\.1:\d+ did not answer \(ConnectionError\)$"):
        client(gone, ScriptedClock()).pull_request(1)


def test_the_token_is_nowhere(
    github: FakeGitHub, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """GitHub itself, or a proxy, may say it."""
    caplog.set_level(logging.DEBUG)
    echo = f"no such thing as\r\n::error::{github.token}" + "!" * 500
    for path, status in (("/reviews$", 422), ("/reviews$", 502), ("issues/1/comments$", 403)):
        github.on("POST", path, faults.refused(status, echo))
    using = client(github, ScriptedClock())
    published = run(github, *BOTH)
    assert published.degraded
    said = [published.degraded, repr(published), repr(using), repr(github)]
    with pytest.raises(Refused) as caught:
        client(github, token=f"{github.token} x").pull_request(1)
    said += [str(caught.value), repr(caught.value), caplog.text, *capfd.readouterr()]
    assert not [text for text in said if github.token in text]
    assert "\n" not in published.degraded
    assert len(published.degraded) < 500
    assert "***" in published.degraded


def test_pygithub_is_imported_by_the_first_request_only() -> None:
    code = "import sys, pgassay.github.publish; print('github' in sys.modules, 'requests' in sys.modules)"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout == "False False\n"
