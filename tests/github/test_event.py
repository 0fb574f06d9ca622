from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from pgassay.errors import UsageError
from pgassay.github.event import DEPENDABOT, JOB_TOKEN_AUTHOR, Event, Posting, pull_request_of, read_event
from pgassay.github.model import PullRequest
from tests.fake_github.events import example

REPOSITORY = "Codertocat/Hello-World"
HEAD, BASE = "ec26c3e57ca3a959ca5aad62de7213c562f8c821", "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"

HEAD_OF_PUSH = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"


def event(name: str, payload: Any, *, execute_untrusted: bool = False, **environment: str) -> Event:
    variables = {"GITHUB_EVENT_NAME": name, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_ACTOR": "Codertocat"}
    return read_event(variables | environment, json.dumps(payload).encode(), execute_untrusted=execute_untrusted)


def pull_request(**changes: Any) -> dict[str, Any]:
    """A published payload, with `a__b` changes of `pull_request`."""
    payload = example("pull_request_synchronize")
    for name, value in changes.items():
        *path, last = name.split("__")
        at = payload["pull_request"]
        for key in path:
            at = at[key]
        at[last] = value
    return payload


@pytest.mark.parametrize("name", ["pull_request_opened", "pull_request_synchronize"])
def test_a_pull_request_of_the_same_repository(name: str) -> None:
    found = event("pull_request", example(name))
    assert (found.head, found.base, found.base_branch, found.pull_request) == (HEAD, BASE, "master", 2)
    assert (found.posting, found.executes, found.author) == (Posting.YES, True, JOB_TOKEN_AUTHOR)
    assert found.reviews
    assert found.why_not_posting is found.why_not_executing is None


def test_the_head_is_not_the_merge_commit() -> None:
    assert event("pull_request", pull_request(), GITHUB_SHA="a" * 40).head == HEAD


@pytest.mark.parametrize("repository", [{"full_name": "stranger/Hello-World"}, None])
def test_a_fork_is_run_and_most_likely_cannot_post(repository: object) -> None:
    found = event("pull_request", pull_request(head__repo=repository))
    assert (found.posting, found.executes) == (Posting.TRY, True)
    assert found.why_not_posting == "a run for a fork has a token that may only read"


def test_a_repository_in_other_letters_is_no_fork() -> None:
    found = event("pull_request", pull_request(head__repo={"full_name": REPOSITORY.upper()}))
    assert found.posting is Posting.YES


@pytest.mark.parametrize("name", ["pull_request", "pull_request_target"])
def test_dependabot_most_likely_cannot_post(name: str) -> None:
    assert event(name, pull_request(), GITHUB_ACTOR=DEPENDABOT).posting is Posting.TRY


def test_a_closed_pull_request_gets_no_comments() -> None:
    found = event("pull_request", pull_request(state="closed"))
    assert (found.posting, found.why_not_posting) == (Posting.NO, "pull request #2 is closed")


@pytest.mark.parametrize("repository", [{"full_name": "stranger/Hello-World"}, {"full_name": REPOSITORY}])
def test_pull_request_target_posts_and_executes_nothing(repository: object) -> None:
    """Beside its token, migrations of a stranger would run; those of a colleague are not worth a difference."""
    found = event("pull_request_target", pull_request(head__repo=repository))
    assert (found.posting, found.executes) == (Posting.YES, False)
    assert "use the event pull_request" in (found.why_not_executing or "")


def test_pull_request_target_executes_when_told_to() -> None:
    found = event("pull_request_target", pull_request(), execute_untrusted=True)
    assert found.executes
    assert found.why_not_executing is None


def test_a_merge_group_is_run_and_not_commented_on() -> None:
    payload = example("merge_group")
    found = event("merge_group", payload)
    assert (found.head, found.base) == (payload["merge_group"]["head_sha"], payload["merge_group"]["base_sha"])
    assert (found.base_branch, found.pull_request) == ("main", None)
    assert (found.posting, found.executes) == (Posting.NO, True)


@pytest.mark.parametrize(
    ("changes", "base", "branch"),
    [
        ({}, None, "master"),
        ({"before": "b" * 40}, "b" * 40, None),
        ({"before": "b" * 40, "forced": True}, None, None),
        ({"ref": "refs/heads/master"}, None, None),
        ({"ref": "refs/tags/v1", "after": "c" * 40, "head_commit": {"id": HEAD_OF_PUSH}}, None, "master"),
    ],
)
def test_a_push_is_compared_with_what_was_there(changes: dict[str, Any], base: str | None, branch: str | None) -> None:
    found = event("push", example("push") | changes)
    assert (found.head, found.base, found.base_branch) == (HEAD_OF_PUSH, base, branch)
    assert (found.posting, found.executes) == (Posting.NO, True)


def test_a_deleted_branch_is_nothing_to_review() -> None:
    with pytest.raises(UsageError, match=r"refs/tags/simple-tag was deleted"):
        event("push", example("push") | {"deleted": True})


@pytest.mark.parametrize(("name", "branch"), [("workflow_dispatch", "main"), ("schedule", None)])
def test_runs_by_hand_and_by_the_clock(name: str, branch: str | None) -> None:
    payload = example("workflow_dispatch") if branch else {"schedule": "0 4 * * *"}
    found = event(name, payload, GITHUB_SHA=HEAD)
    assert (found.head, found.base, found.base_branch) == (HEAD, None, branch)
    assert (found.posting, found.executes) == (Posting.NO, True)


def test_a_run_by_hand_needs_its_commit() -> None:
    with pytest.raises(UsageError, match="GITHUB_SHA: '' is not a commit"):
        event("workflow_dispatch", example("workflow_dispatch"))


def workflow_run(**changes: Any) -> Event:
    payload = example("workflow_run")
    payload["workflow_run"] |= {"event": "pull_request", "head_sha": HEAD} | changes
    return event("workflow_run", payload)


def test_a_workflow_run_posts_and_reviews_nothing() -> None:
    found = workflow_run(head_repository={"full_name": "stranger/Hello-World"}, head_branch="a&b=c")
    assert (found.head, found.head_repository, found.head_branch) == (HEAD, "stranger/Hello-World", "a&b=c")
    assert (found.posting, found.executes, found.reviews) == (Posting.YES, False, False)
    assert found.pull_request is None


def test_a_workflow_run_for_no_pull_request_posts_nothing() -> None:
    found = workflow_run(event="push")
    assert found.posting is Posting.NO
    assert found.why_not_posting == "the run that made the report was not for a pull request"


def candidate(number: int, **changes: Any) -> PullRequest:
    return replace(PullRequest(number, HEAD, "main", BASE, "stranger/Hello-World"), **changes)


def test_the_commit_decides_which_pull_request_a_workflow_run_is_about() -> None:
    found = workflow_run(head_repository={"full_name": "stranger/Hello-World"})
    others = [
        candidate(1, head_sha=BASE),
        candidate(2, is_open=False),
        candidate(3, head_repository=REPOSITORY),
        candidate(4, head_repository=None),
    ]
    assert pull_request_of(found, [*others, candidate(7)]).number == 7
    for candidates, number in ((others, "no"), ([candidate(7), candidate(8)], "more than one")):
        with pytest.raises(UsageError, match=f"{number} open pull request has the head ec26c3e"):
            pull_request_of(found, candidates)


def test_the_author_may_be_somebody_else() -> None:
    variables = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REPOSITORY": REPOSITORY}
    found = read_event(variables, json.dumps(pull_request()).encode(), author="octo-app[bot]")
    assert found.author == "octo-app[bot]"


@pytest.mark.parametrize("name", ["issue_comment", "release", "", "Pull_Request"])
def test_other_events_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"GITHUB_EVENT_NAME: pgassay does not know the event .* pull_request_target"):
        event(name, {})


@pytest.mark.parametrize("repository", ["", "owner", "owner/name/more", "owner/na me", "-/../x"])
def test_a_repository_is_owner_and_name(repository: str) -> None:
    with pytest.raises(UsageError, match="GITHUB_REPOSITORY"):
        event("pull_request", pull_request(), GITHUB_REPOSITORY=repository)


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        ("pull_request", {}),
        ("pull_request", []),
        ("pull_request", pull_request(head__sha="--upload-pack=evil")),
        ("pull_request", pull_request(head__sha="a" * 39)),
        ("pull_request", pull_request(head__sha=f"{HEAD}\n")),
        ("pull_request", pull_request(number="2")),
        ("pull_request", pull_request(number=0)),
        ("pull_request", pull_request(base=None)),
        ("merge_group", {"merge_group": {"head_sha": HEAD}}),
        ("push", example("push") | {"before": "main"}),
        ("workflow_run", {"workflow_run": None}),
    ],
)
def test_a_payload_that_is_not_githubs_is_told(name: str, payload: object) -> None:
    with pytest.raises(UsageError, match=f"GITHUB_EVENT_PATH: this is not the payload of {name}: "):
        event(name, payload)


@pytest.mark.parametrize("payload", [b"", b"{", b"\xff\xfe", b"null"])
def test_what_is_not_json_is_told(payload: bytes) -> None:
    variables = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REPOSITORY": REPOSITORY}
    with pytest.raises(UsageError, match="GITHUB_EVENT_PATH"):
        read_event(variables, payload)
