"""Keys and passwords in code. What is found is named by its kind; the text itself goes no further."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator

from pgassay.application.postgrest import Locate
from pgassay.model import Usage, What

_TOKEN = re.compile(rb"eyJ[\w-]{10,}\.(eyJ[\w-]{10,})\.[\w-]{20,}")
_SECRET_KEY = re.compile(rb"sb_secret_[\w-]{16,}")
_ADDRESS = re.compile(rb"postgres(?:ql)?://[^\s:@/'\"`]+:(?P<password>[^\s@'\"`]{6,})@(?P<host>[\w.-]+)")
_VARIABLE = re.compile(
    rb"\b(?:NEXT_PUBLIC|VITE|EXPO_PUBLIC|REACT_APP|NUXT_PUBLIC|GATSBY|PUBLIC)_\w*"
    rb"(?:SERVICE_ROLE|SERVICE_KEY|SUPABASE_SECRET|DATABASE_URL|DB_PASSWORD|DATABASE_PASSWORD|POSTGRES_PASSWORD)\w*"
)
_LOCAL = re.compile(
    rb"localhost|127\.|0\.0\.0\.0|example|your|project|(?:host|db|postgres)$|.*\.(?:example|invalid|local)$", re.I
)
_PLACEHOLDER = re.compile(rb"password|postgres|secret|changeme|example|[<\[{$*%]|x{3,}|your", re.I)
_CLIENT = re.compile(rb"\A\s*(?:(?://[^\n]*|/\*.*?\*/)\s*)*[\"']use client[\"']", re.S)


def any_in(data: bytes) -> bool:
    """Whether there may be one."""
    return (
        b".eyJ" in data or b"sb_secret_" in data or b"postgres://" in data or b"postgresql://" in data or _named(data)
    )


def _named(data: bytes) -> bool:
    words = (b"PUBLIC_", b"VITE_", b"REACT_APP_", b"GATSBY_")
    return any(word in data for word in words) and bool(_VARIABLE.search(data))


def usages(data: bytes, language: str, locate: Locate) -> Iterator[Usage]:
    """`action` is `literal` or `variable`; for the latter `names` has the variable. `values` says `use client`."""
    where = ("use client",) if _CLIENT.match(data) else ()
    for kind, start, end in _literals(data):
        yield Usage(What.SECRET, kind, locate(start, end), language, "text", action="literal", values=where)
    for found in _VARIABLE.finditer(data):
        name = found[0].decode(errors="replace")
        kind = "database password" if re.search(r"DATABASE|PASSWORD", name) else "service role key"
        at = locate(found.start(), found.end())
        yield Usage(What.SECRET, kind, at, language, "text", action="variable", names=(name,), values=where)


def masked(text: str) -> str:
    """The text with asterisks in the place of every secret, on the same columns."""
    data = text.encode(errors="surrogateescape")
    if not any_in(data):
        return text
    hidden = bytearray(data)
    for _, start, end in _literals(data, strict=False):
        hidden[start:end] = b"*" * (end - start)
    return hidden.decode(errors="replace")


def _literals(data: bytes, *, strict: bool = True) -> Iterator[tuple[str, int, int]]:
    """Not `strict`: whatever looks like one."""
    for found in _TOKEN.finditer(data):
        if not strict or _is_service_role(found[1]):
            yield "service role key", found.start(), found.end()
    for found in _SECRET_KEY.finditer(data):
        yield "secret key", found.start(), found.end()
    for found in _ADDRESS.finditer(data):
        known = _LOCAL.match(found["host"]) or _PLACEHOLDER.search(found["password"])
        if not strict or not known:
            yield "database password", found.start("password"), found.end("password")


def _is_service_role(payload: bytes) -> bool:
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        return False
    # The key of every local installation of the Supabase CLI.
    return isinstance(claims, dict) and claims.get("role") == "service_role" and claims.get("iss") != "supabase-demo"
