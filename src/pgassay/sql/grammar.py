"""The only door to libpg_query (through postgast, PostgreSQL 18 grammar): parse and scan, in characters.

libpg_query counts UTF-8 bytes; everything that leaves this module counts characters, except locations inside trees.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from google.protobuf.message import DecodeError
from msgspec import Struct
from postgast.errors import PgQueryError
from postgast.parse import parse as _parse
from postgast.pg_query_pb2 import Token as _Kinds
from postgast.scan import scan as _scan

from pgassay.sql.nesting import has_deep_comments, is_too_deep

# Protocol buffers stop at 100 levels unless told otherwise. Forty `||` in a row make more; the server takes thousands.
with suppress(ImportError):
    from google._upb import _message

    _message.SetAllowOversizeProtos(True)

_KIND_NAMES: dict[int, str] = {number: name.removesuffix("_P") for name, number in _Kinds.items()}
_COMMENTS = frozenset({"SQL_COMMENT", "C_COMMENT"})


class GrammarError(Exception):
    """The grammar's own words and the character offset they speak of."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class Token(Struct, frozen=True):
    """`kind` is the grammar's token name without `_P` (`DROP`, `IDENT`, `SQL_COMMENT`, `ASCII_59`)."""

    kind: str
    start: int
    end: int

    @property
    def is_comment(self) -> bool:
        return self.kind in _COMMENTS


class ParsedStatement(Struct, frozen=True):
    """`start` and `length` are bytes of the parsed text, as libpg_query gives them (from the previous semicolon on)."""

    tree: Any
    start: int
    length: int


class Bytes:
    """Turns byte offsets of a text into character offsets, cheaply when they are asked for in ascending order."""

    def __init__(self, text: str) -> None:
        self._encoded = None if text.isascii() else text.encode()
        self._byte = self._char = 0

    def to_character(self, offset: int) -> int:
        if self._encoded is None:
            return offset
        if offset < self._byte:
            self._byte = self._char = 0
        self._char += len(self._encoded[self._byte : offset].decode(errors="ignore"))
        self._byte = offset
        return self._char


def parse(text: str) -> list[ParsedStatement]:
    """Raises GrammarError when any statement of the text is wrong."""
    if is_too_deep(text):
        raise GrammarError("nested too deeply to be read", 0)
    return parse_at_once(text)


def parse_at_once(text: str) -> list[ParsedStatement]:
    """`parse` for a text that cannot crash it."""
    try:
        result = _parse(text)
    except PgQueryError as error:
        raise _grammar_error(error) from None
    except DecodeError:
        raise GrammarError("nested too deeply to be read", 0) from None
    whole = len(text) if text.isascii() else len(text.encode())
    parsed = []
    for raw in result.stmts:
        tree = getattr(raw.stmt, raw.stmt.WhichOneof("node") or "", None)
        parsed.append(ParsedStatement(tree, raw.stmt_location, raw.stmt_len or whole - raw.stmt_location))
    return parsed


def scan(text: str) -> list[Token]:
    """Raises GrammarError when a quote or comment is never closed."""
    if has_deep_comments(text):
        raise GrammarError("comments nested too deeply to be read", 0)
    try:
        result = _scan(text)
    except PgQueryError as error:
        raise _grammar_error(error) from None
    place = Bytes(text)
    tokens = []
    for token in result.tokens:
        start = place.to_character(token.start)
        # Characters that no statement of PostgreSQL has outside quotes, such as braces, are their own number.
        kind = _KIND_NAMES.get(token.token, f"ASCII_{token.token}")
        tokens.append(Token(kind, start, place.to_character(token.end)))
    return tokens


def _grammar_error(error: PgQueryError) -> GrammarError:
    # cursorpos counts characters from 1, unlike every other place that libpg_query tells; 0 means that it is not known.
    first_line, *more = error.message.split("\n")
    return GrammarError(f'{first_line} ..."' if more else first_line, max(error.cursorpos - 1, 0))
