"""The commit that a change is compared with: where its branch left the base branch."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from pgassay.errors import UsageError
from pgassay.history.git import Blob, GitRefused, Repository
from pgassay.history.project import open_project

_DEFAULT_BRANCHES = (
    "refs/remotes/origin/HEAD",
    "refs/remotes/origin/main",
    "refs/remotes/origin/master",
    "refs/heads/main",
    "refs/heads/master",
)


class Base(Struct, frozen=True):
    """`commit` is the merge base; `label` is the branch's name for people."""

    repository: Repository
    commit: str
    label: str

    def files(self, folders: Iterable[str]) -> dict[str, Blob]:
        return self.repository.blobs(self.commit, folders)

    def contents(self, blobs: Iterable[Blob]) -> list[bytes | None]:
        """The bytes of each file; None for a link that leaves the repository."""
        return self.repository.contents(f"{self.commit}:{blob.path}" if blob.is_link else blob.id for blob in blobs)

    def read(self, path: str) -> bytes | None:
        """A file of this commit by its path in the repository; None when there is none."""
        path = posixpath.normpath(path)
        if path.startswith(("../", "/")) or "\n" in path:
            return None
        return self.repository.contents([f"{self.commit}:{path}"])[0]


def repository_top(root: Path) -> Path | None:
    """None outside git, and where git refuses to read."""
    repository = open_project(root, without_git=True).repository
    return repository.top if repository else None


def find_base(root: Path, ref: str | None = None) -> Base | None:
    """The merge base of HEAD with `ref`, or with the default branch.

    None outside git and before the first commit. UsageError when the ref is unknown, when no default branch can be
    told, or when the two have no common commit.
    """
    repository = open_project(root).repository
    return None if repository is None else base_of(repository, ref)


def base_at(root: Path, commit: str, label: str) -> Base:
    """That very commit, although git may not know how HEAD came from it: the clone may be shallow.

    UsageError outside git and where the clone does not have the commit.
    """
    repository = open_project(root).repository
    if repository is None:
        raise UsageError(f"{root} is in no git repository; check it out with actions/checkout.")
    if _commit(repository, commit) != commit:
        raise UsageError(
            f"{repository.top} has no commit {commit[:7]}, which {label} was at; "
            "let actions/checkout keep its credentials, or give it fetch-depth: 0."
        )
    return Base(repository, commit, label)


def read_at_base(root: Path, path: str, base: Base) -> bytes | None:
    """A file of the base commit; `path` is relative to `root`, which lies in the repository."""
    inside = root.resolve().relative_to(base.repository.top).as_posix()
    return base.read(posixpath.join(inside, path))


def base_of(repository: Repository, ref: str | None) -> Base | None:
    head = _commit(repository, "HEAD")
    if head is None and ref is None:
        return None
    label, commit = _default_branch(repository) if ref is None else _named_ref(repository, ref)
    try:
        found = repository.git("merge-base", head or "HEAD", commit)
    except GitRefused:
        raise UsageError(_unrelated(repository, label)) from None
    return Base(repository, found.decode().strip(), label)


def _commit(repository: Repository, ref: str) -> str | None:
    try:
        found = repository.git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    except GitRefused:
        return None
    return found.decode().strip()


def _named_ref(repository: Repository, ref: str) -> tuple[str, str]:
    # A CI checkout has the base branch as origin/main only.
    for label in (ref, f"origin/{ref}"):
        commit = _commit(repository, label)
        if commit:
            return label, commit
    raise UsageError(
        f'--base: git knows no commit "{ref}" in {repository.top}: check the name, or fetch it first '
        f"(git fetch origin {ref}; actions/checkout needs fetch-depth: 0)"
    )


def _default_branch(repository: Repository) -> tuple[str, str]:
    listed = repository.git("for-each-ref", "--format=%(refname) %(objectname) %(symref)", *_DEFAULT_BRANCHES)
    found = {}
    for line in os.fsdecode(listed).splitlines():
        name, commit, target = line.split(" ")
        found[name] = (_short(target or name), commit)
    for name in _DEFAULT_BRANCHES:
        if name in found:
            return found[name]
    raise UsageError(
        f"{repository.top} has neither origin/HEAD, origin/main, origin/master, main nor master to compare with: "
        "name the base branch with --base, or pass --all (actions/checkout needs fetch-depth: 0)"
    )


def _short(ref: str) -> str:
    return ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")


def _unrelated(repository: Repository, label: str) -> str:
    shallow = repository.git("rev-parse", "--is-shallow-repository").strip() == b"true"
    if shallow:
        return (
            f"HEAD and {label} have no common commit in this shallow clone: "
            "run git fetch --unshallow (actions/checkout: fetch-depth: 0)"
        )
    return f"HEAD and {label} have no common commit: name another branch with --base, or pass --all"
