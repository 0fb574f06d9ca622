"""Everything that can go wrong on the way: nothing is said twice, nothing is raised, and what is missing is named."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from pgassay.github.model import CreateReview, CreateSummary, EditReviewComment, EditSummary
from pgassay.github.publish import Published
from tests.fake_github import JOB_TOKEN, OCTOCAT, FakeGitHub, faults
from tests.fake_github.faults import Fault
from tests.fake_github.state import Anchor
from tests.github.pull_requests import (
    BOTH,
    CASCADE,
    MIGRATION,
    NO_INDEX,
    SQL,
    ScriptedClock,
    client,
    ours,
    requests,
    run,
    said_twice,
    seeded,
)

REVIEW, SUMMARY = "pulls/1/reviews$", "issues/1/comments$"
ALL_OF_IT = [f"{CASCADE.fingerprint} open", f"{NO_INDEX.fingerprint} open", "summary"]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def github(tmp_path: Path) -> Iterator[FakeGitHub]:
    with FakeGitHub(seeded(tmp_path / "shop"), prefix="/api/v3") as fake:
        yield fake
    assert fake.violations == []
    assert said_twice(fake) == []


@pytest.fixture
def clock() -> ScriptedClock:
    return ScriptedClock()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def kinds(published: Published) -> list[type]:
    return [type(write) for write in published.writes_done]


@pytest.mark.parametrize(
    ("mode", "sent", "why"),
    [
        ("read", [403], "the token may not write on this pull request (403 Resource not accessible by integration)"),
        ("expired", [], "GitHub does not accept the token (401 Bad credentials)"),
        ("blind", [], "GitHub does not find that, or does not show it to this token (404 Not Found)"),
    ],
)
def test_a_token_that_may_not_is_told_once(github: FakeGitHub, mode: Any, sent: list[int], why: str) -> None:
    github.mode = mode
    published = run(github, *BOTH)
    assert published.degraded
    assert published.degraded.startswith(why)
    assert [write.status for write in github.writes] == sent
    assert len(published.plan.annotations) == 2
    assert "missing_index" in published.plan.summary_markdown


@pytest.mark.parametrize("status", [401, 403, 404, 422])
@pytest.mark.parametrize("path", [REVIEW, SUMMARY])
def test_a_refusal_of_one_write_ends_the_writing(github: FakeGitHub, path: str, status: int) -> None:
    github.on("POST", path, faults.refused(status, "No."), times=2)
    published = run(github, *BOTH)
    assert published.degraded
    assert f"({status} No.)" in published.degraded
    if path == SUMMARY:
        assert kinds(published) == [CreateReview]
        assert [write.status for write in github.writes] == [200, status]
    elif status == 422:
        assert kinds(published) == [CreateSummary]
    else:
        assert kinds(published) == []
        assert len(github.writes) == 1


def test_a_locked_conversation(github: FakeGitHub) -> None:
    github.on("POST", REVIEW, faults.refused(403, "Unable to create comment because issue is locked."))
    published = run(github, *BOTH)
    assert published.degraded
    assert "Unable to create comment because issue is locked." in published.degraded


def test_a_refused_review_goes_to_the_summary(github: FakeGitHub) -> None:
    github.on("POST", REVIEW, faults.refused(422, "Unprocessable Entity"))
    published = run(github, *BOTH)
    assert (kinds(published), ours(github)) == ([CreateSummary], ["summary"])
    assert published.degraded == (
        "not every comment could be put on its line: GitHub refused what was sent (422 Unprocessable Entity)"
    )
    body = github.pull.issue_comments[0].body
    assert "What to do about them" in body
    assert requests(github).count("POST pulls/1/reviews") == 1


def test_a_refused_review_on_a_second_commit_keeps_the_old_comments(github: FakeGitHub) -> None:
    run(github, CASCADE)
    github.push({"README.md": "more\n"})
    github.on("POST", REVIEW, faults.refused(422, "Unprocessable Entity"))
    published = run(github, *BOTH)
    assert kinds(published) == [EditSummary]
    assert ours(github) == [f"{CASCADE.fingerprint} open", "summary"]


@pytest.mark.parametrize("path", [REVIEW, SUMMARY])
@pytest.mark.parametrize(
    ("fault", "waited"),
    [
        (faults.secondary_limit(retry_after=7), 7),
        (faults.secondary_limit(status=429, retry_after=7), 7),
        (faults.secondary_limit(retry_after=0), 1),
        (faults.secondary_limit(), 60),
        (faults.refused(403, "You have triggered an abuse detection mechanism. Please retry later."), 60),
        (replace(faults.refused(403, "Slow down."), headers={"Retry-After": "7"}), 7),
        (replace(faults.primary_limit(reset_at=1_767_225_630), body={"message": "Slow down."}), 31),
        (faults.secondary_limit(status=429), 60),
        (faults.primary_limit(reset_at=1_767_225_630), 31),
        (faults.primary_limit(reset_at=1, status=429), 1),
    ],
)
def test_a_limit_is_waited_out(github: FakeGitHub, clock: ScriptedClock, path: str, fault: Fault, waited: int) -> None:
    github.on("POST", path, fault)
    published = run(github, *BOTH, clock=clock)
    assert (published.degraded, clock.slept) == (None, [waited])
    assert kinds(published) == [CreateReview, CreateSummary]
    assert (ours(github), github.created) == (ALL_OF_IT, 2)


def test_a_limit_on_reading_is_waited_out_too(github: FakeGitHub, clock: ScriptedClock) -> None:
    github.on("GET", "/files", faults.secondary_limit(retry_after=3))
    github.on("GET", "/comments", faults.primary_limit(reset_at=1_767_225_609))
    published = run(github, *BOTH, clock=clock)
    assert (published.degraded, clock.slept, ours(github)) == (None, [3, 7], ALL_OF_IT)


@pytest.mark.parametrize("path", [REVIEW, "/files"])
@pytest.mark.parametrize(
    ("fault", "wait"),
    [
        (faults.secondary_limit(retry_after=3600), 3600),
        (faults.primary_limit(reset_at=1_767_229_200), 3601),
    ],
)
def test_a_limit_that_is_too_long_is_not_waited_for(
    github: FakeGitHub, clock: ScriptedClock, path: str, fault: Fault, wait: int
) -> None:
    github.on("*", path, fault)
    published = run(github, *BOTH, clock=clock)
    assert (clock.slept, kinds(published), ours(github)) == ([], [], [])
    assert published.degraded
    assert published.degraded.endswith(f"; waiting {wait} s would take longer than posting may")


@pytest.mark.parametrize("retry_after", [5, 20, None])
def test_limits_without_end_end_in_time(github: FakeGitHub, clock: ScriptedClock, retry_after: int | None) -> None:
    github.on("POST", REVIEW, faults.secondary_limit(retry_after=retry_after), times=1000)
    published = run(github, *BOTH, clock=clock, seconds=65)
    assert published.degraded
    assert sum(clock.slept) <= 65
    assert ours(github) == []


def test_a_github_that_takes_its_time_is_left_alone_in_the_end(github: FakeGitHub, clock: ScriptedClock) -> None:
    github.on("GET", "/files", faults.meanwhile(lambda: clock.slept.append(91)))
    published = run(github, *BOTH, clock=clock)
    assert published.degraded == "GitHub took more than 90 s"
    assert (github.writes, len(published.plan.annotations)) == ([], 2)


LOST: dict[str, Callable[[bool], Fault]] = {
    "502": lambda after: faults.bad_gateway(after=after),
    "502 as JSON": lambda after: faults.bad_gateway(after=after, body={"message": "Server Error"}),
    "502 as a list": lambda after: faults.foreign(502, ["Server Error"], takes_effect=after),
    "reset": lambda after: faults.connection_reset(after=after),
    "a page instead": lambda after: faults.foreign(200, "<html>Log in here</html>", takes_effect=after),
}
lost = pytest.mark.parametrize("fault", list(LOST.values()), ids=list(LOST))
arrived = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])


@lost
@arrived
def test_a_lost_review_is_there_once(
    github: FakeGitHub, clock: ScriptedClock, fault: Callable[[bool], Fault], after: bool
) -> None:
    github.on("POST", REVIEW, fault(after))
    published = run(github, *BOTH, clock=clock)
    assert (published.degraded, kinds(published)) == (None, [CreateReview, CreateSummary])
    assert (ours(github), len(github.pull.reviews)) == (ALL_OF_IT, 1)
    assert len([write for write in github.writes if write.path.endswith("/reviews")]) == (1 if after else 2)
    assert clock.slept == [5.0]


@lost
@arrived
def test_a_lost_summary_is_there_once(github: FakeGitHub, fault: Callable[[bool], Fault], after: bool) -> None:
    github.on("POST", SUMMARY, fault(after))
    published = run(github, *BOTH)
    assert (published.degraded, kinds(published)) == (None, [CreateReview, CreateSummary])
    assert (ours(github), len(github.pull.reviews)) == (ALL_OF_IT, 1)
    assert len(github.writes) == (2 if after else 3)
    assert requests(github).count("GET pulls/1/files") == 1


@lost
@arrived
def test_a_lost_edit_is_made_once(github: FakeGitHub, fault: Callable[[bool], Fault], after: bool) -> None:
    run(github, *BOTH)
    before = len(github.writes)
    github.on("PATCH", "pulls/comments/", fault(after))
    github.on("PATCH", "issues/comments/", fault(after))
    published = run(github, NO_INDEX)
    assert (published.degraded, kinds(published)) == (None, [EditSummary, EditReviewComment])
    assert ours(github) == [f"{CASCADE.fingerprint} fixed", f"{NO_INDEX.fingerprint} open", "summary"]
    assert len(github.writes) - before == (2 if after else 4)


def test_a_review_that_arrives_late_is_not_sent_again(github: FakeGitHub, clock: ScriptedClock) -> None:
    """GitHub answers 502 and goes on working."""
    github.on("POST", REVIEW, faults.bad_gateway(after=False))

    def arrives() -> None:
        body = github.writes[0].body
        comments = [
            (Anchor(entry["path"], entry["line"], entry["side"], None, None), entry["body"])
            for entry in body["comments"]
        ]
        github.pull.review(JOB_TOKEN, body["commit_id"], body["body"], comments)

    clock.meanwhile = arrives
    published = run(github, *BOTH, clock=clock)
    assert (published.degraded, ours(github), len(github.writes)) == (None, ALL_OF_IT, 2)


def test_of_a_review_that_arrived_in_part_the_rest_is_sent(github: FakeGitHub) -> None:
    def arrives_in_part() -> None:
        [body] = [write.body for write in github.writes]
        first = body["comments"][0]
        anchor = Anchor(first["path"], first["line"], first["side"], None, None)
        github.pull.review(JOB_TOKEN, body["commit_id"], body["body"], [(anchor, first["body"])])

    github.on("POST", REVIEW, replace(faults.bad_gateway(after=False), first=arrives_in_part))
    published = run(github, *BOTH)
    assert (published.degraded, ours(github)) == (None, ALL_OF_IT)
    assert [len(write.body.get("comments", ())) for write in github.writes] == [2, 1, 0]


@lost
def test_a_write_that_is_lost_again_and_again_is_given_up(github: FakeGitHub, fault: Callable[[bool], Fault]) -> None:
    github.on("POST", REVIEW, fault(False), times=1000)
    published = run(github, *BOTH)
    assert published.degraded
    assert (kinds(published), ours(github), len(github.writes)) == ([], [], 2)


def test_a_write_that_is_lost_twice_and_arrived_the_second_time(github: FakeGitHub) -> None:
    github.on("POST", REVIEW, faults.bad_gateway(after=False))
    github.on("POST", REVIEW, faults.bad_gateway(after=True))
    published = run(github, *BOTH)
    assert (published.degraded, ours(github), len(github.pull.reviews)) == (None, ALL_OF_IT, 1)


@arrived
def test_a_write_whose_answer_is_too_slow(github: FakeGitHub, after: bool) -> None:
    """Takes real time: the shortest that PyGithub can be told to wait is a second."""
    github.on("POST", REVIEW, Fault(status=None if after else 502, delay=1.3, takes_effect=after))
    clock = ScriptedClock()
    clock.meanwhile = lambda: until(lambda: github.writes[0].status is not None)
    published = run(github, *BOTH, clock=clock, timeout=1)
    assert (published.degraded, ours(github), len(github.pull.reviews)) == (None, ALL_OF_IT, 1)


@pytest.mark.parametrize("path", ["pulls/1$", "/files", "pulls/1/comments", "issues/1/comments"])
@pytest.mark.parametrize(
    "fault",
    [faults.server_error(), faults.bad_gateway(after=True), faults.connection_reset(after=False)],
    ids=["500", "502", "reset"],
)
def test_reading_is_tried_three_times(github: FakeGitHub, clock: ScriptedClock, path: str, fault: Fault) -> None:
    github.on("GET", path, fault, times=2)
    published = run(github, *BOTH, clock=clock)
    assert (published.degraded, ours(github), clock.slept) == (None, ALL_OF_IT, [1, 2])
    github.on("GET", path, fault, times=1000)
    published = run(github, *BOTH)
    assert published.degraded
    assert (kinds(published), len(published.plan.annotations)) == ([], 2)


def test_a_list_that_is_too_slow_is_read_again(github: FakeGitHub, clock: ScriptedClock) -> None:
    github.on("GET", "/files", faults.slow(1.3))
    published = run(github, *BOTH, clock=clock, timeout=1)
    assert (published.degraded, ours(github), clock.slept) == (None, ALL_OF_IT, [1])


def test_a_page_in_the_middle_of_a_list_is_read_again(github: FakeGitHub, clock: ScriptedClock) -> None:
    for number in range(5):
        github.pull.comment(OCTOCAT, f"Comment {number}.")
    github.on("GET", SUMMARY, faults.bad_gateway(after=False), skip=1, times=2)
    assert len(client(github, clock).comments(1)) == 5
    assert clock.slept == [1, 2]


def test_a_list_that_links_to_another_server_is_not_followed(github: FakeGitHub, clock: ScriptedClock) -> None:
    away = '<https://example.com/repositories/1/issues/1/comments?page=2>; rel="next"'
    github.on("GET", SUMMARY, faults.foreign(200, [], Link=away))
    published = run(github, *BOTH, clock=clock)
    assert published.degraded
    assert (kinds(published), len(clock.slept)) == ([], 2)


def moves(github: FakeGitHub) -> Callable[[], object]:
    return lambda: github.push({MIGRATION: SQL.replace("name text", "name text not null")})


@pytest.mark.parametrize(("path", "skip"), [("pulls/1$", 0), ("/files", 0), ("issues/1/comments", 0), ("pulls/1$", 1)])
def test_nothing_is_posted_once_the_head_has_moved(github: FakeGitHub, path: str, skip: int) -> None:
    reviewed = github.pull.head_sha
    github.on("GET", path, faults.meanwhile(moves(github)), skip=skip)
    published = run(github, *BOTH, reviewed=reviewed)
    assert (github.writes, kinds(published)) == ([], [])
    assert published.degraded == (
        f"the pull request has moved on from {reviewed[:7]} to {github.pull.head_sha[:7]}, and the run for that commit "
        "reports"
    )
    assert len(published.plan.annotations) == 2


@pytest.mark.parametrize("fault", [faults.bad_gateway(after=False), faults.secondary_limit(retry_after=5)])
def test_a_head_that_moves_while_we_wait_ends_the_writing(
    github: FakeGitHub, clock: ScriptedClock, fault: Fault
) -> None:
    github.on("POST", SUMMARY, fault)
    clock.meanwhile = moves(github)
    published = run(github, *BOTH, clock=clock)
    assert (kinds(published), len(github.writes)) == ([CreateReview], 2)
    assert published.degraded
    assert published.degraded.startswith("the pull request has moved on")


def test_a_summary_that_is_deleted_at_the_last_moment_is_written_anew(github: FakeGitHub) -> None:
    run(github, *BOTH)
    github.push({"README.md": "more\n"})
    github.on("PATCH", "", faults.meanwhile(lambda: github.delete(github.pull.issue_comments[0])))
    published = run(github, *BOTH)
    assert (published.degraded, kinds(published), ours(github)) == (None, [CreateSummary], ALL_OF_IT)


def test_a_comment_that_is_deleted_at_the_last_moment_is_let_go(github: FakeGitHub) -> None:
    run(github, *BOTH)
    github.on("PATCH", "pulls/comments", faults.meanwhile(lambda: github.delete(github.pull.review_comments[0])))
    published = run(github, NO_INDEX)
    assert (published.degraded, kinds(published)) == (None, [EditSummary])
    assert ours(github) == [f"{NO_INDEX.fingerprint} open", "summary"]


def test_a_comment_that_cannot_be_edited_though_it_is_there(github: FakeGitHub) -> None:
    run(github, *BOTH)
    github.on("PATCH", "pulls/comments", faults.refused(404, "Not Found"), times=1000)
    published = run(github, NO_INDEX)
    assert published.degraded == (
        "1 older comment could not be brought up to date: GitHub does not find that, or does not show it to this token "
        "(404 Not Found)"
    )
    assert len(github.writes) == 5


def test_one_edit_that_github_refuses_leaves_the_others(github: FakeGitHub) -> None:
    run(github, *BOTH)
    github.on("PATCH", "pulls/comments", faults.foreign(422, {"message": "Validation Failed"}))
    published = run(github)
    assert kinds(published) == [EditSummary, EditReviewComment]
    assert ours(github) == [f"{CASCADE.fingerprint} open", f"{NO_INDEX.fingerprint} fixed", "summary"]
    assert published.degraded
    assert published.degraded.startswith("1 older comment could not be brought up to date: GitHub refused")


FAULTS: dict[str, Fault] = {
    "401": faults.refused(401, "Bad credentials"),
    "403": faults.refused(403, "Resource not accessible by integration"),
    "404": faults.refused(404, "Not Found"),
    "422": faults.foreign(422, {"message": "Unprocessable Entity"}),
    "limit": faults.secondary_limit(status=429, retry_after=30),
    "502 before": faults.bad_gateway(after=False),
    "502 after": faults.bad_gateway(after=True),
    "reset before": faults.connection_reset(after=False),
    "reset after": faults.connection_reset(after=True),
    "no JSON": faults.foreign(200, "{", takes_effect=True),
    "another shape": faults.foreign(200, {"id": "one"}),
    "nothing": faults.foreign(204, None),
    "sent away": faults.foreign(307, "", Location="https://example.com/"),
}


@pytest.mark.parametrize("times", [1, 1000], ids=["once", "always"])
@pytest.mark.parametrize("fault", list(FAULTS.values()), ids=list(FAULTS))
def test_any_fault_at_any_call(github: FakeGitHub, fault: Fault, times: int) -> None:
    """Either all of it is there, or a sentence says that it is not; and the next run puts it right."""
    for at in range(8):
        github.pull.review_comments.clear()
        github.pull.issue_comments[:] = [github.pull.comment(OCTOCAT, "Please have a look.") for _ in range(3)]
        github.on("*", "", fault, skip=at, times=times)
        published = run(github, *BOTH)
        assert len(github.received) > at
        assert said_twice(github) == []
        assert len(published.plan.annotations) == 2
        assert published.degraded or ours(github) == ALL_OF_IT
        assert "\n" not in (published.degraded or "")
        github.forget()
        if times == 1:
            published = run(github, *BOTH)
            assert (published.degraded, set(ours(github))) == (None, set(ALL_OF_IT))
            github.forget()
