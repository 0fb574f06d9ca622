"""Data directories kept from one run to the next, so that initdb and the environment are paid for once.

An entry is used only when every file of it is what was written: sizes and checksums stand in its manifest, which has a
checksum of its own. Anything else is removed and made again; a store that cannot be written is as good as none.
A container's image brings one, which is only read: what a run adds would go with the container.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

VARIABLE = "PGASSAY_STORE"

_MANIFEST = "manifest.json"
_FILES = "data"
_MOST_BYTES = 1 << 30
# What only a running server has.
_NOT_KEPT = frozenset({"postmaster.pid", "postmaster.opts", "current_logfiles"})


class _File(Struct, frozen=True, array_like=True):
    path: str
    size: int
    checksum: int


class _Manifest(Struct, frozen=True):
    """`note` is whatever the writer wants to find again with the directory."""

    key: str
    folders: tuple[str, ...]
    files: tuple[_File, ...]
    note: str


class Damaged(Exception):
    """An entry is not what was written."""


class Store:
    """Entries by key below `folder`, which belongs to the user and to nobody else; the oldest go above `most_bytes`.

    A `read_only` one stays as it is: nothing is saved, and an entry that is damaged is passed over.
    """

    def __init__(self, folder: Path, most_bytes: int = _MOST_BYTES, *, read_only: bool = False) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self.read_only = read_only

    @classmethod
    def of_user(cls) -> Store | None:
        """In XDG_CACHE_HOME or ~/.cache; None where neither can be had. Instead, the one that PGASSAY_STORE names."""
        if named := os.environ.get(VARIABLE):
            return cls(Path(named), read_only=True)
        home = os.environ.get("XDG_CACHE_HOME")
        try:
            return cls((Path(home) if home else Path.home() / ".cache") / "pgassay")
        except RuntimeError:
            return None

    def has(self, key: str) -> bool:
        return (self._folder / key / _MANIFEST).exists()

    def restore(self, key: str, target: Path) -> str | None:
        """Copy an entry to `target`, which must not exist yet. Its note, or None when there is no sound entry."""
        entry = self._folder / key
        try:
            if entry.lstat().st_uid != os.geteuid():
                return None
            manifest = _read_manifest(entry, key)
            _copy_checked(entry / _FILES, target, manifest)
            if not self.read_only:
                os.utime(entry)
        except (OSError, Damaged, msgspec.DecodeError, msgspec.ValidationError):
            self._forget(entry, target)
            return None
        return manifest.note

    def save(self, key: str, data: Path, note: str = "") -> bool:
        """Keep a copy of a data directory whose server is down. Another run that does the same at once does no harm."""
        if self.read_only:
            return False
        scratch: Path | None = None
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            scratch = Path(tempfile.mkdtemp(prefix=f".{key[:16]}-", dir=self._folder))
            manifest = _copy_measured(data, scratch / _FILES, key, note)
            body = msgspec.json.encode(manifest)
            (scratch / _MANIFEST).write_bytes(b"%08x\n" % zlib.crc32(body) + body)
            scratch.rename(self._folder / key)
        except OSError:
            if scratch:
                shutil.rmtree(scratch, ignore_errors=True)
            return self.has(key)
        self._prune(key)
        return True

    def _forget(self, entry: Path, target: Path) -> None:
        shutil.rmtree(target, ignore_errors=True)
        if self.read_only or not entry.exists():
            return
        with suppress(OSError), tempfile.TemporaryDirectory(prefix=".removed-", dir=self._folder) as doomed:
            # Renamed first, so that no other run meets it half removed.
            entry.rename(Path(doomed) / entry.name)

    def _prune(self, newest: str) -> None:
        """The entries that were used last stay, up to a gigabyte."""
        with suppress(OSError):
            entries = [path for path in self._folder.iterdir() if (path / _MANIFEST).exists() and path.name != newest]
            entries.sort(key=lambda path: path.stat().st_mtime, reverse=True)
            room = self._most_bytes - _size(self._folder / newest)
            for entry in entries:
                room -= _size(entry)
                if room < 0:
                    self._forget(entry, entry / "nothing")


def _read_manifest(entry: Path, key: str) -> _Manifest:
    checksum, _, body = (entry / _MANIFEST).read_bytes().partition(b"\n")
    if checksum != b"%08x" % zlib.crc32(body):
        raise Damaged("manifest")
    manifest = msgspec.json.decode(body, type=_Manifest)
    if manifest.key != key:
        raise Damaged("key")
    return manifest


def _copy_checked(source: Path, target: Path, manifest: _Manifest) -> None:
    target.mkdir(mode=0o700)
    for folder in manifest.folders:
        os.mkdir(target / folder, 0o700)  # noqa: PTH102 - a thousand of these; strings are twice as fast below
    source_text, target_text = str(source), str(target)
    for file in manifest.files:
        content = _read(f"{source_text}/{file.path}")
        if len(content) != file.size or zlib.crc32(content) != file.checksum:
            raise Damaged(file.path)
        _write(f"{target_text}/{file.path}", content)


def _copy_measured(source: Path, target: Path, key: str, note: str) -> _Manifest:
    folders: list[str] = []
    files: list[_File] = []
    target.mkdir(mode=0o700)
    for where, inner, names in os.walk(source):
        inside = os.path.relpath(where, source)
        prefix = "" if inside == "." else f"{inside}/"
        for name in sorted(inner):
            folders.append(prefix + name)
            (target / (prefix + name)).mkdir(mode=0o700)
        for name in sorted(names):
            if name not in _NOT_KEPT:
                content = _read(f"{where}/{name}")
                _write(str(target / (prefix + name)), content)
                files.append(_File(prefix + name, len(content), zlib.crc32(content)))
    return _Manifest(key, tuple(folders), tuple(files), note)


def _read(path: str) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, f"{path} is no file")
        return os.read(descriptor, os.fstat(descriptor).st_size)
    finally:
        os.close(descriptor)


def _write(path: str, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        view = memoryview(content)
        while view:
            view = view[os.write(descriptor, view) :]
    finally:
        os.close(descriptor)


def _size(entry: Path) -> int:
    return sum(path.stat().st_size for path in entry.rglob("*") if path.is_file())
