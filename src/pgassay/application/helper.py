"""Processes that read the files: `python -I -m pgassay.application.helper`.

A few lines of code can keep a parser busy for ever, or have it take all memory there is, and nothing in the same
process could stop it. So files are read in processes with limits: one that dies names the file that it was at.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from pgassay.application.extract import NotRead, extract_linked
from pgassay.application.links import Given, Links
from pgassay.model import Usage

TOO_MUCH = "takes the parser too long, or too much memory"
_MOST_MEMORY = 1 << 30
_MOST_SECONDS = 20
"""For one file."""
_MOST_DEATHS = 10
_LENGTH = 4


class Outcome(Struct, frozen=True):
    usages: tuple[Usage, ...] = ()
    problem: str | None = None
    links: Links = Links()


class _Request(Struct, frozen=True):
    """`given` has an entry for each path, or none at all."""

    top: str
    paths: tuple[bytes, ...]
    given: tuple[Given, ...] = ()


class Helper:
    """Isolated from the folder that it is started in, which may hold modules of a stranger."""

    def __init__(self, top: Path, paths: list[str], given: Mapping[str, Given] | None = None) -> None:
        self._top = top
        self._paths = paths
        self._given = given or {}
        self._found: list[Outcome] = []
        self._start()

    def _start(self) -> None:
        left = self._paths[len(self._found) :]
        self._answer = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "pgassay.application.helper"],
            stdin=subprocess.PIPE,
            stdout=self._answer,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdin
        # One that cannot even start has died, which is seen below.
        with suppress(BrokenPipeError), self._process.stdin as request:
            given = tuple(self._given[path] for path in left) if self._given else ()
            request.write(msgspec.msgpack.encode(_Request(str(self._top), tuple(map(os.fsencode, left)), given)))

    def outcomes(self) -> list[Outcome]:
        """One for each path, in their order."""
        for _ in range(_MOST_DEATHS):
            self._process.wait()
            with self._answer:
                self._answer.seek(0)
                self._found += _frames(self._answer.read())
            if len(self._found) >= len(self._paths):
                return self._found
            self._found.append(Outcome(problem=TOO_MUCH))
            if len(self._found) == len(self._paths):
                return self._found
            self._start()
        self._process.kill()
        self._process.wait()
        self._answer.close()
        rest = len(self._paths) - len(self._found)
        return self._found + [Outcome(problem="was not reached: too many files before it could not be read")] * rest


def _frames(data: bytes) -> Iterator[Outcome]:
    """What was written whole."""
    position = 0
    while position + _LENGTH <= len(data):
        end = position + _LENGTH + int.from_bytes(data[position : position + _LENGTH])
        if end > len(data):
            return
        yield msgspec.msgpack.decode(data[position + _LENGTH : end], type=Outcome)
        position = end


def read_one(path: str, data: bytes, given: Given | None = None, read: Callable[[str], bytes] | None = None) -> Outcome:
    """Whatever is in a file, the others are read."""
    try:
        found = extract_linked(path, data, given, read)
        return Outcome(found.usages, links=found.links)
    except NotRead as reason:
        return Outcome(problem=str(reason))
    except MemoryError:
        return Outcome(problem=TOO_MUCH)
    except (RecursionError, ValueError, IndexError) as error:
        return Outcome(problem=f"could not be taken apart ({type(error).__name__})")


def main() -> None:
    from pgassay.application.files import as_utf8

    request = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=_Request)
    _limit_memory()

    def read(path: str) -> bytes:
        return as_utf8((Path(request.top) / path).read_bytes())

    for n, name in enumerate(request.paths):
        # Its default action ends the process, in the midst of whatever a parser does.
        signal.setitimer(signal.ITIMER_REAL, _MOST_SECONDS)
        path = os.fsdecode(name)
        try:
            outcome = read_one(path, read(path), request.given[n] if request.given else None, read)
        except OSError as problem:
            outcome = Outcome(problem=f"cannot be read: {problem.strerror}")
        data = msgspec.msgpack.encode(outcome)
        sys.stdout.buffer.write(len(data).to_bytes(_LENGTH) + data)
        sys.stdout.buffer.flush()


def _limit_memory() -> None:
    import resource

    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main()
