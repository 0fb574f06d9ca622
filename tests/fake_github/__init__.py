"""A GitHub of our own for tests: see README.md."""

from tests.fake_github import faults
from tests.fake_github.events import example
from tests.fake_github.github import FakeGitHub, Received
from tests.fake_github.repository import Repository
from tests.fake_github.state import JOB_TOKEN, OCTOCAT, Author, IssueComment, PullRequest, Review, ReviewComment

__all__ = [
    "JOB_TOKEN",
    "OCTOCAT",
    "Author",
    "FakeGitHub",
    "IssueComment",
    "PullRequest",
    "Received",
    "Repository",
    "Review",
    "ReviewComment",
    "example",
    "faults",
]
