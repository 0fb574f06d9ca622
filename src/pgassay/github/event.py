"""Which event a workflow runs for, and what may be done in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from pgassay.errors import UsageError
from pgassay.github.model import PullRequest

JOB_TOKEN_AUTHOR = "github-actions[bot]"
"""Who writes with a job's own token, which may not ask for its name (GET /user answers 403)."""
DEPENDABOT = "dependabot[bot]"

Sha = Annotated[str, Meta(pattern=r"\A([0-9a-f]{40}|[0-9a-f]{64})\Z")]
Number = Annotated[int, Meta(gt=0)]
_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_NOBODY = re.compile("0+")


class Posting(StrEnum):
    """TRY: the token is most likely read-only, and a refusal is no more than a notice."""

    YES = "yes"
    TRY = "try"
    NO = "no"


class Event(Struct, frozen=True):
    """`head` is the commit that findings are about: of a pull request its head, never the merge commit.

    `base` is the commit on the other side as the event knows it, `base_branch` the branch that it is the tip of;
    without both there is nothing to compare with. `merge` is GitHub's own merge of the two, of a pull request.
    `forced_from` is what a push has thrown away.
    `why_*` are sentences for people, given where the answer is not yes. `head_repository` and `head_branch` find the
    pull request of a `workflow_run`; the branch's name is whatever somebody chose.
    """

    name: str
    repository: str
    head: str
    pull_request: int | None = None
    base: str | None = None
    base_branch: str | None = None
    merge: str | None = None
    forced_from: str | None = None
    posting: Posting = Posting.NO
    why_not_posting: str | None = None
    executes: bool = True
    why_not_executing: str | None = None
    author: str = JOB_TOKEN_AUTHOR
    head_repository: str | None = None
    head_branch: str | None = None

    @property
    def is_from_fork(self) -> bool:
        """Its author may be anybody. A fork that was deleted has no name left."""
        where = self.head_repository
        return self.pull_request is not None and (where is None or where.lower() != self.repository.lower())

    @property
    def reviews(self) -> bool:
        """Not so for `workflow_run`, which posts what another run reviewed."""
        return self.name != "workflow_run"


def read_event(
    environment: Mapping[str, str], payload: bytes, *, author: str | None = None, execute_untrusted: bool = False
) -> Event:
    """What `GITHUB_EVENT_NAME` and the file at `GITHUB_EVENT_PATH` say.

    `execute_untrusted` lets `pull_request_target` run the migrations of a pull request, beside a token that may write.
    Raises UsageError for an event that cannot be reviewed and for a payload that is not GitHub's.
    """
    name = environment.get("GITHUB_EVENT_NAME", "")
    repository = environment.get("GITHUB_REPOSITORY", "")
    reader = _READERS.get(name)
    if reader is None:
        raise UsageError(
            f"GITHUB_EVENT_NAME: pgassay does not know the event {name!r}; it runs on {', '.join(_READERS)}."
        )
    if not _REPOSITORY.fullmatch(repository):
        raise UsageError(f"GITHUB_REPOSITORY: {repository!r} is not owner/name; run this inside a GitHub workflow.")
    event = reader(Event(name, repository, "", author=author or JOB_TOKEN_AUTHOR), environment, payload)
    if name == "pull_request_target" and not execute_untrusted:
        why = (
            "on pull_request_target the migrations of a pull request would run beside a token that may write, so they "
            "were only read; use the event pull_request to have them run"
        )
        return replace(event, executes=False, why_not_executing=why)
    return event


class _Repository(Struct):
    full_name: str


class _Side(Struct):
    sha: Sha
    ref: str
    repo: _Repository | None


class _PullRequest(Struct):
    number: Number
    head: _Side
    base: _Side
    state: str = "open"


class _PullRequestPayload(Struct):
    pull_request: _PullRequest


def _pull_request(event: Event, environment: Mapping[str, str], payload: bytes) -> Event:
    given = _decoded(payload, _PullRequestPayload, event).pull_request
    head_repository = given.head.repo.full_name if given.head.repo else None
    event = replace(
        event,
        head=given.head.sha,
        pull_request=given.number,
        base=given.base.sha,
        base_branch=given.base.ref,
        head_repository=head_repository,
        head_branch=given.head.ref,
        # On pull_request_target it is a commit of the base branch.
        merge=environment.get("GITHUB_SHA") if event.name == "pull_request" else None,
    )
    posting, why = _posting(event, environment, is_open=given.state == "open")
    return replace(event, posting=posting, why_not_posting=why)


def _posting(event: Event, environment: Mapping[str, str], *, is_open: bool) -> tuple[Posting, str | None]:
    if not is_open:
        return Posting.NO, f"pull request #{event.pull_request} is closed"
    if environment.get("GITHUB_ACTOR") == DEPENDABOT:
        return Posting.TRY, "a run that Dependabot started has a token that may only read"
    if event.is_from_fork and event.name == "pull_request":
        return Posting.TRY, "a run for a fork has a token that may only read"
    return Posting.YES, None


class _MergeGroup(Struct):
    head_sha: Sha
    base_sha: Sha
    base_ref: str


class _MergeGroupPayload(Struct):
    merge_group: _MergeGroup


def _merge_group(event: Event, _environment: Mapping[str, str], payload: bytes) -> Event:
    given = _decoded(payload, _MergeGroupPayload, event).merge_group
    why = "a merge group is no pull request"
    branch = given.base_ref.removeprefix("refs/heads/")
    return replace(event, head=given.head_sha, base=given.base_sha, base_branch=branch, why_not_posting=why)


class _WithDefaultBranch(Struct):
    default_branch: str


class _Commit(Struct):
    id: Sha


class _PushPayload(Struct):
    """`after` of an annotated tag is no commit; `head_commit` always is."""

    before: Sha
    after: Sha
    repository: _WithDefaultBranch
    ref: str
    forced: bool = False
    deleted: bool = False
    head_commit: _Commit | None = None


def _push(event: Event, _environment: Mapping[str, str], payload: bytes) -> Event:
    """What came with the push; on a new branch, what the default branch does not have."""
    given = _decoded(payload, _PushPayload, event)
    if given.deleted:
        raise UsageError(f"{given.ref} was deleted, so there is nothing to review; leave such pushes out.")
    is_new = _NOBODY.fullmatch(given.before) is not None
    default = given.repository.default_branch
    return replace(
        event,
        head=given.head_commit.id if given.head_commit else given.after,
        base=None if is_new or given.forced else given.before,
        base_branch=default if is_new and given.ref != f"refs/heads/{default}" else None,
        forced_from=given.before if given.forced and not is_new else None,
        why_not_posting="a push is no pull request",
    )


class _RepositoryPayload(Struct):
    """`schedule` has no repository in its payload on some servers."""

    repository: _WithDefaultBranch | None = None


def _by_hand(event: Event, environment: Mapping[str, str], payload: bytes) -> Event:
    repository = _decoded(payload, _RepositoryPayload, event).repository
    head = environment.get("GITHUB_SHA", "")
    try:
        msgspec.convert(head, Sha)
    except msgspec.ValidationError:
        raise UsageError(f"GITHUB_SHA: {head!r} is not a commit; run this inside a GitHub workflow.") from None
    why = f"{event.name} is about no pull request"
    default = repository.default_branch if repository else None
    branch = None if environment.get("GITHUB_REF") == f"refs/heads/{default}" else default
    return replace(event, head=head, base_branch=branch, why_not_posting=why)


class _WorkflowRun(Struct):
    event: str
    head_sha: Sha
    head_branch: str | None
    head_repository: _Repository | None


class _WorkflowRunPayload(Struct):
    workflow_run: _WorkflowRun


def _workflow_run(event: Event, _environment: Mapping[str, str], payload: bytes) -> Event:
    given = _decoded(payload, _WorkflowRunPayload, event).workflow_run
    about_pull_request = given.event == "pull_request"
    return replace(
        event,
        head=given.head_sha,
        head_repository=given.head_repository.full_name if given.head_repository else None,
        head_branch=given.head_branch,
        posting=Posting.YES if about_pull_request else Posting.NO,
        why_not_posting=None if about_pull_request else "the run that made the report was not for a pull request",
        executes=False,
        why_not_executing="workflow_run only posts what another run found",
    )


_READERS: Mapping[str, Callable[[Event, Mapping[str, str], bytes], Event]] = {
    "pull_request": _pull_request,
    "pull_request_target": _pull_request,
    "merge_group": _merge_group,
    "push": _push,
    "workflow_dispatch": _by_hand,
    "schedule": _by_hand,
    "workflow_run": _workflow_run,
}


def pull_request_of(event: Event, candidates: Iterable[PullRequest]) -> PullRequest:
    """The pull request whose head a `workflow_run` was about.

    Its payload names none for a fork, and the report that it posts may name any, so the commit decides. Raises
    UsageError when none or several open ones have that head.
    """
    found = [
        each
        for each in candidates
        if each.is_open and each.head_sha == event.head and each.head_repository == event.head_repository
    ]
    if len(found) == 1:
        return found[0]
    number = "no" if not found else "more than one"
    raise UsageError(
        f"{number} open pull request has the head {event.head[:7]} that the other run reviewed, so nothing is posted; "
        "a newer run posts for a newer head."
    )


P = TypeVar("P")


def _decoded(payload: bytes, type_: type[P], event: Event) -> P:
    try:
        return msgspec.json.decode(payload, type=type_)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(
            f"GITHUB_EVENT_PATH: this is not the payload of {event.name}: {error}; run this inside a GitHub workflow."
        ) from None
