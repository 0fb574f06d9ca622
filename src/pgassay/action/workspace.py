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
from pgassay.history import Base, base_at, find_base
from pgassay.history.git import GitRefused, Repository, configure, enclosing, open_repository

_CONFIGURATION = (
    # A server that says nothing for half a minute has gone.
    ("http.lowSpeedLimit", "1"),
    ("http.lowSpeedTime", "30"),
    ("gc.auto", "0"),
    ("maintenance.auto", "false"),
)


class Workspace(Struct, frozen=True):
    """`base` is None where nothing is merged yet."""

    root: Path
    repository: Repository
    base: Base | None

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
    top: Path, path: str, event: Event, token: str, server_url: str, environment: MutableMapping[str, str]
) -> Workspace:
    """Raises UsageError when there is no checkout, when it is not what the event is about, or when a fetch fails.

    `environment` is that of this process, which every git inherits.
    """
    # A container starts in the workspace, and then paths in messages are those of the repository.
    root = Path(path) if top == Path.cwd() else top / path
    if not root.is_dir():
        raise UsageError(f"path: {path} is no folder of {top}; write it relative to the repository's top.")
    found = enclosing(root)
    if found is None:
        raise UsageError(f"{root} is in no git repository; put actions/checkout before this step.")
    # The runner's user owns it, and we are another one.
    configure(environment, (("safe.directory", str(found.resolve())), *_CONFIGURATION))
    repository = open_repository(root)
    if repository is None:
        raise UsageError(f"{root} is in no git repository; put actions/checkout before this step.")
    compared = comparison(event, _checkout(repository))
    if compared.fetch:
        _fetch(repository, compared.fetch, token, server_url)
    if compared.base:
        base = base_at(root, compared.base, event.base_branch or compared.base[:7])
        return Workspace(root, repository, base)
    return Workspace(root, repository, find_base(root, compared.merge_base_with))


def _checkout(repository: Repository) -> Checkout:
    head = repository.git("rev-parse", "--verify", "HEAD^{commit}").decode().strip()
    shallow = repository.git("rev-parse", "--is-shallow-repository").strip() == b"true"
    commit = repository.git("cat-file", "-p", head).decode("utf-8", "replace")
    return Checkout(head, parents(commit), shallow)


def _fetch(repository: Repository, fetch: Fetch, token: str, server_url: str) -> None:
    try:
        repository.fetch(fetch.refs, fetch.depth)
    except GitRefused as refusal:
        try:
            if not token:
                raise
            # actions/checkout was told not to leave its credentials. The empty value takes away what it may have left:
            # GitHub refuses two.
            header = f"http.{server_url.rstrip('/')}/.extraheader"
            basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
            repository.fetch(fetch.refs, fetch.depth, ((header, ""), (header, f"AUTHORIZATION: basic {basic}")))
        except GitRefused:
            raise UsageError(
                f"git could not fetch from origin what this change is compared with ({refusal.said}); "
                "let actions/checkout keep its credentials, or give it fetch-depth: 0."
            ) from None
