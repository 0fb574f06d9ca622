"""The bodies of GitHub's answers, with every key that its description requires."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from tests.fake_github.repository import DiffEntry
from tests.fake_github.state import Author, IssueComment, PullRequest, Review, ReviewComment

DOCUMENTATION = "https://docs.github.com/rest"
REPOSITORY_ID = 1296269

_USER_URLS = "followers following gists starred subscriptions organizations repos events received_events".split()
_REPOSITORY_URLS = (
    "archive assignees blobs branches collaborators comments commits compare contents contributors deployments"
    " downloads events forks git_commits git_refs git_tags hooks issue_comment issue_events issues keys labels"
    " languages merges milestones notifications pulls releases stargazers statuses subscribers subscription tags"
    " teams trees"
).split()


class Urls(Struct, frozen=True):
    """Every URL in an answer is below the address under which the caller reached the fake."""

    api: str
    web: str
    repository: str

    @property
    def repo(self) -> str:
        return f"{self.api}/repos/{self.repository}"

    def pull(self, number: int) -> str:
        return f"{self.repo}/pulls/{number}"

    def page(self, number: int) -> str:
        return f"{self.web}/{self.repository}/pull/{number}"


def time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def node(kind: str, number: int) -> str:
    return f"{kind}_{number}"


def error(status: int, message: str, **more: Any) -> dict[str, Any]:
    return {"message": message, "documentation_url": DOCUMENTATION, "status": str(status), **more}


def user(urls: Urls, author: Author) -> dict[str, Any]:
    url = f"{urls.api}/users/{quote(author.login)}"
    return {
        "login": author.login,
        "id": author.id,
        "node_id": node("U", author.id),
        "avatar_url": f"{urls.web}/avatars/{author.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{urls.web}/{quote(author.login)}",
        **{f"{name}_url": f"{url}/{name}" for name in _USER_URLS},
        "type": author.kind,
        "site_admin": False,
    }


def public_user(urls: Urls, author: Author) -> dict[str, Any]:
    unknown = ("name", "company", "blog", "location", "email", "hireable", "bio")
    return {
        **user(urls, author),
        **dict.fromkeys(unknown),
        **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
    }


def repository(urls: Urls, full_name: str, *, fork: bool = False) -> dict[str, Any]:
    owner, _, name = full_name.partition("/")
    url = f"{urls.api}/repos/{full_name}"
    return {
        "id": REPOSITORY_ID + fork,
        "node_id": node("R", REPOSITORY_ID + fork),
        "name": name,
        "full_name": full_name,
        "owner": user(urls, Author(owner, 1000 + fork)),
        "private": False,
        "html_url": f"{urls.web}/{full_name}",
        "description": None,
        "fork": fork,
        "url": url,
        **{f"{part}_url": f"{url}/{part}" for part in _REPOSITORY_URLS},
        "git_url": f"{urls.web}/{full_name}.git",
        "ssh_url": f"{urls.web}/{full_name}.git",
        "clone_url": f"{urls.web}/{full_name}.git",
        "svn_url": f"{urls.web}/{full_name}",
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "default_branch": "main",
        **dict.fromkeys(("forks", "forks_count", "open_issues", "open_issues_count", "size"), 0),
        **dict.fromkeys(("stargazers_count", "watchers", "watchers_count"), 0),
        **dict.fromkeys(("has_downloads", "has_issues", "has_projects", "has_wiki"), True),
        **dict.fromkeys(("has_pages", "archived", "disabled"), False),
        **dict.fromkeys(("pushed_at", "created_at", "updated_at"), "2026-01-01T00:00:00Z"),
    }


def pull_request_simple(urls: Urls, pull: PullRequest) -> dict[str, Any]:
    url, page, issue = urls.pull(pull.number), urls.page(pull.number), f"{urls.repo}/issues/{pull.number}"
    owner, _, name = urls.repository.partition("/")
    head_owner = pull.fork_owner or owner
    head = repository(urls, f"{head_owner}/{name}", fork=pull.fork_owner is not None)
    related = {
        "comments": f"{issue}/comments",
        "commits": f"{url}/commits",
        "statuses": f"{urls.repo}/statuses/{pull.head_sha}",
        "review_comments": f"{url}/comments",
        "review_comment": f"{urls.repo}/pulls/comments{{/number}}",
        "issue": issue,
    }
    return {
        "url": url,
        "id": pull.number,
        "node_id": node("PR", pull.number),
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        **{f"{name}_url": target for name, target in related.items()},
        "_links": {name: {"href": target} for name, target in {**related, "self": url, "html": page}.items()},
        "number": pull.number,
        "state": "open" if pull.is_open else "closed",
        "locked": False,
        "title": "A change",
        "user": user(urls, Author("octocat", 583231)),
        "body": None,
        "labels": [],
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "closed_at": None if pull.is_open else "2026-01-02T00:00:00Z",
        **dict.fromkeys(("milestone", "merged_at", "merge_commit_sha", "assignee", "auto_merge")),
        "head": {
            "label": f"{head_owner}:{pull.head_branch}",
            "ref": pull.head_branch,
            "sha": pull.head_sha,
            "user": user(urls, Author(head_owner, 1001)),
            "repo": None if pull.fork_deleted else head,
        },
        "base": {
            "label": f"{owner}:{pull.base_branch}",
            "ref": pull.base_branch,
            "sha": pull.base_sha,
            "user": user(urls, Author(owner, 1000)),
            "repo": repository(urls, urls.repository),
        },
        "author_association": "CONTRIBUTOR",
    }


def pull_request(urls: Urls, pull: PullRequest) -> dict[str, Any]:
    files = pull.files()
    return {
        **pull_request_simple(urls, pull),
        "merged": False,
        "mergeable": True,
        "mergeable_state": "clean",
        "merged_by": None,
        "maintainer_can_modify": False,
        "comments": len(pull.issue_comments),
        "review_comments": len(pull.review_comments),
        "commits": len(pull.repository.commits(pull.base_sha, pull.head_sha)),
        "additions": sum(file.additions for file in files),
        "deletions": sum(file.deletions for file in files),
        "changed_files": len(files),
    }


def diff_entry(urls: Urls, entry: DiffEntry, commit: str, *, with_patch: bool = True) -> dict[str, Any]:
    path = quote(entry.path)
    shape = {
        "sha": entry.blob,
        "filename": entry.path,
        "status": entry.status,
        "additions": entry.additions,
        "deletions": entry.deletions,
        "changes": entry.additions + entry.deletions,
        "blob_url": f"{urls.web}/{urls.repository}/blob/{commit}/{path}",
        "raw_url": f"{urls.web}/{urls.repository}/raw/{commit}/{path}",
        "contents_url": f"{urls.repo}/contents/{path}?ref={commit}",
    }
    if entry.patch is not None and with_patch:
        shape["patch"] = entry.patch
    if entry.previous_path is not None:
        shape["previous_filename"] = entry.previous_path
    return shape


def review(urls: Urls, pull: PullRequest, entry: Review) -> dict[str, Any]:
    page = f"{urls.page(pull.number)}#pullrequestreview-{entry.id}"
    return {
        "id": entry.id,
        "node_id": node("PRR", entry.id),
        "user": user(urls, entry.author),
        "body": entry.body,
        "state": entry.state,
        "commit_id": entry.commit,
        "html_url": page,
        "pull_request_url": urls.pull(pull.number),
        "_links": {"html": {"href": page}, "pull_request": {"href": urls.pull(pull.number)}},
        "submitted_at": time(entry.at),
        "author_association": "NONE",
    }


def review_comment(urls: Urls, pull: PullRequest, entry: ReviewComment) -> dict[str, Any]:
    """`in_reply_to_id` is there only in replies."""
    url = f"{urls.repo}/pulls/comments/{entry.id}"
    page = f"{urls.page(pull.number)}#discussion_r{entry.id}"
    return {
        "id": entry.id,
        "node_id": node("PRRC", entry.id),
        "url": url,
        "html_url": page,
        "pull_request_url": urls.pull(pull.number),
        "_links": {
            "self": {"href": url},
            "html": {"href": page},
            "pull_request": {"href": urls.pull(pull.number)},
        },
        "pull_request_review_id": entry.review,
        "diff_hunk": entry.hunk,
        "path": entry.path,
        "position": entry.position,
        "original_position": entry.original_position,
        "commit_id": entry.commit,
        "original_commit_id": entry.original_commit,
        "user": user(urls, entry.author),
        "body": entry.body,
        "created_at": time(entry.at),
        "updated_at": time(entry.edited),
        "author_association": "NONE",
        "start_line": entry.start_line,
        "original_start_line": entry.original_start_line,
        "start_side": entry.start_side,
        "line": entry.line,
        "original_line": entry.original_line,
        "side": entry.side,
        "subject_type": "line",
        **({"in_reply_to_id": entry.in_reply_to} if entry.in_reply_to is not None else {}),
    }


def issue_comment(urls: Urls, pull: PullRequest, entry: IssueComment) -> dict[str, Any]:
    return {
        "id": entry.id,
        "node_id": node("IC", entry.id),
        "url": f"{urls.repo}/issues/comments/{entry.id}",
        "html_url": f"{urls.page(pull.number)}#issuecomment-{entry.id}",
        "issue_url": f"{urls.repo}/issues/{pull.number}",
        "user": user(urls, entry.author),
        "body": entry.body,
        "created_at": time(entry.at),
        "updated_at": time(entry.edited),
        "author_association": "NONE",
    }


def commit(urls: Urls, pull: PullRequest, sha: str) -> dict[str, Any]:
    person = {"name": "author", "email": "author@example.com", "date": "2026-01-01T00:00:00Z"}
    tree = pull.repository.ask("rev-parse", f"{sha}^{{tree}}").strip()
    return {
        "sha": sha,
        "node_id": f"C_{sha}",
        "url": f"{urls.repo}/commits/{sha}",
        "html_url": f"{urls.web}/{urls.repository}/commit/{sha}",
        "comments_url": f"{urls.repo}/commits/{sha}/comments",
        "commit": {
            "url": f"{urls.repo}/git/commits/{sha}",
            "author": person,
            "committer": person,
            "message": pull.repository.ask("log", "--max-count=1", "--format=%B", sha).strip(),
            "comment_count": 0,
            "tree": {"sha": tree, "url": f"{urls.repo}/git/trees/{tree}"},
        },
        "author": None,
        "committer": None,
        "parents": [{"sha": parent, "url": f"{urls.repo}/commits/{parent}"} for parent in pull.repository.parents(sha)],
    }


def comparison(urls: Urls, pull: PullRequest, base: str, head: str) -> dict[str, Any]:
    """The first page: GitHub lists at most 300 files there."""
    page = f"{urls.web}/{urls.repository}/compare/{base}...{head}"
    ahead, behind = pull.repository.commits(base, head), pull.repository.commits(head, base)
    status = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind"}
    return {
        "url": f"{urls.repo}/compare/{base}...{head}",
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": commit(urls, pull, base),
        "merge_base_commit": commit(urls, pull, pull.repository.merge_base(base, head)),
        "status": status.get((bool(ahead), bool(behind)), "identical"),
        "ahead_by": len(ahead),
        "behind_by": len(behind),
        "total_commits": len(ahead),
        "commits": [commit(urls, pull, sha) for sha in ahead],
        "files": [diff_entry(urls, entry, head) for entry in pull.repository.diff(base, head)[:300]],
    }
