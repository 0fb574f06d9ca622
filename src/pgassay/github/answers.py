"""What is read out of GitHub's answers, and into which nouns."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

from pgassay.github.model import ChangedFile, ExistingComment, PullRequest
from pgassay.github.trouble import InDoubt

T = TypeVar("T")


class Repository(Struct):
    full_name: str


class Side(Struct):
    """`repo` is null when a fork was deleted."""

    sha: str
    ref: str
    repo: Repository | None


class Pull(Struct):
    """`changed_files` is left out where pull requests are listed."""

    number: int
    state: str
    head: Side
    base: Side
    changed_files: int | None = None

    def as_pull_request(self) -> PullRequest:
        return PullRequest(
            number=self.number,
            head_sha=self.head.sha,
            base_ref=self.base.ref,
            base_sha=self.base.sha,
            head_repository=self.head.repo.full_name if self.head.repo else None,
            is_open=self.state == "open",
            changed_files=self.changed_files,
        )


class File(Struct):
    filename: str
    status: str
    previous_filename: str | None = None
    patch: str | None = None

    def as_changed_file(self) -> ChangedFile:
        return ChangedFile(self.filename, self.status, self.previous_filename, self.patch)


class User(Struct):
    """`type` is Bot for an app."""

    login: str
    type: str = "User"


class Comment(Struct):
    """`user` is null for an account that is gone, `line` for an outdated comment."""

    id: int
    user: User | None
    body: str | None = None
    path: str | None = None
    line: int | None = None
    start_line: int | None = None
    in_reply_to_id: int | None = None

    def as_existing(self, kind: Literal["review", "issue"]) -> ExistingComment:
        return ExistingComment(
            id=self.id,
            author=self.user.login if self.user else "",
            body=self.body or "",
            kind=kind,
            path=self.path,
            line=self.line,
            start_line=self.start_line,
            in_reply_to=self.in_reply_to_id,
            is_bot=self.user is not None and self.user.type == "Bot",
        )


class Made(Struct):
    """A review or a comment that was created or edited."""

    id: int
    user: User | None = None


def read_as(answer: Any, kind: type[T]) -> T:
    """Raises InDoubt where the answer has another shape: a proxy may have given it, or a maintenance page."""
    try:
        return msgspec.convert(answer, kind)
    except msgspec.ValidationError as error:
        raise InDoubt(f"the answer is not one of GitHub's: {error}") from None
