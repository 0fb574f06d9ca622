"""The fake itself: one instance is one GitHub with one pull request, for one test."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from threading import Event, RLock
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from msgspec import Struct

from tests.fake_github import shapes
from tests.fake_github.answers import NOT_ACCESSIBLE, Answers, Call, Reply
from tests.fake_github.contract import Operation, contract
from tests.fake_github.events import example
from tests.fake_github.faults import Fault
from tests.fake_github.server import Response, Server
from tests.fake_github.shapes import REPOSITORY_ID, Urls, error
from tests.fake_github.state import JOB_TOKEN, Author, IssueComment, PullRequest, ReviewComment

TokenMode = Literal["write", "read", "expired", "blind"]


class Received(Struct):
    """One request. `path` lacks the prefix; `status` is what the caller saw, None for a connection that broke off."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    status: int | None = None
    took_effect: bool = False


class Scripted(Struct):
    method: str
    path: re.Pattern[str]
    fault: Fault
    skip: int
    times: int


class FakeGitHub:
    """`with FakeGitHub(PullRequest(repository)) as github:` and then `github.url` is what GITHUB_API_URL would say.

    `token` is the only one that is known; `mode` says what it may do: write, read (403 on every write), expired (401),
    blind (404, as for a private repository that it cannot see). `page_size` caps `per_page`. Whatever GitHub would not
    take, or we never want to send, is collected in `violations`.
    """

    def __init__(
        self,
        pull: PullRequest,
        *,
        prefix: str = "",
        repository: str = "octo-org/shop",
        page_size: int = 2,
        most_files: int = 3000,
        writer: Author = JOB_TOKEN,
        port: int = 0,
    ) -> None:
        self.pull = pull
        self.repository = repository
        self.token = f"ghs_{secrets.token_hex(18)}"
        self.mode: TokenMode = "write"
        self.received: list[Received] = []
        self._violations: list[str] = []
        self._scripted: list[Scripted] = []
        self._prefix = prefix
        self._page_size = page_size
        self._remaining = 1000
        self._lock = RLock()
        self._closing = Event()
        self._server = Server(self._serve, port)
        web = f"http://127.0.0.1:{self._server.port}"
        self.port = self._server.port
        self.url = web + prefix
        self.urls = Urls(api=self.url, web=web, repository=repository)
        self._answers = Answers(pull, self.urls, writer, most_files=most_files)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.stop()

    @property
    def violations(self) -> list[str]:
        return [*self._violations, *self._answers.violations]

    @property
    def writes(self) -> list[Received]:
        """Every request that is no reading, refused ones included, in order."""
        return [request for request in self.received if request.method not in ("GET", "HEAD")]

    @property
    def created(self) -> int:
        """Requests that made something new: what GitHub's limit on content counts."""
        return sum(request.method == "POST" and request.took_effect for request in self.received)

    def on(self, method: str, path: str, fault: Fault, *, skip: int = 0, times: int = 1) -> None:
        """Let the next `times` calls whose path contains the pattern go wrong, after `skip` that do not.

        The method `*` stands for every one.
        """
        self._scripted.append(Scripted(method, re.compile(path), fault, skip, times))

    def forget(self) -> None:
        """What was received, and what was still to go wrong."""
        with self._lock:
            self.received.clear()
            self._scripted.clear()

    def push(self, files: dict[str, str | None]) -> str:
        with self._lock:
            return self.pull.push(files)

    def delete(self, comment: ReviewComment | IssueComment) -> None:
        with self._lock:
            entries: list[Any] = (
                self.pull.review_comments if isinstance(comment, ReviewComment) else self.pull.issue_comments
            )
            entries.remove(comment)

    def event(self, name: str = "pull_request_opened") -> dict[str, Any]:
        """A published example of a pull request's event, with this pull request in it."""
        payload = example(name)
        pull = shapes.pull_request(self.urls, self.pull)
        return payload | {
            "number": self.pull.number,
            "pull_request": payload["pull_request"] | pull,
            "repository": payload["repository"] | shapes.repository(self.urls, self.repository),
        }

    def _serve(self, method: str, target: str, headers: Mapping[str, str], raw: bytes) -> Response | None:
        split = urlsplit(target)
        path = split.path.removeprefix(self._prefix)
        path = path.replace(f"/repositories/{REPOSITORY_ID}/", f"/repos/{self.repository}/", 1)
        query = dict(parse_qsl(split.query, keep_blank_values=True))
        received = Received(method, path, query, _decoded(raw))
        with self._lock:
            self.received.append(received)
            fault = self._next_fault(method, path) or Fault(takes_effect=True)
            if not split.path.startswith(self._prefix + "/"):
                self._violations.append(f"{method} {split.path} is not below {self._prefix}")
            if fault.first is not None:
                fault.first()
        if fault.delay:
            self._closing.wait(fault.delay)
        with self._lock:
            found = contract().route(method, path)
            if found is None:
                self._violations.append(f"{method} {path} is not one of the operations in description.json")
                return self._response(received, Reply(404, error(404, "Not Found")))
            reply = self._reply(received, *found, headers) if fault.takes_effect else Reply(200, None)
            if fault.reset:
                return None
            if fault.status is not None:
                reply = Reply(fault.status, fault.body)
            if not fault.foreign and not isinstance(reply.body, str):
                shown = reply.body if reply.status != 200 or not reply.pages else self._page(received, reply)[0]
                self._violations += contract().wrong_in_answer(found[0], reply.status, shown)
            return self._response(received, reply, fault.headers)

    def _next_fault(self, method: str, path: str) -> Fault | None:
        for entry in self._scripted:
            if entry.times and entry.method in (method, "*") and entry.path.search(path):
                if entry.skip:
                    entry.skip -= 1
                    continue
                entry.times -= 1
                return entry.fault
        return None

    def _reply(
        self, received: Received, operation: Operation, segments: Mapping[str, str], headers: Mapping[str, str]
    ) -> Reply:
        wrong = contract().wrong_in_query(operation, received.query)
        wrong += contract().wrong_in_body(operation, received.body)
        if "user-agent" not in headers:
            wrong.append("GitHub refuses requests without a User-Agent")
        self._violations += wrong
        if (
            headers.get("authorization") not in (f"token {self.token}", f"Bearer {self.token}")
            or self.mode == "expired"
        ):
            return Reply(401, error(401, "Bad credentials"))
        if self.mode == "blind":
            return Reply(404, error(404, "Not Found"))
        if self.mode == "read" and operation.method != "GET":
            return Reply(403, error(403, NOT_ACCESSIBLE))
        if wrong:
            return Reply(422, error(422, "Invalid request.", errors=wrong))
        call = Call({name: unquote(value) for name, value in segments.items()}, received.query, received.body)
        reply = self._answers(operation.id, call)
        received.took_effect = operation.method != "GET" and reply.status < 300
        return reply

    def _response(self, received: Received, reply: Reply, extra: Mapping[str, str] | None = None) -> Response:
        received.status = reply.status
        self._remaining -= 1
        headers = {
            "X-GitHub-Request-Id": secrets.token_hex(8),
            "X-RateLimit-Limit": "1000",
            "X-RateLimit-Remaining": str(self._remaining),
            "X-RateLimit-Reset": "1767229200",
            "X-RateLimit-Resource": "core",
        }
        body = reply.body
        if reply.pages:
            body, links = self._page(received, reply)
            headers |= {"Link": links} if links else {}
        if body is None or isinstance(body, str):
            content, kind = (body or "").encode(), "text/html"
        else:
            content, kind = json.dumps(body).encode(), "application/json; charset=utf-8"
        return Response(reply.status, headers | {"Content-Type": kind} | dict(extra or {}), content)

    def _page(self, received: Received, reply: Reply) -> tuple[list[Any], str]:
        """GitHub's own links go by the repository's number, not by its name."""
        size = min(int(received.query.get("per_page", "30")), self._page_size)
        page, last = int(received.query.get("page", "1")), max(1, -(-len(reply.body) // size))
        related = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
        here = received.path.replace(f"/repos/{self.repository}/", f"/repositories/{REPOSITORY_ID}/", 1)
        links = [
            f'<{self.url}{here}?{urlencode({**received.query, "page": number})}>; rel="{name}"'
            for name, number in related.items()
            if 1 <= number <= last and number != page
        ]
        return reply.body[(page - 1) * size : page * size], ", ".join(links)


def _decoded(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return json.loads(raw)
    except ValueError:
        return f"not JSON: {raw[:80]!r}"
