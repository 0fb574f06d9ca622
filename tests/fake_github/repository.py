"""A tiny real repository: git itself says which files a change touches, and which lines."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

# GitHub's words for git's letters.
STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied"}
ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "author",
    "GIT_AUTHOR_EMAIL": "author@example.com",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_NAME": "author",
    "GIT_COMMITTER_EMAIL": "author@example.com",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


class DiffEntry(Struct, frozen=True):
    path: str
    status: str
    previous_path: str | None
    blob: str
    patch: str | None
    additions: int
    deletions: int


class Repository:
    """`files` of a commit are written, or removed where the text is None; nothing else changes.

    Answers of git are kept until the next commit that is made here.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._known: dict[tuple[str, ...], str] = {}

    @classmethod
    def create(cls, folder: Path, base: Mapping[str, str | None], change: Mapping[str, str | None]) -> Repository:
        """With one commit on `main` and one more on `change`."""
        folder.mkdir(parents=True, exist_ok=True)
        repository = cls(folder)
        repository.git("init", "--quiet", "--template=", "--initial-branch=main")
        repository.commit(base)
        repository.git("checkout", "--quiet", "-b", "change")
        repository.commit(change)
        return repository

    def git(self, *arguments: str) -> str:
        finished = subprocess.run(
            ["git", "-c", "core.quotepath=off", "-c", "core.autocrlf=false", *arguments],
            cwd=self.folder,
            env=os.environ | ENVIRONMENT,
            check=True,
            capture_output=True,
        )
        return finished.stdout.decode("utf-8", "replace")

    def ask(self, *arguments: str) -> str:
        if arguments not in self._known:
            self._known[arguments] = self.git(*arguments)
        return self._known[arguments]

    def commit(self, files: Mapping[str, str | None], *, message: str = "change") -> str:
        """On the branch that is checked out; its name."""
        for path, text in files.items():
            file = self.folder / path
            if text is None:
                file.unlink()
            else:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(text.encode())
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        self._known.clear()
        return self.sha("HEAD")

    def sha(self, reference: str) -> str:
        return self.ask("rev-parse", "--verify", f"{reference}^{{commit}}").strip()

    def parents(self, sha: str) -> list[str]:
        return self.ask("rev-list", "--parents", "--max-count=1", sha).split()[1:]

    def merge_base(self, base: str, head: str) -> str:
        return self.ask("merge-base", base, head).strip()

    def commits(self, base: str, head: str) -> list[str]:
        """Those that `head` adds, oldest first."""
        return self.ask("rev-list", "--reverse", f"{base}..{head}").split()

    def diff(self, base: str, head: str) -> list[DiffEntry]:
        """What `head` changes since it left `base`, as GitHub's "Files changed" compares."""
        between = (self.merge_base(base, head), head)
        raw = self.ask("diff", "--raw", "-z", "--full-index", "--find-renames", *between).split("\0")
        text = self.ask("diff", "--no-color", "--find-renames", "--unified=3", "--no-ext-diff", *between)
        patches = [_hunks(part) for part in ("\n" + text).split("\ndiff --git ")[1:]]
        entries: list[DiffEntry] = []
        while len(raw) > 1:
            _, _, old_blob, new_blob, letter = raw.pop(0).split(" ")
            previous = raw.pop(0) if letter[0] in "RC" else None
            path = raw.pop(0)
            patch = patches[len(entries)]
            lines = (patch or "").split("\n")
            entries.append(
                DiffEntry(
                    path=path,
                    status=STATUS[letter[0]],
                    previous_path=previous,
                    blob=old_blob if letter == "D" else new_blob,
                    patch=patch,
                    additions=sum(line.startswith("+") for line in lines),
                    deletions=sum(line.startswith("-") for line in lines),
                )
            )
        return entries


def _hunks(part: str) -> str | None:
    _, found, hunks = part.rstrip("\n").partition("\n@@ ")
    return "@@ " + hunks if found else None
