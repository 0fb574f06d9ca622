"""The HTML comment that opens every body of ours: what it is about, and what it said.

A body is ours only if it begins with one and our own login wrote it. SQL can never stand there, so nothing that a
migration says is taken for a marker.
"""

from __future__ import annotations

import hashlib
import re

from msgspec import Struct

from pgassay.errors import UsageError
from pgassay.render.escape import Markdown

_ID = re.compile(r"[\w.-]{1,50}", re.ASCII)
_RULE = re.compile(r"\w{1,100}", re.ASCII)
_FINGERPRINT = re.compile("[0-9a-f]{16}")
_MARKER = re.compile(r"<!-- pgassay:(\w+)((?: \w+=[\w.-]+)+) -->(?:\r?\n|\Z)", re.ASCII)

OPEN, FIXED, MOVED = "open", "fixed", "moved"


class FindingMarker(Struct, frozen=True):
    """`text` is the digest of what the comment says about the finding."""

    id: str
    fingerprint: str
    rule: str
    state: str
    text: str


class SummaryMarker(Struct, frozen=True):
    """`text` is the digest of what the summary says, times and commit aside."""

    id: str
    head: str
    text: str


class ReviewMarker(Struct, frozen=True):
    id: str
    head: str


Marker = FindingMarker | SummaryMarker | ReviewMarker
_KINDS: dict[str, type[Marker]] = {"finding": FindingMarker, "summary": SummaryMarker, "review": ReviewMarker}


def written(marker: Marker) -> Markdown:
    """Without a newline at its end; the body follows on the next line."""
    kind = next(name for name, type_ in _KINDS.items() if isinstance(marker, type_))
    fields = " ".join(f"{name}={getattr(marker, name)}" for name in marker.__struct_fields__)
    return Markdown(f"<!-- pgassay:{kind} {fields} -->")


def read(body: str) -> Marker | None:
    """The marker that a body begins with. Fields of a later version are left aside."""
    match = _MARKER.match(body)
    type_ = _KINDS.get(match[1]) if match else None
    if match is None or type_ is None:
        return None
    fields = dict(field.split("=", 1) for field in match[2].split())
    try:
        return type_(**{name: fields[name] for name in type_.__struct_fields__})
    except KeyError:
        return None


def usable_id(id: str) -> str:
    """Raises UsageError for what cannot stand in a marker."""
    if not _ID.fullmatch(id):
        raise UsageError(f"id: {id!r} cannot stand in a comment; use up to 50 letters, digits, dots, - and _.")
    return id


def usable_fingerprint(fingerprint: str) -> str:
    """Ours is 16 hexadecimal digits; whatever else a report holds becomes that."""
    return fingerprint if _FINGERPRINT.fullmatch(fingerprint) else digest(fingerprint)


def family(fingerprint: str) -> str:
    """What findings of one rule on one object share; the rest of a fingerprint may follow what their statements say."""
    return fingerprint[8:]


def usable_rule(rule: str) -> str:
    return rule if _RULE.fullmatch(rule) else "-"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
