"""One file -> its usages. The same bytes give the same usages, so that they can be kept."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from pgassay.application import secrets, sql_strings
from pgassay.application.files import EXTENSIONS, LARGEST
from pgassay.application.places import Places
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


def extract(path: str, data: bytes) -> tuple[Usage, ...]:
    """Locations have an empty path. Raises NotRead."""
    kind = EXTENSIONS[posixpath.splitext(path)[1].lower()]
    asks = _speaks(data)
    if not asks and not secrets.any_in(data):
        return ()
    if len(data) > LARGEST or (len(data) > 100_000 and len(data) / (data.count(b"\n") + 1) > _LONG_LINES):
        if not asks:
            return ()
        raise NotRead(MADE_BY_A_TOOL)
    language = {"python": "python", "javascript": "javascript"}.get(kind, "typescript")
    found = list(secrets.usages(data, language, Places(data).location)) if secrets.any_in(data) else []
    return (*found, *(_usages(kind, data, language) if asks else ()))


def _queries(data: bytes) -> bool:
    words = (b".query", b".execute", b".unsafe", b".raw", b".fetch", b"text(", b"sql`", b"sql<", b"Raw")
    return any(word in data for word in words) and bool(_SQL.search(data) and _SQL_WORDS.search(data))


def _usages(kind: str, data: bytes, language: str) -> Iterator[Usage]:
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
    script = javascript.Source(file)
    if _calls(data):
        yield from supabase_js.usages(script, language, locate)
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
