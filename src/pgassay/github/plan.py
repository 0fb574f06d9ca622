"""From a report and what is on the pull request to a list of writes. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from pgassay.github.model import (
    ChangedFile,
    ChangedFiles,
    CreateReview,
    CreateSummary,
    EditReviewComment,
    EditSummary,
    ExistingComment,
    InlineComment,
    Options,
    Plan,
    PullRequest,
    Side,
    Write,
)
from pgassay.model import Report

__all__ = [
    "ChangedFile",
    "ChangedFiles",
    "CreateReview",
    "CreateSummary",
    "EditReviewComment",
    "EditSummary",
    "ExistingComment",
    "InlineComment",
    "Options",
    "Plan",
    "PullRequest",
    "Side",
    "Write",
    "plan",
]


def plan(
    report: Report,
    pull_request: PullRequest,
    files: ChangedFiles,
    existing: Iterable[ExistingComment],
    options: Options,
) -> Plan:
    """What to write so that the pull request says what the report says, and nothing twice."""
    raise NotImplementedError
