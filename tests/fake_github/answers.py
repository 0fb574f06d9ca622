"""One method per operation: what GitHub does and answers. Validation of the request's shape has happened before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec import Struct

from tests.fake_github import shapes
from tests.fake_github.shapes import Urls, error
from tests.fake_github.state import Anchor, Author, IssueComment, PullRequest, Refused, ReviewComment

LONGEST_BODY = 65536
MOST_INLINE = 30
NOT_ACCESSIBLE = "Resource not accessible by integration"

Comment = TypeVar("Comment", ReviewComment, IssueComment)


class Reply(Struct, frozen=True):
    """`pages` marks a list that is handed out in pages."""

    status: int
    body: Any
    pages: bool = False


class Call(Struct, frozen=True):
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any


class Answers:
    def __init__(self, pull: PullRequest, urls: Urls, writer: Author, *, most_files: int) -> None:
        self._pull = pull
        self._urls = urls
        self._writer = writer
        self._most_files = most_files
        self.violations: list[str] = []
        self._operations: dict[str, Callable[[Call], Reply]] = {
            "users/get-authenticated": self._viewer,
            "pulls/list": self._pulls,
            "pulls/get": self._pull_request,
            "pulls/list-files": self._files,
            "pulls/list-reviews": self._reviews,
            "pulls/create-review": self._create_review,
            "pulls/list-review-comments": self._review_comments,
            "pulls/get-review-comment": self._review_comment,
            "pulls/update-review-comment": self._edit_review_comment,
            "issues/list-comments": self._issue_comments,
            "issues/create-comment": self._create_comment,
            "issues/get-comment": self._issue_comment,
            "issues/update-comment": self._edit_issue_comment,
            "repos/compare-commits-with-basehead": self._compare,
            "repos/list-pull-requests-associated-with-commit": self._pulls_of_commit,
        }

    def __call__(self, operation: str, call: Call) -> Reply:
        for name in ("pull_number", "issue_number"):
            if name in call.path and call.path[name] != str(self._pull.number):
                return _not_found()
        if "owner" in call.path and f"{call.path['owner']}/{call.path['repo']}" != self._urls.repository:
            return _not_found()
        return self._operations[operation](call)

    def _viewer(self, _: Call) -> Reply:
        if self._writer.kind == "Bot":
            return Reply(403, error(403, NOT_ACCESSIBLE))
        return Reply(200, shapes.public_user(self._urls, self._writer))

    def _pulls(self, call: Call) -> Reply:
        shape = shapes.pull_request_simple(self._urls, self._pull)
        state = call.query.get("state", "open")
        wanted = state in ("all", shape["state"]) and call.query.get("head") in (None, shape["head"]["label"])
        return Reply(200, [shape] if wanted else [], pages=True)

    def _pulls_of_commit(self, call: Call) -> Reply:
        """Nothing for a fork: its commits are not in this repository."""
        shape = shapes.pull_request_simple(self._urls, self._pull)
        known = self._pull.repository.commits(self._pull.base_sha, self._pull.head_sha)
        found = self._pull.fork_owner is None and self._pull.is_open and call.path["commit_sha"] in known
        return Reply(200, [shape] if found else [], pages=True)

    def _pull_request(self, _: Call) -> Reply:
        return Reply(200, shapes.pull_request(self._urls, self._pull))

    def _files(self, _: Call) -> Reply:
        head, without = self._pull.head_sha, self._pull.without_patch
        entries = self._pull.files()[: self._most_files]
        shown = [shapes.diff_entry(self._urls, file, head, with_patch=file.path not in without) for file in entries]
        return Reply(200, shown, pages=True)

    def _reviews(self, _: Call) -> Reply:
        return Reply(200, [shapes.review(self._urls, self._pull, entry) for entry in self._pull.reviews], pages=True)

    def _create_review(self, call: Call) -> Reply:
        body, comments = call.body.get("body", ""), call.body.get("comments", [])
        if len(comments) > MOST_INLINE:
            self.violations.append(f"a review with {len(comments)} comments: GitHub breaks off above {MOST_INLINE}")
        problems = [*_problems("Body", body)]
        for comment in comments:
            problems += _problems("Pull request review thread body", comment["body"])
            if "line" not in comment or "side" not in comment or "position" in comment:
                problems.append("Pull request review thread line and side are needed, position is closing down")
            if ("start_line" in comment) != ("start_side" in comment):
                problems.append("Pull request review thread start line and start side belong together")
        if call.body.get("event") != "COMMENT":
            self.violations.append("a review that is not a comment: it blocks, approves, or nobody sees it")
        commit = call.body.get("commit_id")
        if commit not in self._pull.repository.commits(self._pull.base_sha, self._pull.head_sha):
            problems.append("commit_id is not part of the pull request")
        if problems:
            return Reply(422, error(422, "Unprocessable Entity", errors=problems))
        anchors = [
            (
                Anchor(
                    path=comment["path"],
                    line=comment["line"],
                    side=comment["side"],
                    start_line=comment.get("start_line"),
                    start_side=comment.get("start_side"),
                ),
                comment["body"],
            )
            for comment in comments
        ]
        try:
            review = self._pull.review(self._writer, commit, body, anchors)
        except Refused as reason:
            return Reply(422, error(422, "Unprocessable Entity", errors=[str(reason)]))
        return Reply(200, shapes.review(self._urls, self._pull, review))

    def _review_comments(self, _: Call) -> Reply:
        entries = self._pull.review_comments
        return Reply(200, [shapes.review_comment(self._urls, self._pull, entry) for entry in entries], pages=True)

    def _review_comment(self, call: Call) -> Reply:
        entry = _by_id(self._pull.review_comments, call)
        return Reply(200, shapes.review_comment(self._urls, self._pull, entry)) if entry else _not_found()

    def _edit_review_comment(self, call: Call) -> Reply:
        entry = _by_id(self._pull.review_comments, call)
        if entry is None:
            return _not_found()
        return self._edit(entry, call) or Reply(200, shapes.review_comment(self._urls, self._pull, entry))

    def _issue_comments(self, _: Call) -> Reply:
        entries = self._pull.issue_comments
        return Reply(200, [shapes.issue_comment(self._urls, self._pull, entry) for entry in entries], pages=True)

    def _issue_comment(self, call: Call) -> Reply:
        entry = _by_id(self._pull.issue_comments, call)
        return Reply(200, shapes.issue_comment(self._urls, self._pull, entry)) if entry else _not_found()

    def _create_comment(self, call: Call) -> Reply:
        if problems := _problems("Body", call.body["body"]):
            return _invalid(problems)
        return Reply(
            201, shapes.issue_comment(self._urls, self._pull, self._pull.comment(self._writer, call.body["body"]))
        )

    def _edit_issue_comment(self, call: Call) -> Reply:
        entry = _by_id(self._pull.issue_comments, call)
        if entry is None:
            return _not_found()
        return self._edit(entry, call) or Reply(200, shapes.issue_comment(self._urls, self._pull, entry))

    def _edit(self, entry: Comment, call: Call) -> Reply | None:
        if entry.author != self._writer:
            # GitHub lets a writer of the repository do that; we never want to.
            self.violations.append(f"the comment of {entry.author.login} was edited")
            return Reply(403, error(403, NOT_ACCESSIBLE))
        if problems := _problems("Body", call.body["body"]):
            return _invalid(problems)
        entry.body, entry.edited = call.body["body"], self._pull.now()
        return None

    def _compare(self, call: Call) -> Reply:
        base, _, head = call.path["basehead"].partition("...")
        commits = [self._pull.repository.sha(reference) for reference in (base, head)]
        return Reply(200, shapes.comparison(self._urls, self._pull, *commits))


def _by_id(entries: list[Comment], call: Call) -> Comment | None:
    return next((entry for entry in entries if str(entry.id) == call.path["comment_id"]), None)


def _problems(what: str, text: str) -> list[str]:
    if not text.strip():
        return [f"{what} can't be blank"]
    return [f"{what} is too long (maximum is {LONGEST_BODY} characters)"] if len(text) > LONGEST_BODY else []


def _invalid(problems: list[str]) -> Reply:
    errors = [
        {"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": text} for text in problems
    ]
    return Reply(422, error(422, "Validation Failed", errors=errors))


def _not_found() -> Reply:
    return Reply(404, error(404, "Not Found"))
