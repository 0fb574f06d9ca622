"""What the fake remembers of one pull request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from itertools import count

from msgspec import Struct

from tests.fake_github.lines import Line, commentable, hunk_up_to
from tests.fake_github.repository import DiffEntry, Repository


class Author(Struct, frozen=True):
    login: str
    id: int
    kind: str = "User"


JOB_TOKEN = Author("github-actions[bot]", 41898282, "Bot")
"""As whom a job's own token writes."""
OCTOCAT = Author("octocat", 583231)


class Review(Struct):
    id: int
    author: Author
    body: str
    state: str
    commit: str
    at: datetime


class ReviewComment(Struct):
    """`line` and `start_line` are None once the comment is outdated; the original ones stay."""

    id: int
    author: Author
    body: str
    at: datetime
    edited: datetime
    review: int
    path: str
    side: str
    line: int | None
    start_side: str | None
    start_line: int | None
    commit: str
    original_commit: str
    original_line: int
    original_start_line: int | None
    position: int | None
    original_position: int
    hunk: str
    in_reply_to: int | None = None


class IssueComment(Struct):
    id: int
    author: Author
    body: str
    at: datetime
    edited: datetime


class Anchor(Struct, frozen=True):
    """Where a new comment is to stand, as the request names it."""

    path: str
    line: int | None
    side: str
    start_line: int | None
    start_side: str | None


class Refused(Exception):
    """GitHub's reason for a 422."""


class PullRequest:
    """One pull request from `change` into `main`. `fork_owner` says whose fork the head is in."""

    def __init__(self, repository: Repository, number: int = 1) -> None:
        self.repository = repository
        self.number = number
        self.base_branch = "main"
        self.head_branch = "change"
        self.fork_owner: str | None = None
        self.fork_deleted = False
        self.is_open = True
        self.without_patch: set[str] = set()
        self.reviews: list[Review] = []
        self.review_comments: list[ReviewComment] = []
        self.issue_comments: list[IssueComment] = []
        self._ids = count(1001)
        self._seconds = count()
        self._diffs: dict[tuple[str, str], list[DiffEntry]] = {}

    @property
    def base_sha(self) -> str:
        return self.repository.sha(self.base_branch)

    @property
    def head_sha(self) -> str:
        return self.repository.sha(self.head_branch)

    def now(self) -> datetime:
        return datetime(2026, 1, 2, tzinfo=UTC) + timedelta(seconds=next(self._seconds))

    def files(self, head: str | None = None) -> list[DiffEntry]:
        key = (self.base_sha, head or self.head_sha)
        if key not in self._diffs:
            self._diffs[key] = self.repository.diff(*key)
        return self._diffs[key]

    def patch(self, path: str, head: str) -> str | None:
        if path in self.without_patch:
            return None
        return next((entry.patch for entry in self.files(head) if entry.path == path), None)

    def review(self, author: Author, commit: str, body: str, comments: list[tuple[Anchor, str]]) -> Review:
        """Everything or nothing: one anchor that is not in the diff refuses the whole review."""
        placed = [(anchor, text, *self._place(anchor, commit)) for anchor, text in comments]
        review = Review(next(self._ids), author, body, "COMMENTED", commit, self.now())
        self.reviews.append(review)
        for anchor, text, last, hunk in placed:
            now = self.now()
            self.review_comments.append(
                ReviewComment(
                    id=next(self._ids),
                    author=author,
                    body=text,
                    at=now,
                    edited=now,
                    review=review.id,
                    path=anchor.path,
                    side=anchor.side,
                    line=anchor.line,
                    start_side=anchor.start_side,
                    start_line=anchor.start_line,
                    commit=commit,
                    original_commit=commit,
                    original_line=last.number,
                    original_start_line=anchor.start_line,
                    position=last.position,
                    original_position=last.position,
                    hunk=hunk,
                )
            )
        return review

    def reply(self, author: Author, comment: ReviewComment, body: str) -> ReviewComment:
        review = Review(next(self._ids), author, "", "COMMENTED", comment.commit, self.now())
        now = self.now()
        fields = {name: getattr(comment, name) for name in comment.__struct_fields__}
        fields |= {"id": next(self._ids), "author": author, "body": body, "at": now, "edited": now}
        reply = ReviewComment(**fields | {"review": review.id, "in_reply_to": comment.in_reply_to or comment.id})
        self.reviews.append(review)
        self.review_comments.append(reply)
        return reply

    def comment(self, author: Author, body: str) -> IssueComment:
        now = self.now()
        comment = IssueComment(next(self._ids), author, body, now, now)
        self.issue_comments.append(comment)
        return comment

    def push(self, files: dict[str, str | None]) -> str:
        """A new commit on the head branch. Comments follow their lines; those whose lines are gone are outdated."""
        before = self.head_sha
        after = self.repository.commit(files)
        for comment in self.review_comments:
            if comment.line is not None:
                self._follow(comment, before, after)
        return after

    def _place(self, anchor: Anchor, commit: str) -> tuple[Line, str]:
        patch = self.patch(anchor.path, commit)
        if patch is None:
            raise Refused(
                "Pull request review thread path is invalid and Pull request review thread diff hunk can't be blank"
            )
        lines = {(line.side, line.number): line for line in commentable(patch)}
        last = lines.get((anchor.side, anchor.line or 0))
        if last is None:
            raise Refused("Pull request review thread line must be part of the diff")
        if anchor.start_line is not None:
            first = lines.get((anchor.start_side or "", anchor.start_line))
            if first is None:
                raise Refused("Pull request review thread start line must be part of the diff")
            if first.hunk != last.hunk:
                raise Refused("Pull request review thread start line must be part of the same hunk as the line.")
            if first.position >= last.position:
                raise Refused("Pull request review thread start line must precede the end line.")
        return last, hunk_up_to(patch, last.position)

    def _follow(self, comment: ReviewComment, before: str, after: str) -> None:
        lines = {(line.side, line.number): line for line in commentable(self.patch(comment.path, after))}
        moved: Callable[[int], int | None] = lambda number: number  # noqa: E731
        if comment.side == "RIGHT":
            moved = self._moved(comment.path, before, after)
        line = moved(comment.line or 0)
        start = None if comment.start_line is None else moved(comment.start_line)
        found = lines.get((comment.side, line or 0))
        if found is None or (start is None) != (comment.start_line is None):
            comment.line = comment.start_line = comment.position = None
        else:
            comment.line, comment.start_line, comment.position = line, start, found.position
            comment.commit = after

    def _moved(self, path: str, before: str, after: str) -> Callable[[int], int | None]:
        def text(commit: str) -> list[str]:
            listed = self.repository.ask("ls-tree", "--name-only", commit, path)
            return self.repository.ask("show", f"{commit}:{path}").split("\n") if listed else []

        same = SequenceMatcher(None, text(before), text(after), autojunk=False).get_matching_blocks()
        return {old + step + 1: new + step + 1 for old, new, size in same for step in range(size)}.get
