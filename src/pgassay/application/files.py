"""Which files are the application's code, and which of their lines the change brings."""

from __future__ import annotations

import codecs
import posixpath
import re
import stat
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from pathlib import Path

from msgspec import Struct

from pgassay.errors import UsageError
from pgassay.history import Base
from pgassay.history.files import walk
from pgassay.history.git import open_repository

EXTENSIONS = {
    **dict.fromkeys((".ts", ".mts", ".cts"), "typescript"),
    ".tsx": "tsx",
    **dict.fromkeys((".js", ".jsx", ".mjs", ".cjs"), "javascript"),
    ".py": "python",
    **dict.fromkeys((".vue", ".svelte", ".astro"), "component"),
}
LARGEST = 4 * 1024 * 1024
_MADE = frozenset(
    "node_modules vendor dist build out target venv env site-packages __pycache__ bower_components coverage "
    "storybook-static pods third_party".split()
)
"""Folders whose content somebody else wrote, or a tool made."""
_TESTS = frozenset(
    "test tests __tests__ spec specs e2e cypress playwright __mocks__ mocks fixtures __fixtures__ testdata".split()
)
_TEST_FILE = re.compile(r"(?:\.|_|-)(?:test|tests|spec|stories|cy|mock|e2e)\.[a-z]+$|^test_.*\.py$|^conftest\.py$")
_MINIFIED = re.compile(r"\.(?:min|bundle|chunk)\.[cm]?js$")
_WITHOUT_CHANGE: frozenset[int] = frozenset()


class Code:
    """The application's files, by their path in the repository.

    `lines` are those that the change brings, in the files that it touches; None when everything is to be judged.
    """

    def __init__(
        self, paths: Iterable[str], top: Path | None, texts: Mapping[str, bytes], change: Change | None
    ) -> None:
        self.paths = tuple(paths)
        self.top = top
        self._texts = texts
        self._change = change

    def read(self, path: str) -> bytes:
        """Raises OSError. UTF-16 becomes UTF-8."""
        if self.top is None:
            return self._texts[path]
        return as_utf8((self.top / path).read_bytes())

    @property
    def changed(self) -> frozenset[str]:
        """Files that the change touches, out of `paths`."""
        return frozenset(self.paths if self._change is None else self._change.paths)

    def is_new(self, path: str, lines: range) -> bool:
        """Whether the change brings one of these lines."""
        if self._change is None:
            return True
        if path not in self._change.paths:
            return False
        brought = self._change.lines(path, self.read)
        return brought is None or any(line in brought for line in lines)


class Change:
    """`before` gives a file as it is on the base branch, None for one that is not there."""

    def __init__(self, paths: frozenset[str], before: Mapping[str, bytes | None] | Base) -> None:
        self.paths = paths
        self._before = before
        self._lines: dict[str, frozenset[int] | None] = {}

    def lines(self, path: str, read: object) -> frozenset[int] | None:
        """None for all of a file that is new."""
        if path not in self._lines:
            old = self._before.read(path) if isinstance(self._before, Base) else self._before.get(path)
            self._lines[path] = None if old is None else added_lines(as_utf8(old), read(path))  # type: ignore[operator]
        return self._lines[path]


class Place(Struct, frozen=True):
    """Where to look for code: `folders` as the settings name them, None for the whole repository."""

    root: Path
    base: Base | None
    everything: bool
    folders: tuple[str, ...] | None = None
    texts: Mapping[str, bytes] | None = None
    texts_before: Mapping[str, bytes | None] = {}

    def find(self) -> Code:
        if self.texts is not None:
            changed = frozenset(path for path in self.texts if self.texts[path] != self.texts_before.get(path))
            return Code(self.texts, None, self.texts, Change(changed, self.texts_before))
        repository = open_repository(self.root)
        top = repository.top if repository else self.root.resolve()
        inside = self.root.resolve().relative_to(top).as_posix()
        folders = _inside(inside, self.folders)
        listed = repository.listing(folders).paths if repository else walk(top, folders).paths
        named = self.folders is not None
        candidates = [path for path in listed if is_code(path, inside) and (named or not is_test(path, inside))]
        paths = sorted(_written_by_hand(candidates))
        if self.everything or self.base is None:
            return Code(paths, top, {}, None)
        touched = self.base.repository.touched(self.base.commit)
        return Code(paths, top, {}, Change(touched & frozenset(paths), self.base))


def _inside(root: str, folders: tuple[str, ...] | None) -> tuple[str, ...]:
    if folders is None:
        return (root,)
    found = tuple(posixpath.normpath(posixpath.join(root, folder)) for folder in folders)
    for folder in found:
        if folder.startswith(("..", "/")):
            raise UsageError(f'application = "{folder}" lies outside the repository; name a folder inside it')
    return found


def is_code(path: str, root: str = ".") -> bool:
    """By its name: written by hand, in a language that is read."""
    name = path.rpartition("/")[2]
    if posixpath.splitext(name)[1].lower() not in EXTENSIONS or _MINIFIED.search(name):
        return False
    return not any(folder.startswith(".") or folder.lower() in _MADE for folder in _folders(path, root))


def _written_by_hand(paths: Iterable[str]) -> Iterable[str]:
    """Without what the compiler made of the file beside it."""
    found = set(paths)
    made = {
        f"{stem}{made}"
        for path in found
        for stem, suffix in (posixpath.splitext(path),)
        if suffix in (".ts", ".tsx", ".mts")
        for made in (".js", ".jsx", ".mjs", ".cjs")
    }
    return found - made


def is_test(path: str, root: str = ".") -> bool:
    return any(folder.lower() in _TESTS for folder in _folders(path, root)) or bool(
        _TEST_FILE.search(path.rpartition("/")[2].lower())
    )


def _folders(path: str, root: str) -> list[str]:
    """Below the folder that the user named."""
    return path.removeprefix("" if root == "." else f"{root}/").split("/")[:-1]


def refused(path: Path) -> str | None:
    """Why a file is not read, and None for one that is. Links are passed over: what they lead to is listed itself."""
    try:
        status = path.lstat()
    except OSError as problem:
        return f"cannot be read: {problem.strerror}"
    if stat.S_ISLNK(status.st_mode):
        return ""
    if not stat.S_ISREG(status.st_mode):
        return "is no regular file"
    return None


def as_utf8(data: bytes) -> bytes:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace").encode(errors="replace")
    return data


def added_lines(old: bytes, new: bytes) -> frozenset[int]:
    """Numbers of the lines of `new` that `old` has not got."""
    before, after = old.split(b"\n"), new.split(b"\n")
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    old_part, new_part = before[start : len(before) - end], after[start : len(after) - end]
    found: set[int] = set()
    for tag, _, _, first, last in SequenceMatcher(
        None, old_part, new_part, autojunk=len(new_part) > 5000
    ).get_opcodes():
        if tag in ("replace", "insert"):
            found.update(range(start + first + 1, start + last + 1))
    return frozenset(found)
