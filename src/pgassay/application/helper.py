"""A second process that reads a share of the files: `python -I -m pgassay.application.helper`."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
from msgspec import Struct

from pgassay.application.extract import NotRead, extract
from pgassay.model import Usage


class Outcome(Struct, frozen=True):
    usages: tuple[Usage, ...] = ()
    problem: str | None = None


class _Request(Struct, frozen=True):
    top: str
    paths: tuple[bytes, ...]


class Helper:
    """Isolated from the folder that it is started in, which may hold modules of a stranger."""

    def __init__(self, top: Path, paths: list[str]) -> None:
        import os

        self._answer = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "pgassay.application.helper"],
            stdin=subprocess.PIPE,
            stdout=self._answer,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin
        self._process.stdin.write(msgspec.msgpack.encode(_Request(str(top), tuple(map(os.fsencode, paths)))))
        self._process.stdin.close()

    def outcomes(self) -> list[Outcome] | None:
        """None when it did not come to its end."""
        with self._answer:
            if self._process.wait() != 0:
                return None
            self._answer.seek(0)
            return msgspec.msgpack.decode(self._answer.read(), type=list[Outcome])


def read_one(path: str, data: bytes) -> Outcome:
    """Whatever is in a file, the others are read."""
    try:
        return Outcome(extract(path, data))
    except NotRead as reason:
        return Outcome(problem=str(reason))
    except (RecursionError, ValueError, IndexError, MemoryError) as error:
        return Outcome(problem=f"could not be taken apart ({type(error).__name__})")


def main() -> None:
    import os

    from pgassay.application.files import as_utf8

    request = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=_Request)
    found: list[Outcome] = []
    for name in request.paths:
        path = os.fsdecode(name)
        try:
            found.append(read_one(path, as_utf8((Path(request.top) / path).read_bytes())))
        except OSError as problem:
            found.append(Outcome(problem=f"cannot be read: {problem.strerror}"))
    sys.stdout.buffer.write(msgspec.msgpack.encode(found))


if __name__ == "__main__":
    main()
