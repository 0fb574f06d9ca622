"""What we take for granted of GitHub, asked of the fake and, by whoever has a token, of GitHub itself.

For GitHub: `python -m tests.github.scratch FOLDER`, push its branches `main` and `change` to a repository of nobody's
interest, open a pull request, and name it in PGASSAY_LIVE=owner/name#1, with a token in PGASSAY_LIVE_TOKEN. Comments
stay there to be looked at: CONTRIBUTING.md lists what only eyes can tell.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import Struct

from pgassay.github.client import GitHub
from pgassay.github.model import CreateReview, CreateSummary, EditReviewComment, InlineComment, Options, Side
from pgassay.github.publish import publish
from pgassay.github.trouble import Refused
from pgassay.model import Location
from tests.fake_github import JOB_TOKEN, FakeGitHub, PullRequest
from tests.github.pull_requests import ScriptedClock, finding, report
from tests.github.scratch import ADDED, CHANGED, REMOVED, scratch

LIVE, TOKEN, AUTHOR = "PGASSAY_LIVE", "PGASSAY_LIVE_TOKEN", "PGASSAY_LIVE_AUTHOR"


class There(Struct, frozen=True):
    """A pull request, and the login that we write under."""

    github: GitHub
    number: int
    author: str

    @property
    def head(self) -> str:
        return self.github.pull_request(self.number).head_sha

    def review(self, *comments: InlineComment) -> CreateReview:
        return CreateReview(self.head, "A contract test.", comments)


@pytest.fixture(params=["fake", "github"])
def there(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[There]:
    if request.param == "github":
        if LIVE not in os.environ or TOKEN not in os.environ:
            pytest.skip(f"{LIVE} and {TOKEN} name no pull request to write on")
        repository, _, number = os.environ[LIVE].partition("#")
        api = os.environ.get("GITHUB_API_URL", "https://api.github.com")
        github = GitHub(os.environ[TOKEN], repository, api_url=api)
        yield There(github, int(number), os.environ.get(AUTHOR, JOB_TOKEN.login))
        return
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with FakeGitHub(PullRequest(scratch(tmp_path / "scratch")), page_size=100) as fake:
        github = GitHub(fake.token, fake.repository, api_url=fake.url, clock=ScriptedClock())
        yield There(github, fake.pull.number, JOB_TOKEN.login)


def comment(
    path: str, line: int, *, start: int | None = None, side: Side = Side.RIGHT, body: str = "x"
) -> InlineComment:
    return InlineComment(path, line, body, "0" * 16, start_line=start, side=side)


def test_files_are_listed_as_git_has_them(there: There) -> None:
    listed = there.github.changed_files(there.github.pull_request(there.number))
    assert {file.path: file.status for file in listed.files} == {
        ADDED: "added",
        CHANGED: "modified",
        REMOVED: "removed",
    }
    assert all(file.patch for file in listed.files)


@pytest.mark.parametrize(
    "placed",
    [
        pytest.param(comment(ADDED, 1), id="an added line"),
        pytest.param(comment(CHANGED, 13), id="a line around a changed one"),
        pytest.param(comment(CHANGED, 15, side=Side.LEFT), id="a deleted line"),
        pytest.param(comment(REMOVED, 1, side=Side.LEFT), id="a removed file"),
        pytest.param(comment(ADDED, 3, start=2, body="```suggestion\n  id bigint,\n```"), id="lines with a suggestion"),
    ],
)
def test_a_comment_may_stand_on(placed: InlineComment, there: There) -> None:
    before = len(there.github.comments(there.number))
    there.github.send(there.number, there.review(placed))
    assert len(there.github.comments(there.number)) == before + 1


def test_one_line_outside_the_diff_refuses_the_whole_review(there: There) -> None:
    before = there.github.comments(there.number)
    with pytest.raises(Refused) as refused:
        there.github.send(there.number, there.review(comment(ADDED, 1), comment(CHANGED, 1)))
    assert refused.value.status == 422
    assert there.github.comments(there.number) == before


def test_a_body_of_60_000_characters_is_kept_as_it_is(there: There) -> None:
    body = "<!-- pgassay:contract -->\n" + "x" * 59_970
    there.github.send(there.number, CreateSummary(body))
    assert there.github.comments(there.number)[-1].body == body


def test_a_comment_can_be_edited(there: There) -> None:
    there.github.send(there.number, there.review(comment(ADDED, 2)))
    mine = [each for each in there.github.comments(there.number) if each.kind == "review"][-1]
    assert mine.author == there.author
    there.github.send(there.number, EditReviewComment(mine.id, "y"))
    assert "y" in [each.body for each in there.github.comments(there.number) if each.id == mine.id]


def test_a_second_run_writes_nothing(there: There) -> None:
    said = report(finding(1, location=Location(ADDED, 1, 1)), finding(2, location=Location(REMOVED, 1, 1)))
    options = Options(there.head, there.author, id="contract")
    publish(said, there.number, options, there.github)
    again = publish(said, there.number, options, there.github)
    assert (again.writes_done, again.degraded) == ((), None)
