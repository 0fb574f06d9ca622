"""Where a project lies: the path that the user gave, the repository around it, its migrations folders."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from pgassay.errors import UsageError
from pgassay.history.files import Document, read, walk
from pgassay.history.folders import choose
from pgassay.history.git import Listing, Repository, open_repository


class Project(Struct, frozen=True):
    """`root` is what the user gave, `top` what paths are relative to: the repository's top, or `root` outside git."""

    root: Path
    top: Path
    repository: Repository | None

    @property
    def algorithm(self) -> str:
        return self.repository.algorithm if self.repository else "sha1"

    def find(self, settings: tuple[str, ...]) -> tuple[tuple[str, ...], Listing]:
        """The migrations folders, relative to `top`, and the files in them."""
        if settings:
            chosen = tuple(dict.fromkeys(map(self._set, settings)))
            return chosen, self._listing(chosen)
        inside = self._relative(self.root)
        listing = self._listing((inside,))
        below = listing.paths if inside == "." else [path.removeprefix(f"{inside}/") for path in listing.paths]
        return (self._relative(self.root / choose(below, str(self.root))),), listing

    def files_in(self, folder: str, key: str) -> tuple[str, ...]:
        """Those of a folder that the settings name under `key`."""
        chosen = self._set(folder, key)
        if not (self.top / chosen).is_dir():
            raise UsageError(f'{key} = "{folder}": there is no such folder in {self.top}, correct it in pgassay.toml')
        return self._listing((chosen,)).paths

    def read(self, path: str) -> Document:
        return read(self.top, path, self.algorithm)

    def _listing(self, folders: tuple[str, ...]) -> Listing:
        return self.repository.listing(folders) if self.repository else walk(self.top, folders)

    def _relative(self, folder: Path) -> str:
        return folder.relative_to(self.top).as_posix()

    def _set(self, setting: str, key: str = "migrations") -> str:
        """A folder as the settings name it: relative to `root` or, when that is inside the repository, to its top."""
        folder = next(
            (each for base in (self.root, self.top) if (each := base / setting).exists()), self.root / setting
        )
        folder = folder.resolve()
        if not folder.is_relative_to(self.top):
            raise UsageError(f'{key} = "{setting}" lies outside {self.top}: name a folder inside it')
        for outer in (folder, *folder.parents):
            if outer == self.top:
                break
            if (outer / ".git").exists():
                other = self._relative(outer)
                raise UsageError(
                    f'{key} = "{setting}" lies in another git repository, {other}: run pgassay on {other} itself'
                )
        if folder.exists() and not folder.is_dir():
            raise UsageError(f'{key} = "{setting}" is a file: name the folder that holds it')
        return self._relative(folder)


def open_project(root: Path, *, without_git: bool = False) -> Project:
    """UsageError when `root` is no folder, or git refuses to read it; `without_git` does without git then."""
    root = _existing(root)
    try:
        repository = open_repository(root)
    except UsageError:
        if not without_git:
            raise
        repository = None
    return Project(root, repository.top if repository else root, repository)


def _existing(root: Path) -> Path:
    try:
        if root.is_dir():
            return root.resolve()
        if root.exists():
            raise UsageError(f"{root} is a file: pass the folder that holds it")
    except OSError as problem:
        raise UsageError(f"{root} cannot be read ({problem.strerror}): pass a folder that can") from None
    raise UsageError(f"{root} does not exist: pass the repository or its migrations folder")
