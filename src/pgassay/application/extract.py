"""One file -> its usages. The same bytes give the same usages, so that they can be kept."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from pgassay.application import secrets, sql_strings
from pgassay.application.files import EXTENSIONS, LARGEST
from pgassay.application.links import Given, Links
from pgassay.application.places import Places
from pgassay.application.values import Value
from pgassay.model import Usage

_SUPABASE = re.compile(rb"\.\s*(?:from|from_|table|rpc)\s*(?:<[^()\n]*>)?\(|postgres_changes")
_SQL = re.compile(
    rb"\.(?:query|execute|unsafe|raw|fetch|fetchrow|fetchval|executemany|fetch_all|fetch_one|\$\w+RawUnsafe)"
    rb"\s*(?:<[^()\n]*>)?\(|(?<![.\w])text\(|\b(?:sql|\$queryRaw|\$executeRaw)(?:<[^()`\n]*>)?`"
)
_SQL_WORDS = re.compile(rb"\b(?:select\s+[\w*\"'(]|insert\s+into\s|update\s+[\w.\"]+\s+set\s|delete\s+from\s)", re.I)
_DRIZZLE = re.compile(rb"\bpg(?:Table|Enum|Schema)\s*\(")
_GENERATED = re.compile(rb"\b(?:type|interface)\s+Database\b")
_SCRIPT = re.compile(rb"<script\b[^>]*>(.*?)</script\s*>|\A---\n(.*?)\n---", re.S | re.I)
_LONG_LINES = 5_000
"""Bytes of a line, on average, from which on a tool has written the file."""

_LARGEST_OF_CONSTANTS = 500_000

MADE_BY_A_TOOL = "is too long, or has lines too long, to be written by hand"


class NotRead(Exception):
    """Why a file that may speak of the database was not read."""


def speaks(data: bytes) -> bool:
    """Whether there is anything to find: most files are done with at this."""
    return bool(_speaks(data) or secrets.any_in(data))


def _speaks(data: bytes) -> bool:
    return bool(_calls(data) or _queries(data) or _declares(data))


def _calls(data: bytes) -> bool:
    """A search for a literal is many times quicker than one for a pattern."""
    words = (b"from(", b"from_(", b"table(", b"rpc(", b"from<", b"rpc<", b"from (", b"rpc (", b"postgres_changes")
    return any(word in data for word in words) and bool(_SUPABASE.search(data))


def _declares(data: bytes) -> bool:
    drizzle = b"pgTable" in data or b"pgEnum" in data or b"pgSchema" in data
    return (drizzle and bool(_DRIZZLE.search(data))) or (b"Database" in data and bool(_GENERATED.search(data)))


class Extracted(Struct, frozen=True):
    usages: tuple[Usage, ...] = ()
    links: Links = Links()


def extract(path: str, data: bytes) -> tuple[Usage, ...]:
    """The usages of a file by itself."""
    return extract_linked(path, data).usages


def extract_linked(
    path: str, data: bytes, given: Given | None = None, read: Callable[[str], bytes] | None = None
) -> Extracted:
    """Locations have an empty path. `read` gives the other files that `given` speaks of. Raises NotRead."""
    kind = EXTENSIONS[posixpath.splitext(path)[1].lower()]
    asks = _speaks(data) or given is not None
    if not asks and not secrets.any_in(data):
        return Extracted()
    if len(data) > LARGEST or (len(data) > 100_000 and len(data) / (data.count(b"\n") + 1) > _LONG_LINES):
        if not asks:
            return Extracted()
        raise NotRead(MADE_BY_A_TOOL)
    language = {"python": "python", "javascript": "javascript"}.get(kind, "typescript")
    found = list(secrets.usages(data, language, Places(data).location)) if secrets.any_in(data) else []
    if not asks:
        return Extracted(tuple(found))
    links = _Links(given, read)
    found += _usages(kind, data, language, links)
    return Extracted(tuple(found), links.found)


class _Links:
    """What other files give, and what is found out for them."""

    def __init__(self, given: Given | None, read: Callable[[str], bytes] | None) -> None:
        self.given = given or Given()
        self._read = read
        self.found = Links()

    def values(self) -> dict[str, Value]:
        """The constants, from the files that have them."""
        from pgassay.application.javascript import Source
        from pgassay.application.javascript_modules import exported
        from pgassay.application.tree import File

        found: dict[str, Value] = {}
        for want in self.given.wants:
            kind = EXTENSIONS[posixpath.splitext(want.module)[1].lower()]
            try:
                data = self._read(want.module) if self._read else b""
            except OSError:
                continue
            if data and len(data) <= _LARGEST_OF_CONSTANTS:
                found[want.local] = exported(Source(File(data, kind)), want.name)
        return found


def _queries(data: bytes) -> bool:
    words = (b".query", b".execute", b".unsafe", b".raw", b".fetch", b"text(", b"sql`", b"sql<", b"Raw")
    return any(word in data for word in words) and bool(_SQL.search(data) and _SQL_WORDS.search(data))


def _usages(kind: str, data: bytes, language: str, links: _Links) -> Iterator[Usage]:
    from pgassay.application.tree import File

    locate = Places(data).location
    if kind == "python":
        from pgassay.application import python

        source = python.Source(File(data, kind))
        yield from python.usages(source, locate)
        if _queries(data):
            yield from sql_strings.usages(python.queries(source), language, locate)
        return
    from pgassay.application import javascript, javascript_calls, supabase_js

    if kind == "component":
        data, kind = _scripts(data), "typescript"
    file = File(data, kind)
    script = javascript.Source(file, links.values())
    if _calls(data) or links.given.wrappers:
        gathered = supabase_js.Gathered()
        yield from supabase_js.usages(script, language, locate, gathered, links.given.wrappers)
        links.found = gathered.links
    if _queries(data):
        yield from sql_strings.usages(javascript_calls.queries(script), language, locate)
    if b"pgTable" in data or b"pgEnum" in data or b"pgSchema" in data:
        from pgassay.application import drizzle

        yield from drizzle.usages(script, language, locate)
    if b"Database" in data and _GENERATED.search(data):
        from pgassay.application import generated

        yield from generated.usages(file, locate)


def _scripts(data: bytes) -> bytes:
    """The scripts of a component, with blanks in place of everything else, so that offsets stay."""
    blank = bytearray(re.sub(rb"[^\n]", b" ", data))
    for found in _SCRIPT.finditer(data):
        group = 1 if found[1] is not None else 2
        blank[found.start(group) : found.end(group)] = found[group]
    return bytes(blank)
