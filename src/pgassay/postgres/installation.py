"""Make sure that the server's user can read the programs it is to run."""

from __future__ import annotations

import shutil
from pathlib import Path

from msgspec.structs import replace

from pgassay.errors import CannotCheck
from pgassay.postgres.binaries import VARIABLE, Binaries
from pgassay.postgres.run_folder import reachable

_PARTS = ("bin", "lib", "share")
_LEFT_OUT = shutil.ignore_patterns("*.a", "pgxs", "pkgconfig", "man", "doc", "locale")


def readable_by_all(binaries: Binaries) -> bool:
    parts = (binaries.prefix / part for part in ("lib", "share"))
    return all(map(reachable, (binaries.postgres, binaries.initdb, *filter(Path.exists, parts))))


def copy(binaries: Binaries, into: Path) -> Binaries:
    """Copy what a server needs of an installation that keeps it all under one folder: 20 MB, some 20 ms.

    A virtual environment below /root is the usual reason. Raises CannotCheck when the parts lie elsewhere.
    """
    if not (binaries.prefix / "share").is_dir() or not (binaries.prefix / "lib").is_dir():
        raise CannotCheck(
            f"other users cannot read {binaries.bin}, and PostgreSQL does not run as root; make it readable, "
            f"run pgassay as an ordinary user, or set {VARIABLE} to the folder of another installation"
        )
    into.mkdir(mode=0o755)
    for part in _PARTS:
        source = binaries.prefix / part
        if part == "bin":
            (into / part).mkdir(mode=0o755)
            for program in (binaries.initdb, binaries.postgres):
                shutil.copy(program, into / part)
        else:
            shutil.copytree(source, into / part, ignore=_LEFT_OUT)
    _open_up(into)
    environment = {key: value.replace(str(binaries.prefix), str(into)) for key, value in binaries.environment.items()}
    return replace(binaries, bin=into / "bin", environment=environment)


def _open_up(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
