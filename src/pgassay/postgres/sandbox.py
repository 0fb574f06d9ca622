"""What a server needs to reach, and nothing else is allowed to it: its programs, libraries, share and own folder."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pgassay.postgres.binaries import Binaries
from pgassay.postgres.installation import libraries_of_the_wheel

_LOADED = re.compile(r"^\s*(?:\S+ => )?(/\S.*?) \(0x[0-9a-f]+\)$", re.MULTILINE)
_LOADER = re.compile(r"^ld(?:64|-linux|-musl)?[-.].*\.so|^ld\.so")
# Installations that share a prefix with the rest of the system have folders of their own for these.
_PREFIXES_OF_ALL = (Path("/"), Path("/usr"), Path("/usr/local"))
_SHARES = (("/usr/share", "postgresql*"), ("/usr/share", "pgsql*"), ("/usr/local/share", "postgresql*"))
_COMMON = ("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/usr/lib/locale", "/dev/urandom")


def plan(programs: Binaries, own: Path) -> Mapping[str, Sequence[str]] | None:
    """Paths by right (`landlock.RIGHTS`), None where there is no such thing. `own` is the server's to write."""
    if sys.platform != "linux":
        return None
    loaded = _loaded(programs)
    return {
        "execute": [str(path) for path in (programs.postgres, *filter(_is_loader, loaded))],
        "read": [str(path) for path in dict.fromkeys(_readable(programs, loaded))],
        "write": [str(own), "/dev/null"],
    }


def _loaded(programs: Binaries) -> list[Path]:
    """What the dynamic loader maps for the server, itself included. The C library lists it instead of starting."""
    environment = {**programs.environment, "LD_TRACE_LOADED_OBJECTS": "1"}
    told = subprocess.run(
        [programs.postgres, "-V"], env=environment, capture_output=True, text=True, timeout=20, check=False
    )
    return [Path(path) for path in _LOADED.findall(told.stdout)]


def _is_loader(library: Path) -> bool:
    return bool(_LOADER.match(library.name))


def _readable(programs: Binaries, loaded: Sequence[Path]) -> Iterator[Path]:
    yield from (library.resolve().parent for library in loaded)
    yield programs.prefix / "lib"
    yield from libraries_of_the_wheel(programs.prefix)
    if programs.prefix not in _PREFIXES_OF_ALL:
        yield programs.prefix / "share"
    for folder, pattern in _SHARES:
        yield from Path(folder).glob(pattern)
    yield from map(Path, _COMMON)
