"""The fake does what its README says: each rule once, asked over HTTP without any of our own code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fake_github import JOB_TOKEN, OCTOCAT, FakeGitHub, PullRequest, Repository, faults
from tests.fake_github.contract import contract

TABLE = "create table orders (\n  id bigint primary key,\n  total numeric\n);\n"
LONG = "".join(f"-- line {number}\n" for number in range(1, 41))
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture(params=["", "/api/v3"])
def github(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeGitHub]:
    repository = Repository.create(
        tmp_path / "shop",
        base={
            "long.sql": LONG,
            "old.sql": "select 'this file is moved and nothing else';\n",
            "gone.sql": "select 1;\n",
        },
        change={
            "long.sql": LONG.replace("line 2\n", "line two\n").replace("line 39\n", "line thirty-nine\n"),
            "old.sql": None,
            "gone.sql": None,
            "new.sql": "select 'this file is moved and nothing else';\n",
            "table.sql": TABLE,
        },
    )
    with FakeGitHub(PullRequest(repository), prefix=request.param) as fake:
        yield fake


def call(
    github: FakeGitHub, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, Any, dict[str, str]]:
    url = path if path.startswith("http") else github.url + path.replace("REPO", f"/repos/{github.repository}")
    data = None if body is None else json.dumps(body).encode()
    sent = {"Authorization": f"token {github.token}", "Content-Type": "application/json", **headers}
    request = urllib.request.Request(url, data, sent, method=method)
    try:
        with DIRECT.open(request, timeout=5) as answer:
            return answer.status, json.load(answer), dict(answer.headers)
    except urllib.error.HTTPError as answer:
        content = answer.read()
        is_json = answer.headers["Content-Type"].startswith("application/json")
        return answer.code, json.loads(content) if is_json else content.decode(), dict(answer.headers)


def review(github: FakeGitHub, *comments: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"commit_id": github.pull.head_sha, "body": "Found.", "event": "COMMENT", "comments": list(comments), **more}


def on(path: str, line: int, **more: Any) -> dict[str, Any]:
    return {"path": path, "line": line, "side": "RIGHT", "body": "Look.", **more}


def test_files_come_from_git_in_pages_with_links_by_number(github: FakeGitHub) -> None:
    files, url = [], "REPO/pulls/1/files?per_page=100"
    while url:
        _, page, headers = call(github, "GET", url)
        assert len(page) <= 2
        files += page
        following = re.search(r'<([^>]+)>; rel="next"', headers.get("Link", ""))
        url = following[1] if following else ""
        assert not url or url.startswith(f"{github.url}/repositories/")
    assert [(file["filename"], file["status"], "patch" in file) for file in files] == [
        ("gone.sql", "removed", True),
        ("long.sql", "modified", True),
        ("new.sql", "renamed", False),
        ("table.sql", "added", True),
    ]
    assert files[2]["previous_filename"] == "old.sql"
    assert files[3]["patch"] == "@@ -0,0 +1,4 @@\n" + "".join(f"+{line}\n" for line in TABLE.splitlines())[:-1]
    assert github.violations == []


def test_the_list_of_files_ends_early_and_the_count_does_not(github: FakeGitHub) -> None:
    with FakeGitHub(PullRequest(github.pull.repository), most_files=3, page_size=100) as short:
        assert len(call(short, "GET", "REPO/pulls/1/files")[1]) == 3
        assert call(short, "GET", "REPO/pulls/1")[1]["changed_files"] == 4


def test_a_review_stands_on_added_unchanged_and_deleted_lines(github: FakeGitHub) -> None:
    comments = [
        on("table.sql", 3, start_line=1, start_side="RIGHT"),
        on("long.sql", 1),
        on("gone.sql", 1, side="LEFT"),
    ]
    status, answer, _ = call(github, "POST", "REPO/pulls/1/reviews", review(github, *comments))
    assert (status, answer["state"], answer["user"]["login"]) == (200, "COMMENTED", "github-actions[bot]")
    listed = call(github, "GET", "REPO/pulls/1/comments")[1]
    assert [(entry["path"], entry["start_line"], entry["line"], entry["side"]) for entry in listed] == [
        ("table.sql", 1, 3, "RIGHT"),
        ("long.sql", None, 1, "RIGHT"),
    ]
    assert (github.violations, github.created) == ([], 1)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (on("table.sql", 5), "must be part of the diff"),
        (on("long.sql", 20), "must be part of the diff"),
        (on("table.sql", 1, side="LEFT"), "must be part of the diff"),
        (on("new.sql", 1), "path is invalid"),
        (on("nowhere.sql", 1), "path is invalid"),
        (on("table.sql", 2, start_line=2, start_side="RIGHT"), "must precede"),
        (on("table.sql", 2, start_line=3, start_side="RIGHT"), "must precede"),
        (on("long.sql", 39, start_line=2, start_side="RIGHT"), "same hunk"),
        (on("table.sql", 2, start_line=1), "belong together"),
        ({"path": "table.sql", "position": 1, "body": "Look."}, "closing down"),
        (on("table.sql", 1) | {"body": " "}, "can't be blank"),
        (on("table.sql", 1) | {"body": "x" * 65537}, "too long"),
    ],
)
def test_one_bad_comment_refuses_the_whole_review(github: FakeGitHub, bad: dict[str, Any], reason: str) -> None:
    status, answer, _ = call(github, "POST", "REPO/pulls/1/reviews", review(github, on("table.sql", 1), bad))
    assert status == 422
    assert reason in answer["errors"][0]
    assert (github.pull.reviews, github.pull.review_comments, github.violations) == ([], [], [])


def test_a_file_without_patch_takes_no_comment(github: FakeGitHub) -> None:
    github.pull.without_patch.add("table.sql")
    assert call(github, "POST", "REPO/pulls/1/reviews", review(github, on("table.sql", 1)))[0] == 422
    _, files, _ = call(github, "GET", "REPO/pulls/1/files?page=2")
    assert "patch" not in files[1]


@pytest.mark.parametrize(
    ("method", "path", "body", "violation"),
    [
        ("POST", "REPO/pulls/1/reviews", {"comments": [on("table.sql", 1, subject_type="line")]}, "subject_type"),
        ("POST", "REPO/pulls/1/reviews", {"event": "COMMENT ", "body": "x"}, "COMMENT "),
        ("POST", "REPO/pulls/1/reviews", {"event": "REQUEST_CHANGES", "body": "x"}, "it blocks"),
        ("POST", "REPO/pulls/1/reviews", {"body": "x"}, "nobody sees it"),
        ("POST", "REPO/issues/1/comments", {"text": "x"}, "'body' is a required property"),
        ("GET", "REPO/pulls/1/files?size=3", None, "unknown query parameter size"),
        ("DELETE", "REPO/issues/comments/7", None, "not one of the operations"),
        ("POST", "/graphql", {"query": "{viewer {login}}"}, "not one of the operations"),
    ],
)
def test_what_github_would_not_understand_is_a_violation(
    github: FakeGitHub, method: str, path: str, body: Any, violation: str
) -> None:
    call(github, method, path, body)
    assert any(violation in entry for entry in github.violations), github.violations


def test_more_than_thirty_comments_are_a_violation(github: FakeGitHub) -> None:
    call(github, "POST", "REPO/pulls/1/reviews", review(github, *[on("table.sql", 1)] * 31))
    assert github.violations == ["a review with 31 comments: GitHub breaks off above 30"]


def test_an_address_outside_the_prefix_is_a_violation(github: FakeGitHub) -> None:
    call(github, "GET", f"{github.urls.web}/elsewhere/repos/{github.repository}/pulls/1")
    assert github.violations


def test_comments_of_others_are_there_and_not_ours_to_edit(github: FakeGitHub) -> None:
    theirs = github.pull.comment(OCTOCAT, "<!-- pgassay:summary --> quoted")
    assert call(github, "PATCH", f"REPO/issues/comments/{theirs.id}", {"body": "x"})[0] == 403
    assert theirs.body == "<!-- pgassay:summary --> quoted"
    assert github.violations == ["the comment of octocat was edited"]


def test_our_comments_are_made_edited_and_read_back(github: FakeGitHub) -> None:
    status, made, _ = call(github, "POST", "REPO/issues/1/comments", {"body": "one"})
    assert (status, made["user"]["login"]) == (201, JOB_TOKEN.login)
    assert call(github, "PATCH", f"REPO/issues/comments/{made['id']}", {"body": "two"})[0] == 200
    assert call(github, "GET", f"REPO/issues/comments/{made['id']}")[1]["body"] == "two"
    assert call(github, "PATCH", f"REPO/issues/comments/{made['id']}", {"body": "x" * 65537})[0] == 422
    github.delete(github.pull.issue_comments[0])
    assert call(github, "PATCH", f"REPO/issues/comments/{made['id']}", {"body": "three"})[0] == 404
    assert [(write.method, write.status, write.took_effect) for write in github.writes] == [
        ("POST", 201, True),
        ("PATCH", 200, True),
        ("PATCH", 422, False),
        ("PATCH", 404, False),
    ]
    assert github.violations == []


def test_comments_follow_their_lines_and_are_outdated_when_those_go(github: FakeGitHub) -> None:
    call(github, "POST", "REPO/pulls/1/reviews", review(github, on("table.sql", 1), on("table.sql", 3)))
    github.pull.reply(OCTOCAT, github.pull.review_comments[0], "Why?")
    github.push({"table.sql": "-- first\n" + TABLE.replace("  total numeric\n", "  total bigint\n")})
    listed = [call(github, "GET", f"REPO/pulls/comments/{entry.id}")[1] for entry in github.pull.review_comments]
    assert [(entry["line"], entry["original_line"], entry.get("in_reply_to_id")) for entry in listed] == [
        (2, 1, None),
        (None, 3, None),
        (2, 1, listed[0]["id"]),
    ]
    assert github.violations == []


@pytest.mark.parametrize(
    ("mode", "reading", "writing"), [("read", 200, 403), ("expired", 401, 401), ("blind", 404, 404)]
)
def test_what_a_token_may_do(github: FakeGitHub, mode: Any, reading: int, writing: int) -> None:
    github.mode = mode
    assert call(github, "GET", "REPO/pulls/1")[0] == reading
    assert call(github, "POST", "REPO/issues/1/comments", {"body": "x"})[0] == writing
    assert (github.pull.issue_comments, github.violations) == ([], [])


def test_a_job_token_is_nobody_and_a_stranger_gets_nothing(github: FakeGitHub) -> None:
    assert call(github, "GET", "/user")[0] == 403
    assert call(github, "GET", "REPO/pulls/1", Authorization="token guessed")[0] == 401
    with FakeGitHub(github.pull, writer=OCTOCAT) as personal:
        assert call(personal, "GET", "/user")[1]["login"] == "octocat"
        assert personal.violations == []


def test_a_fork_and_what_is_left_of_one(github: FakeGitHub) -> None:
    assert call(github, "GET", f"REPO/commits/{github.pull.head_sha}/pulls")[1][0]["number"] == 1
    github.pull.fork_owner = "hubot"
    assert call(github, "GET", "REPO/pulls/1")[1]["head"]["label"] == "hubot:change"
    assert call(github, "GET", f"REPO/commits/{github.pull.head_sha}/pulls")[1] == []
    assert call(github, "GET", "REPO/pulls?state=open&head=hubot%3Achange")[1][0]["number"] == 1
    github.pull.fork_deleted, github.pull.is_open = True, False
    assert call(github, "GET", "REPO/pulls/1")[1]["head"]["repo"] is None
    assert call(github, "GET", "REPO/pulls")[1] == []
    assert github.violations == []


def test_two_commits_are_compared(github: FakeGitHub) -> None:
    _, answer, _ = call(github, "GET", f"REPO/compare/main...{github.pull.head_sha}")
    assert (answer["status"], answer["ahead_by"], len(answer["files"])) == ("ahead", 1, 4)
    assert github.violations == []


@pytest.mark.parametrize("after", [False, True])
def test_a_call_that_fails_before_or_after_it_took_effect(github: FakeGitHub, after: bool) -> None:
    github.on("POST", "/comments$", faults.bad_gateway(after=after))
    github.on("POST", "/comments$", faults.connection_reset(after=after))
    assert call(github, "POST", "REPO/issues/1/comments", {"body": "x"})[0] == 502
    with pytest.raises(ConnectionResetError):
        call(github, "POST", "REPO/issues/1/comments", {"body": "x"})
    assert len(github.pull.issue_comments) == github.created == 2 * after
    assert call(github, "POST", "REPO/issues/1/comments", {"body": "x"})[0] == 201
    assert [write.status for write in github.writes] == [502, None, 201]


def test_limits_with_and_without_a_time_to_wait(github: FakeGitHub) -> None:
    for fault in (
        faults.secondary_limit(retry_after=7),
        faults.secondary_limit(status=429),
        faults.primary_limit(reset_at=99),
    ):
        github.on("POST", "/comments$", fault)
    answers = [call(github, "POST", "REPO/issues/1/comments", {"body": "x"}) for _ in range(3)]
    assert [(status, headers.get("Retry-After")) for status, _, headers in answers] == [
        (403, "7"),
        (429, None),
        (403, None),
    ]
    assert answers[2][2]["X-RateLimit-Reset"] == "99"
    assert github.violations == []


def test_a_fault_can_wait_for_its_turn_and_change_the_world(github: FakeGitHub) -> None:
    before = github.pull.head_sha
    github.on("GET", "/pulls/1$", faults.meanwhile(lambda: github.push({"more.sql": "select 3;\n"})), skip=1)
    seen = [call(github, "GET", "REPO/pulls/1")[1]["head"]["sha"] for _ in range(3)]
    assert seen == [before, github.pull.head_sha, github.pull.head_sha]
    assert seen[0] != seen[1]


def test_the_event_names_this_pull_request(github: FakeGitHub) -> None:
    event = github.event()
    assert (event["action"], event["number"]) == ("opened", 1)
    assert event["pull_request"]["head"]["sha"] == github.pull.head_sha
    assert event["repository"]["full_name"] == github.repository


def test_it_serves_another_process(github: FakeGitHub, tmp_path: Path) -> None:
    record = tmp_path / "record.json"
    command = [sys.executable, "-m", "tests.fake_github", str(github.pull.repository.folder), "--record", str(record)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout
        served = json.loads(process.stdout.readline())
        url = f"{served['url']}/repos/octo-org/shop/issues/1/comments"
        assert call(github, "POST", url, {"body": "x"}, Authorization=f"token {served['token']}")[0] == 201
        process.terminate()
    written = json.loads(record.read_text())
    assert [comment["body"] for comment in written["issue_comments"]] == ["x"]
    assert written["violations"] == []


def test_an_answer_of_the_fake_that_github_would_not_give_is_noticed() -> None:
    found = contract().route("POST", "/repos/octo-org/shop/issues/1/comments")
    assert found
    operation = found[0]
    assert operation.id == "issues/create-comment"
    assert contract().wrong_in_answer(operation, 201, {"id": 1})
    assert contract().wrong_in_answer(operation, 200, {})
    assert not contract().wrong_in_answer(operation, 404, {"message": "Not Found"})
