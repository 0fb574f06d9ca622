"""Migration files of the working tree: listed and read."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from pgassay.history import text
from pgassay.history.git import Listing

_NEVER = frozenset(
    "node_modules vendor dist build target venv __pycache__ "
    "test tests __tests__ spec fixtures __fixtures__ testdata test-fixtures".split()
)
"""Folders whose content somebody else wrote, a tool made, or a test needs."""


class Document(Struct, frozen=True):
    """A file's text, or why it has none. `blob` is the name that git gives its bytes."""

    path: str
    text: str
    unreadable: str | None = None
    blob: str = ""


class NotAFile(Exception):
    """Something with the name of a migration that is not followed or read; the text says why."""


def is_passed_over(folder: str) -> bool:
    return folder.startswith(".") or folder.lower() in _NEVER


def walk(top: Path, folders: Iterable[str]) -> Listing:
    """Files in these folders outside git, relative to `top`. Links to folders are not followed."""
    found: set[str] = set()
    for folder in folders:
        for directory, subfolders, names in os.walk(top / folder):
            subfolders[:] = [name for name in subfolders if not is_passed_over(name)]
            here = Path(directory).relative_to(top)
            found.update((here / name).as_posix() for name in names)
    return Listing(tuple(sorted(found)))


def read(top: Path, path: str, algorithm: str = "sha1") -> Document:
    """NotAFile when there is nothing to read or it lies outside `top`."""
    full = top / path
    try:
        status = full.lstat()
        if stat.S_ISLNK(status.st_mode):
            full = _followed(top, full)
            status = full.stat()
        if not stat.S_ISREG(status.st_mode):
            raise NotAFile("is no regular file")
        if status.st_size > text.LARGEST:
            return Document(path, "", text.TOO_LARGE, _large_blob_id(full, status.st_size, algorithm))
        data = full.read_bytes()
    except FileNotFoundError:
        raise NotAFile("is not there any more") from None
    except OSError as problem:
        return Document(path, "", f"cannot be read: {problem.strerror}")
    return document(path, data, blob_id(data, algorithm))


def document(path: str, data: bytes, blob: str) -> Document:
    decoded = text.decode(data)
    return Document(path, decoded.text, decoded.unreadable, blob)


def blob_id(data: bytes, algorithm: str) -> str:
    return _hash(len(data), algorithm, [data])


def _large_blob_id(path: Path, size: int, algorithm: str) -> str:
    with path.open("rb") as file:
        return _hash(size, algorithm, iter(lambda: file.read(text.MEGABYTE), b""))


def _hash(size: int, algorithm: str, parts: Iterable[bytes]) -> str:
    digest = hashlib.new(algorithm, b"blob %d\0" % size, usedforsecurity=False)
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def _followed(top: Path, link: Path) -> Path:
    """A pull request may bring a link to any file of the machine, and findings quote the lines they stand on."""
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        raise NotAFile("is a symbolic link to nothing") from None
    if not target.is_relative_to(top) or ".git" in target.relative_to(top).parts:
        raise NotAFile("is a symbolic link that leaves the repository, so it was not followed")
    if target.suffix.lower() != ".sql":
        raise NotAFile("is a symbolic link to something that is no .sql file, so it was not followed")
    return target
