"""Changed files as GitHub lists them, made by git."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from msgspec.structs import replace

from pgassay.github import markers
from pgassay.github.model import (
    ChangedFile,
    ChangedFiles,
    CreateReview,
    CreateSummary,
    EditReviewComment,
    ExistingComment,
    PullRequest,
    Write,
)
from tests.fake_github.repository import Repository

HEAD = "4f2a91c0" * 5
NEWER = "77d0b6ee" * 5
AUTHOR = "github-actions[bot]"
PULL_REQUEST = PullRequest(5, HEAD, base_ref="main", base_sha="0" * 40, head_repository="octo/shop")


def changed_files(repository: Repository, base: str, head: str) -> ChangedFiles:
    return ChangedFiles(
        tuple(
            ChangedFile(entry.path, entry.status, entry.previous_path, entry.patch)
            for entry in repository.diff(base, head)
        )
    )


def added(path: str, text: str) -> ChangedFile:
    """A new file, wholly in the diff."""
    lines = text.removesuffix("\n").split("\n")
    patch = "\n".join([f"@@ -0,0 +1,{len(lines)} @@", *(f"+{line}" for line in lines)])
    return ChangedFile(path, "added", patch=patch if text.endswith("\n") else f"{patch}\n\\ No newline at end of file")


def applied(
    writes: Iterable[Write], existing: Iterable[ExistingComment] = (), *, author: str = AUTHOR
) -> tuple[ExistingComment, ...]:
    """What is on the pull request when the writes are done."""
    comments = {comment.id: comment for comment in existing}
    numbers = count(max(comments, default=0) + 1)
    for write in writes:
        comments.update({comment.id: comment for comment in _after(write, comments, numbers, author)})
    return tuple(comments.values())


def _after(
    write: Write, comments: dict[int, ExistingComment], numbers: Iterator[int], author: str
) -> Iterator[ExistingComment]:
    match write:
        case CreateReview():
            for new in write.comments:
                yield ExistingComment(
                    next(numbers), author, new.body, "review", new.path, new.line, start_line=new.start_line
                )
        case CreateSummary():
            yield ExistingComment(next(numbers), author, write.body, "issue")
        case EditReviewComment():
            assert comments[write.id].kind == "review"
            yield replace(comments[write.id], body=write.body)
        case _:
            assert comments[write.id].kind == "issue"
            yield replace(comments[write.id], body=write.body)


def fingerprints(comments: Iterable[ExistingComment]) -> list[str]:
    """Of the comments that say that something is there, not that it was or has moved."""
    found = [markers.read(comment.body) for comment in comments]
    return [
        marker.fingerprint
        for marker in found
        if isinstance(marker, markers.FindingMarker) and marker.state == markers.OPEN
    ]
