"""What `actions/checkout` leaves behind, and what is fetched to review it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from pgassay.errors import UsageError
from pgassay.github.checkout import BASE, Checkout, Comparison, Fetch, comparison, parents
from pgassay.github.event import Event
from pgassay.history import base_at, find_base
from pgassay.history.git import open_repository
from tests.fake_github.repository import Repository

A, B, C, D = ("a" * 40, "b" * 40, "c" * 40, "d" * 40)
MAIN = f"+refs/heads/main:{BASE}"
PULL_REQUEST = Event("pull_request", "octo/shop", head=B, pull_request=5, base=D, base_branch="main", merge=C)
GROUP = Event("merge_group", "octo/shop", head=B, base=A, base_branch="main")
PUSH = Event("push", "o/r", head=B)


@pytest.mark.parametrize(
    ("event", "checkout", "expected"),
    [
        pytest.param(
            PULL_REQUEST,
            Checkout(C, (A, B), True),
            Comparison(A, fetch=Fetch((C,), ("--depth=2",))),
            id="shallow merge",
        ),
        pytest.param(PULL_REQUEST, Checkout(C, (A, B), False), Comparison(A), id="whole merge"),
        pytest.param(
            PULL_REQUEST,
            Checkout(D, (A, B), False),
            Comparison(merge_base_with=BASE, fetch=Fetch((MAIN,))),
            id="somebody's merge",
        ),
        pytest.param(
            PULL_REQUEST,
            Checkout(B, (A,), True),
            Comparison(merge_base_with=BASE, fetch=Fetch((MAIN, B), ("--unshallow",))),
            id="head, shallow",
        ),
        pytest.param(
            PULL_REQUEST,
            Checkout(B, (A, C), False),
            Comparison(merge_base_with=BASE, fetch=Fetch((MAIN,))),
            id="head, a merge",
        ),
        pytest.param(
            GROUP, Checkout(B, (A,), True), Comparison(A, fetch=Fetch((A,), ("--depth=1",))), id="merge group"
        ),
        pytest.param(GROUP, Checkout(B, (A,), False), Comparison(A), id="merge group, whole"),
        pytest.param(replace(PUSH, base=A), Checkout(B, (A,), False), Comparison(A), id="push"),
        pytest.param(
            replace(PUSH, forced_from=A),
            Checkout(B, (C,), False),
            Comparison(merge_base_with=A, fetch=Fetch((A,))),
            id="forced push",
        ),
        pytest.param(
            replace(PUSH, base_branch="main"),
            Checkout(B, (A,), True),
            Comparison(merge_base_with=BASE, fetch=Fetch((MAIN, B), ("--unshallow",))),
            id="new branch",
        ),
        pytest.param(Event("schedule", "o/r", head=B), Checkout(B, (A,), True), Comparison(), id="by the clock"),
    ],
)
def test_what_is_compared(event: Event, checkout: Checkout, expected: Comparison) -> None:
    assert comparison(event, checkout) == expected


@pytest.mark.parametrize(
    ("event", "checkout", "words"),
    [
        (PULL_REQUEST, Checkout(D, (A, C), True), "neither the head of pull request #5 (bbbbbbb) nor its merge; leave"),
        (PULL_REQUEST, Checkout(D, (B, C), True), "neither the head"),
        (PULL_REQUEST, Checkout(D, (B,), True), "neither the head"),
        (GROUP, Checkout(D, (A,), True), "ddddddd is checked out, and the event is about bbbbbbb"),
    ],
)
def test_something_else_is_never_reviewed_in_its_place(event: Event, checkout: Checkout, words: str) -> None:
    with pytest.raises(UsageError) as raised:
        comparison(event, checkout)
    assert words in str(raised.value)


def test_pull_request_target_has_the_base_branch_checked_out() -> None:
    event = Event("pull_request_target", "octo/shop", head=B, pull_request=5, base=D, base_branch="main")
    with pytest.raises(UsageError, match="this event checks out the base branch, so nothing of the pull request"):
        comparison(event, Checkout(D, (A,), True))


def test_parents_are_read_above_the_message() -> None:
    commit = f"tree {C}\nparent {A}\nparent {B}\nauthor x <x@x> 1 +0000\n\nparent {D}\n"
    assert parents(commit) == (A, B)
    assert parents(f"tree {C}\nauthor x <x@x> 1 +0000\n\nparent {D}") == ()


def test_a_shallow_merge_finds_its_base_after_the_fetch(tmp_path: Path) -> None:
    """As the job does it: one commit deep, at the merge of head and base."""
    origin = Repository.create(tmp_path / "origin", {"1.sql": "a\n"}, {"2.sql": "b\n"})
    head = origin.sha("change")
    origin.git("checkout", "--quiet", "main")
    base = origin.commit({"3.sql": "c\n"})
    origin.git("merge", "--quiet", "--no-ff", "--message", "merge", "change")
    merge = origin.git("rev-parse", "HEAD").strip()
    origin.git("config", "uploadpack.allowAnySHA1InWant", "true")

    (tmp_path / "work").mkdir()
    work = Repository(tmp_path / "work")
    work.git("init", "--quiet")
    work.git("remote", "add", "origin", origin.folder.as_uri())
    work.git("fetch", "--quiet", "--no-tags", "--depth=1", "origin", f"+{merge}:refs/remotes/pull/5/merge")
    work.git("checkout", "--quiet", "--detach", merge)
    with pytest.raises(UsageError):
        find_base(work.folder, base)

    checkout = Checkout(merge, parents(work.git("cat-file", "-p", "HEAD")), shallow=True)
    event = Event("pull_request", "octo/shop", head=head, pull_request=5, base=base, base_branch="main", merge=merge)
    found = comparison(event, checkout)
    assert found.base == base
    assert found.fetch
    repository = open_repository(work.folder)
    assert repository
    repository.fetch("origin", found.fetch.refs, found.fetch.how)
    compared = base_at(work.folder, found.base, "main")
    assert sorted(compared.files(["."])) == ["1.sql", "3.sql"]
