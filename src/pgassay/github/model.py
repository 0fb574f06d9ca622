"""The nouns of the GitHub side: what is on a pull request, and what is to be written there."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from msgspec import Struct

from pgassay.model import Severity


class Side(StrEnum):
    """RIGHT holds added and unchanged lines, numbered as the head commit has them; LEFT holds deleted ones."""

    LEFT = "LEFT"
    RIGHT = "RIGHT"


class ChangedFile(Struct, frozen=True):
    """One file of a pull request.

    `status` is GitHub's: added, removed, modified, renamed, copied, changed, unchanged. `patch` holds the hunks without
    the lines above them. GitHub leaves it out for pure renames, binaries and large files; then it is None, and so are
    the lines that a comment may stand on, unless git made the patch: GitHub may then still refuse the line.
    """

    path: str
    status: str
    previous_path: str | None = None
    patch: str | None = None
    patch_by_git: bool = False


class ChangedFiles(Struct, frozen=True):
    """`complete` is false where GitHub stopped listing (3,000 files): what is not here is then not known."""

    files: tuple[ChangedFile, ...]
    complete: bool = True


class PullRequest(Struct, frozen=True):
    """A pull request as it is now. `head_repository` is None when the fork was deleted."""

    number: int
    head_sha: str
    base_ref: str
    base_sha: str
    head_repository: str | None
    is_open: bool = True
    changed_files: int | None = None


class ExistingComment(Struct, frozen=True):
    """A comment by anybody. `kind` is review for one on a line, issue for one in the conversation.

    `line` is None for one that GitHub calls outdated; `in_reply_to` is the comment that opened the thread.
    `is_bot` is set for the account of an app.
    """

    id: int
    author: str
    body: str
    kind: Literal["review", "issue"]
    path: str | None = None
    line: int | None = None
    start_line: int | None = None
    in_reply_to: int | None = None
    is_bot: bool = False


class InlineComment(Struct, frozen=True):
    """`start_line` is strictly before `line`, and None for a comment on one line; both are on `side`.

    `sure` is false where git had to say what the diff shows, because GitHub did not.
    """

    path: str
    line: int
    body: str
    fingerprint: str
    start_line: int | None = None
    side: Side = Side.RIGHT
    sure: bool = True


class CreateReview(Struct, frozen=True):
    """Always with the event COMMENT. GitHub refuses the whole review for one line that is not in the diff."""

    commit: str
    body: str
    comments: tuple[InlineComment, ...]


class EditReviewComment(Struct, frozen=True):
    id: int
    body: str


class CreateSummary(Struct, frozen=True):
    body: str


class EditSummary(Struct, frozen=True):
    id: int
    body: str


Write = CreateReview | EditReviewComment | CreateSummary | EditSummary


class Options(Struct, frozen=True):
    """What the planner must know besides the report.

    `head_sha` is the commit that was reviewed, `author` the login under which we write. `id` parts several uses in one
    repository. Findings below `inline` go to the summary alone; None keeps all of them there. `refused` are
    fingerprints of comments that GitHub did not take: they go to the summary too. `reviewed_before` is the head that
    our summary was about when this run began, if that is not what it says now.
    """

    head_sha: str
    author: str
    id: str = "default"
    inline: Severity | None = Severity.NOTE
    most_inline: int = 30
    suggestions: bool = True
    refused: frozenset[str] = frozenset()
    reviewed_before: str | None = None


class Plan(Struct, frozen=True):
    """Writes in the order in which they are to be sent.

    `annotations` are lines for the log and `summary_markdown` is for the job's page: both are there whatever becomes of
    the writes. `left_out` says in sentences what is not written and why.
    """

    writes: tuple[Write, ...]
    annotations: tuple[str, ...]
    summary_markdown: str
    left_out: tuple[str, ...] = ()
