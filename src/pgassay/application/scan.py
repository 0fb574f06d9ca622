"""All files of an application -> usages: two at a time, and what has not changed from the last run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from pgassay.application import files
from pgassay.application.cache import Cache
from pgassay.application.extract import speaks
from pgassay.application.files import Code
from pgassay.application.helper import Helper, Outcome, read_one
from pgassay.application.links import Given, Links, callers, linked
from pgassay.model import Location, Unchecked, Usage

_WORTH_A_PROCESS = 500_000
"""Bytes to parse from which on a second process pays for its start."""
_MOST_HELPERS = 4
_MOST_WRAPPERS = 100
_SCRIPTS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_WORDS = (b"supabase", b"postgrest", b"Supabase")


class Scanned(Struct, frozen=True):
    """`problems` are files that may speak of the database and were not read, with the reason.

    `speaks_of_supabase` tells whether any file has that word, or PostgREST's.
    """

    usages: tuple[Usage, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    files: int = 0
    speaks_of_supabase: bool = False

    def notes(self) -> Iterator[Unchecked]:
        by_reason: dict[str, list[str]] = {}
        for path, why in self.problems:
            by_reason.setdefault(why, []).append(path)
        for why, paths in by_reason.items():
            more = f" and {len(paths) - 3} more files" if len(paths) > 3 else ""
            yield Unchecked(", ".join(paths[:3]) + more, f"{'each of them ' * (len(paths) > 1)}{why}")


def scan(code: Code, cache: Cache | None = None) -> Scanned:
    usages: list[Usage] = []
    problems: list[tuple[str, str]] = []
    words: set[bytes] = set()
    outcomes = dict(_outcomes(code, cache, words))
    outcomes |= _linked(code, {path: outcome.links for path, outcome in outcomes.items() if outcome.links != Links()})
    for path, outcome in outcomes.items():
        if outcome.problem:
            problems.append((path, outcome.problem))
        usages += (_in_file(usage, path) for usage in outcome.usages)
    usages.sort(key=lambda usage: (usage.location.path, usage.location.start_line, usage.location.start_column or 0))
    return Scanned(tuple(usages), tuple(problems), len(code.paths), bool(words))


def _outcomes(code: Code, cache: Cache | None, words: set[bytes]) -> Iterator[tuple[str, Outcome]]:
    """`words` takes those of `_WORDS` that stand in some file."""
    decoder = msgspec.msgpack.Decoder(Outcome)
    wanted: list[tuple[str, bytes, int]] = []
    for path in code.paths:
        data = _read(code, path)
        if not isinstance(data, bytes):
            if data:
                yield path, Outcome(problem=data)
            continue
        if not words:
            words.update(word for word in _WORDS if word in data)
        if not speaks(data):
            continue
        key = hashlib.sha256(f"{Path(path).suffix.lower()}\0".encode() + data).digest()
        kept = cache.get(key) if cache else None
        if kept is not None:
            yield path, decoder.decode(kept)
        else:
            wanted.append((path, key, len(data)))
    for (path, key, _), outcome in zip(wanted, _extracted(code, wanted), strict=True):
        if cache:
            cache.put(key, msgspec.msgpack.encode(outcome))
        yield path, outcome


def _linked(code: Code, links: Mapping[str, Links]) -> dict[str, Outcome]:
    """The files once more that use what others have: constants that name tables, functions that take such a name."""
    if not links:
        return {}
    known = frozenset(path for path in code.paths if not (code.top and files.refused(code.top / path) is not None))
    given = linked(links, known)
    exported = {path: {each.name: each for each in found.wrappers} for path, found in links.items() if found.wrappers}
    names = sorted({name.encode() for wrappers in exported.values() for name in wrappers})[:_MOST_WRAPPERS]
    for path in code.paths if names else ():
        data = _read(code, path) if path.endswith(_SCRIPTS) else b""
        if not isinstance(data, bytes) or b"import" not in data or not any(name in data for name in names):
            continue
        if wrappers := callers(path, data, exported, known):
            given[path] = Given(given[path].wants if path in given else (), wrappers)
    wanted = [(path, b"", 0) for path in given]
    again = zip(given, _extracted(code, wanted, given), strict=True)
    return {path: outcome for path, outcome in again if not outcome.problem}


def _extracted(
    code: Code, wanted: list[tuple[str, bytes, int]], given: Mapping[str, Given] | None = None
) -> list[Outcome]:
    """In their order. What is much is shared by as many helpers as there are cores."""
    paths = [path for path, _, _ in wanted]
    if code.top is None:
        return [read_one(path, code.read(path), given[path] if given else None, code.read) for path in paths]
    if not wanted:
        return []
    much = sum(size for _, _, size in wanted) >= _WORTH_A_PROCESS
    shares = [share for share in _shares(wanted, min(os.cpu_count() or 1, _MOST_HELPERS) if much else 1) if share]
    started = [Helper(code.top, [paths[n] for n in share], given) for share in shares]
    found: dict[int, Outcome] = {}
    for share, helper in zip(shares, started, strict=True):
        found.update(zip(share, helper.outcomes(), strict=True))
    return [found[n] for n in range(len(paths))]


def _shares(wanted: list[tuple[str, bytes, int]], number: int) -> list[list[int]]:
    """About as many bytes for each."""
    shares: list[list[int]] = [[] for _ in range(number)]
    sizes = [0] * number
    for n in sorted(range(len(wanted)), key=lambda n: -wanted[n][2]):
        least = sizes.index(min(sizes))
        shares[least].append(n)
        sizes[least] += wanted[n][2]
    return shares


def _read(code: Code, path: str) -> bytes | str:
    """The reason in place of the bytes; empty for what is passed over in silence."""
    why = files.refused(code.top / path) if code.top else None
    if why is not None:
        return why
    try:
        return code.read(path)
    except OSError as problem:
        return f"cannot be read: {problem.strerror}"


def _in_file(usage: Usage, path: str) -> Usage:
    places = tuple(_at(place, path) for place in usage.places)
    return replace(usage, location=_at(usage.location, path), places=places)


def _at(location: Location, path: str) -> Location:
    return replace(location, path=path)
