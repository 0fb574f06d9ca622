"""All files of an application -> usages: two at a time, and what has not changed from the last run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pgassay.application import files
from pgassay.application.cache import Cache
from pgassay.application.extract import NotRead, extract
from pgassay.application.files import Code
from pgassay.model import Location, Unchecked, Usage

_AT_ONCE = 64
_WORTH_A_PROCESS = 6_000_000
"""Bytes to parse from which on a second process pays for its start."""


class Scanned(Struct, frozen=True):
    """`problems` are files that may speak of the database and were not read, with the reason."""

    usages: tuple[Usage, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    files: int = 0

    def notes(self) -> Iterator[Unchecked]:
        by_reason: dict[str, list[str]] = {}
        for path, why in self.problems:
            by_reason.setdefault(why, []).append(path)
        for why, paths in by_reason.items():
            more = f" and {len(paths) - 3} more files" if len(paths) > 3 else ""
            yield Unchecked(", ".join(paths[:3]) + more, f"{'each of them ' * (len(paths) > 1)}{why}")


class _Outcome(Struct, frozen=True):
    usages: tuple[Usage, ...] = ()
    problem: str | None = None


def scan(code: Code, cache: Cache | None = None) -> Scanned:
    usages: list[Usage] = []
    problems: list[tuple[str, str]] = []
    for path, outcome in _outcomes(code, cache):
        if outcome.problem:
            problems.append((path, outcome.problem))
        usages += (_in_file(usage, path) for usage in outcome.usages)
    usages.sort(key=lambda usage: (usage.location.path, usage.location.start_line, usage.location.start_column or 0))
    return Scanned(tuple(usages), tuple(problems), len(code.paths))


def _outcomes(code: Code, cache: Cache | None) -> Iterator[tuple[str, _Outcome]]:
    decoder = msgspec.msgpack.Decoder(_Outcome)
    for path in code.paths:
        data = _read(code, path)
        if not isinstance(data, bytes):
            if data:
                yield path, _Outcome(problem=data)
            continue
        key = hashlib.sha256(f"{Path(path).suffix.lower()}\0".encode() + data).digest()
        kept = cache.get(key) if cache else None
        if kept is not None:
            yield path, decoder.decode(kept)
            continue
        outcome = read_one(path, data)
        if cache:
            cache.put(key, msgspec.msgpack.encode(outcome))
        yield path, outcome


def _read(code: Code, path: str) -> bytes | str:
    """The reason in place of the bytes; empty for what is passed over in silence."""
    why = files.refused(code.top / path) if code.top else None
    if why is not None:
        return why
    try:
        return code.read(path)
    except OSError as problem:
        return f"cannot be read: {problem.strerror}"


def read_one(path: str, data: bytes) -> _Outcome:
    """Whatever is in a file, the others are read."""
    try:
        return _Outcome(extract(path, data))
    except NotRead as reason:
        return _Outcome(problem=str(reason))
    except (RecursionError, ValueError, IndexError, MemoryError) as error:
        return _Outcome(problem=f"could not be taken apart ({type(error).__name__})")


def _in_file(usage: Usage, path: str) -> Usage:
    places = tuple(_at(place, path) for place in usage.places)
    return replace(usage, location=_at(usage.location, path), places=places)


def _at(location: Location, path: str) -> Location:
    return replace(location, path=path)
