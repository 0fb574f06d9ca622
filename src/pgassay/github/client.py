"""GitHub over HTTP, through PyGithub: what is on a pull request, and one write at a time. It decides nothing.

Reads are repeated when they fail. A write is sent once: GitHub has answered 502 to reviews that it then kept, so
whoever repeats one must look first. The token is in no message, no name and no log line.
"""

from __future__ import annotations

import importlib
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol

from pgassay.github.answers import Comment, File, Made, Pull, User, read_as
from pgassay.github.model import (
    ChangedFiles,
    CreateReview,
    CreateSummary,
    EditReviewComment,
    EditSummary,
    ExistingComment,
    InlineComment,
    PullRequest,
    Write,
)
from pgassay.github.trouble import GitHubError, InDoubt, Limited, OutOfTime, Refused, trouble

if TYPE_CHECKING:
    from github.Requester import Requester

TRIES = 3
_NEXT = re.compile(r'<([^<>]+)>\s*;\s*rel="next"')
_TOKEN = re.compile(r"[!-~]+")


class Clock(Protocol):
    def monotonic(self) -> float: ...
    def time(self) -> float: ...
    def sleep(self, seconds: float, /) -> None: ...


class GitHub:
    """One repository as one token sees it. `api_url` is GITHUB_API_URL; `timeout`, in whole seconds, is per answer.

    Every method raises GitHubError and nothing else; the constructor raises nothing.
    """

    def __init__(self, token: str, repository: str, *, api_url: str, timeout: int = 15, clock: Clock = time) -> None:
        self._token = token
        self._path = f"/repos/{repository}"
        self._api_url = api_url.rstrip("/")
        self._timeout = timeout
        self._clock = clock
        self._connection: Requester | None = None
        self.allow(60)

    def allow(self, seconds: float) -> None:
        """From now on, requests and waits may take this long together; a minute from the start, if nobody says so."""
        self._seconds = seconds
        self._deadline = self._clock.monotonic() + seconds

    def wait(self, seconds: float, why: str) -> None:
        """Raises OutOfTime at once where there is not that much time left."""
        if seconds > self._deadline - self._clock.monotonic():
            raise OutOfTime(f"{why}; waiting {seconds:.0f} s would take longer than posting may")
        self._clock.sleep(seconds)

    def pull_request(self, number: int) -> PullRequest:
        _, answer = self._read(f"{self._path}/pulls/{number}", {})
        return read_as(answer, Pull).as_pull_request()

    def pull_requests_from(self, head_repository: str, branch: str) -> tuple[PullRequest, ...]:
        """The open ones with that branch as head. GitHub asks for the owner alone: compare the repository yourself."""
        owner, _, _ = head_repository.partition("/")
        found = self._all(f"{self._path}/pulls", {"state": "open", "head": f"{owner}:{branch}"})
        return tuple(read_as(entry, Pull).as_pull_request() for entry in found)

    def changed_files(self, pull_request: PullRequest) -> ChangedFiles:
        found = self._all(f"{self._path}/pulls/{pull_request.number}/files", {})
        files = tuple(read_as(entry, File).as_changed_file() for entry in found)
        expected = pull_request.changed_files
        return ChangedFiles(files, complete=expected is None or len(files) >= expected)

    def comments(self, number: int) -> tuple[ExistingComment, ...]:
        """Everybody's: first those on lines, then those in the conversation, each oldest first."""
        on_lines = self._all(f"{self._path}/pulls/{number}/comments", {})
        in_conversation = self._all(f"{self._path}/issues/{number}/comments", {})
        return (
            *(read_as(entry, Comment).as_existing("review") for entry in on_lines),
            *(read_as(entry, Comment).as_existing("issue") for entry in in_conversation),
        )

    def login(self) -> str | None:
        """Whose token it is. None for that of a job or an app, which may not ask."""
        try:
            _, answer = self._read("/user", {})
        except Refused:
            return None
        return read_as(answer, User).login

    def send(self, number: int, write: Write) -> str | None:
        """The login under which something was made, as far as the answer tells."""
        verb, path, body = _request(number, write)
        _, answer = self._once(verb, f"{self._path}/{path}", body=body)
        made = read_as(answer, Made)
        return made.user.login if verb == "POST" and made.user else None

    def _all(self, path: str, parameters: Mapping[str, str]) -> Iterator[Any]:
        """Every entry of a list. The address of the next page is GitHub's to choose."""
        address, given = path, {**parameters, "per_page": "100"}
        while True:
            headers, entries = self._read(address, given)
            yield from read_as(entries, list[Any])
            following = _NEXT.search(headers.get("link", ""))
            if following is None:
                return
            address, given = following[1], {}

    def _read(self, address: str, parameters: Mapping[str, str]) -> tuple[Mapping[str, str], Any]:
        failed = 0
        while True:
            try:
                return self._once("GET", address, parameters=parameters)
            except Limited as limit:
                self.wait(limit.seconds, str(limit))
            except InDoubt as doubt:
                failed += 1
                if failed == TRIES:
                    raise
                self.wait(2 ** (failed - 1), str(doubt))

    def _once(
        self, verb: str, address: str, *, parameters: Mapping[str, str] | None = None, body: Any = None
    ) -> tuple[Mapping[str, str], Any]:
        if self._clock.monotonic() >= self._deadline:
            raise OutOfTime(f"GitHub took more than {self._seconds:.0f} s")
        requester = self._connected()
        from github import GithubException

        failure: GitHubError
        try:
            headers, answer = requester.requestJsonAndCheck(
                verb, address, parameters=dict(parameters or {}), input=body
            )
            return headers, answer
        except GithubException as error:
            now = self._clock.time()
            failure = trouble(verb, error.status, error.headers or {}, error.data, token=self._token, now=now)
        except OSError as error:
            # Everything that requests raises is one, time-outs among them.
            failure = InDoubt(f"{self._host} did not answer ({type(error).__name__})")
        except Exception as error:
            # PyGithub asserts and looks up keys in whatever a proxy may have answered.
            failure = InDoubt(f"{self._host} did not answer as GitHub does ({type(error).__name__})")
        # Outside the handlers, so that no exception of ours drags along the request with its headers.
        raise failure

    @property
    def _host(self) -> str:
        return self._api_url.partition("://")[2].partition("/")[0].rpartition("@")[2]

    def get_ready(self) -> None:
        """Import what the first request needs, a fifth of a second, beside whatever is waited for until then."""

        def import_it() -> None:
            with suppress(ImportError):
                importlib.import_module("github")

        # No daemon: what it imports does not bear being cut off at the end of the process.
        Thread(target=import_it).start()

    def _connected(self) -> Requester:
        if self._connection is None:
            if not _TOKEN.fullmatch(self._token):
                raise Refused("the token has characters that none has" if self._token else "there is no token")
            if not self._api_url.startswith(("https://", "http://")):
                raise Refused("GITHUB_API_URL is not the address of a server")
            try:
                from github import Auth, Github
            except ImportError:
                raise Refused("PyGithub is not installed: pip install 'pgassay[action]'") from None
            self._connection = Github(
                auth=Auth.Token(self._token),
                base_url=self._api_url,
                timeout=self._timeout,
                user_agent="pgassay",
                retry=None,
                seconds_between_requests=None,
                seconds_between_writes=None,
            ).requester
        return self._connection


def _request(number: int, write: Write) -> tuple[str, str, dict[str, Any]]:
    match write:
        case CreateReview():
            comments = [_inline(comment) for comment in write.comments]
            review = {"commit_id": write.commit, "event": "COMMENT", "body": write.body, "comments": comments}
            return "POST", f"pulls/{number}/reviews", review
        case EditReviewComment():
            return "PATCH", f"pulls/comments/{write.id}", {"body": write.body}
        case CreateSummary():
            return "POST", f"issues/{number}/comments", {"body": write.body}
        case EditSummary():
            return "PATCH", f"issues/comments/{write.id}", {"body": write.body}


def _inline(comment: InlineComment) -> dict[str, Any]:
    side = comment.side.value
    placed = {"path": comment.path, "line": comment.line, "side": side, "body": comment.body}
    if comment.start_line is not None:
        placed |= {"start_line": comment.start_line, "start_side": side}
    return placed
