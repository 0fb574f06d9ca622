"""What actions/checkout left, and the commits that are fetched to compare it with something."""

from __future__ import annotations

import base64
from collections.abc import MutableMapping
from pathlib import Path

from msgspec import Struct

from pgassay.errors import UsageError
from pgassay.github.checkout import Checkout, Fetch, comparison, parents
from pgassay.github.diff import GIT_DIFF, with_missing_patches
from pgassay.github.event import Event
from pgassay.github.model import ChangedFiles
from pgassay.history import Base, base_at
from pgassay.history.git import GitRefused, Repository, configure, enclosing, open_repository

_CONFIGURATION = (
    # A server that says nothing for half a minute has gone.
    ("http.lowSpeedLimit", "1"),
    ("http.lowSpeedTime", "30"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
)


class Workspace(Struct, frozen=True):
    """`base` is what is merged; None where there is nothing to compare with. `head` is what is checked out."""

    root: Path
    repository: Repository
    head: str
    base: Base | None

    def brings_sql(self) -> bool:
        """Whether the change has anything to do with .sql files, wherever they lie; without a base, all of them."""
        if self.base is None:
            listed = self.repository.git("ls-tree", "-r", "-z", "--name-only", "--full-tree", self.head)
        else:
            listed = self.repository.git("diff", "--name-only", "-z", "--no-ext-diff", self.base.commit, self.head)
        return any(name.lower().endswith(b".sql") for name in listed.split(b"\0"))

    def with_patches(self, changed: ChangedFiles, head: str) -> ChangedFiles:
        """With the hunks that GitHub left out, as far as git knows them."""
        if self.base is None or all(file.patch is not None for file in changed.files):
            return changed
        try:
            unified = self.repository.git(*GIT_DIFF, self.base.commit, head)
        except GitRefused:
            return changed
        return with_missing_patches(changed, unified.decode("utf-8", "surrogateescape"))


def open_workspace(
    top: Path, path: str, event: Event, origin: Origin, environment: MutableMapping[str, str]
) -> Workspace:
    """Raises UsageError when there is no checkout, when it is not what the event is about, or when a fetch fails.

    `environment` is that of this process, which every git inherits.
    """
    # A container starts in the workspace, and then paths in messages are those of the repository.
    root = Path(path) if top == Path.cwd() else top / path
    if not root.is_dir():
        raise UsageError(f"path: {path} is no folder of {top}; write it relative to the repository's top.")
    found = enclosing(root.resolve())
    if found is None or not found.is_relative_to(top.resolve()):
        raise UsageError(
            f"path: {path} is in no git repository; put actions/checkout before this step, and if that has a `path`, "
            "begin the path of this step with it."
        )
    # The runner's user owns it, and we are another one.
    configure(environment, (("safe.directory", str(found)), *_CONFIGURATION))
    repository = open_repository(root)
    if repository is None:
        raise UsageError(f"{found} is no git repository that can be read; put actions/checkout before this step.")
    checkout = _checkout(repository)
    compared = comparison(event, checkout)
    if compared.fetch:
        origin.fetch(repository, compared.fetch)
    label = event.base_branch or (compared.base or event.forced_from or "")[:7]
    if compared.base:
        return Workspace(root, repository, checkout.head, base_at(root, compared.base, label))
    if compared.merge_base_with is None:
        return Workspace(root, repository, checkout.head, None)
    try:
        common = repository.git("merge-base", checkout.head, compared.merge_base_with).decode().strip()
    except GitRefused:
        raise UsageError(f"what is checked out and {label} have no common commit; check the base branch.") from None
    return Workspace(root, repository, checkout.head, base_at(root, common, label))


def _checkout(repository: Repository) -> Checkout:
    head = repository.git("rev-parse", "--verify", "HEAD^{commit}").decode().strip()
    shallow = repository.git("rev-parse", "--is-shallow-repository").strip() == b"true"
    commit = repository.git("cat-file", "-p", head).decode("utf-8", "replace")
    return Checkout(head, parents(commit), shallow)


class Origin(Struct, frozen=True):
    """The repository that the event is about. What a checkout calls `origin` may be a fork, whose branches lie."""

    server_url: str
    name: str
    token: str

    @property
    def url(self) -> str:
        return f"{self.server_url.rstrip('/')}/{self.name}"

    def fetch(self, repository: Repository, wanted: Fetch) -> None:
        """With the credentials that actions/checkout left, else with the token. Raises UsageError."""
        try:
            repository.fetch(self.url, wanted.refs, wanted.how)
        except GitRefused as refusal:
            try:
                if not self.token:
                    raise
                # GitHub refuses two of them; the empty value takes away what there may be.
                header = f"http.{self.server_url.rstrip('/')}/.extraheader"
                basic = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
                mine = ((header, ""), (header, f"AUTHORIZATION: basic {basic}"))
                repository.fetch(self.url, wanted.refs, wanted.how, mine)
            except GitRefused:
                raise UsageError(
                    f"git could not fetch from {self.url} what this change is compared with ({refusal.said}); "
                    "give the token `contents: read`."
                ) from None
