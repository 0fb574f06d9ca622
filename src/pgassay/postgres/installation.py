"""Make sure that the server's user can read the programs it is to run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from msgspec.structs import replace

from pgassay.errors import CannotCheck
from pgassay.postgres.binaries import VARIABLE, Binaries
from pgassay.postgres.run_folder import reachable

_PARTS = ("lib", "share")
_LARGEST = 300 << 20
_LEFT_OUT = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "man", "doc", "locale")


def readable_by_all(binaries: Binaries) -> bool:
    parts = (*(binaries.prefix / part for part in _PARTS), *libraries_of_the_wheel(binaries.prefix))
    return all(map(reachable, (binaries.postgres, binaries.initdb, *filter(Path.exists, parts))))


def copy(binaries: Binaries, into: Path) -> Binaries:
    """Copy what a server needs of an installation that has a folder to itself: 20 MB, some 20 ms.

    A virtual environment below /root is the usual reason. Raises CannotCheck for any other kind of installation.
    """
    old = binaries.prefix
    if not all((old / part).is_dir() for part in _PARTS) or _size(old) > _LARGEST:
        raise CannotCheck(
            f"other users cannot read {binaries.bin}, and PostgreSQL does not run as root; make it readable, "
            f"run pgassay as an ordinary user, or set {VARIABLE} to the folder of another installation"
        )
    # The programs find each other and their libraries by relative paths, two folders up at most.
    new = into / old.parent.name / old.name
    (new / "bin").mkdir(parents=True)
    for program in (binaries.initdb, binaries.postgres):
        shutil.copy(program, new / "bin")
    for part in _PARTS:
        shutil.copytree(old / part, new / part, ignore=_LEFT_OUT)
    for libraries in filter(Path.exists, libraries_of_the_wheel(old)):
        shutil.copytree(libraries, into / libraries.relative_to(old.parent.parent))
    _open_up(into)
    environment = {key: value.replace(str(old), str(new)) for key, value in binaries.environment.items()}
    return replace(binaries, bin=new / "bin", environment=environment)


def _size(prefix: Path) -> int:
    """Bytes, or enough of them to know that it is too much: conda keeps everything else there too."""
    size = 0
    for part in _PARTS:
        for _, _, files, fd in os.fwalk(prefix / part):
            size += sum(os.stat(name, dir_fd=fd, follow_symlinks=False).st_size for name in files)
            if size > _LARGEST:
                return size
    return size


def libraries_of_the_wheel(prefix: Path) -> tuple[Path, ...]:
    """Where the tools that make Linux and macOS wheels put the libraries of the package that `prefix` is part of."""
    package = prefix.parent
    return (package.parent / f"{package.name}.libs", package / ".dylibs")


def _open_up(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
