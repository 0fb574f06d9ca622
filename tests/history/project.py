"""A real git repository (or plain folder) for a test, told as files per commit."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from itertools import count
from pathlib import Path

from pgassay.history import discover
from pgassay.model import History

Files = Mapping[str, str | bytes | None]
"""Path to content; None deletes the file."""


class Project:
    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)

    def write(self, files: Files) -> None:
        for name, content in files.items():
            file = self.path / name
            if content is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def link(self, name: str, target: str | Path) -> None:
        (self.path / name).parent.mkdir(parents=True, exist_ok=True)
        (self.path / name).symlink_to(target)

    def discover(self, folder: str = ".", **options: object) -> History:
        return discover(self.path / folder, **options)  # type: ignore[arg-type]


class Repository(Project):
    """A repository whose branch is `main` until `branch` is called."""

    def __init__(self, path: Path, *options: str) -> None:
        super().__init__(path)
        self._commits = count(1)
        self.git("init", "--quiet", "--initial-branch=main", *options)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, files: Files | None = None) -> str:
        self.write(files or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", f"--message=change {next(self._commits)}")
        return self.git("rev-parse", "HEAD")

    def branch(self, name: str) -> None:
        self.git("switch", "--quiet", "--create", name)


def paths(migrations: object) -> list[str]:
    return [migration.path for migration in migrations]  # type: ignore[attr-defined]
