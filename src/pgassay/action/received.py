"""A report that another run wrote, which somebody else may have rewritten: whatever is in it is only words."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

import msgspec

from pgassay.errors import UsageError
from pgassay.model import (
    Allowed,
    Cell,
    Counts,
    Finding,
    Location,
    ObjectChange,
    RelationAccess,
    Relationship,
    Report,
    ServerInfo,
    Unchecked,
)
from pgassay.render.json import Document, FindingEntry, PlaceEntry
from pgassay.render.visible import visible

MOST_BYTES = 10_000_000
MOST_ENTRIES = 5_000
_HIGHEST = 1_000_000_000


def read_file(path: Path) -> bytes:
    """Raises UsageError for what is no plain file or too large to be a report."""
    try:
        # Neither a link to something else on this machine, nor a pipe that never ends.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode):
                raise UsageError(f"{path}: is no plain file; name the report that the other run wrote.")
            if about.st_size > MOST_BYTES:
                raise UsageError(f"{path}: {about.st_size} bytes are too many for a report; name the right file.")
            return file.read()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}; name the report that the other run wrote.") from None


def read_report(data: bytes, pages: Mapping[str, str | None]) -> Report:
    """`pages` are the addresses of the rules that we know: no other link is taken over, and no edit.

    Raises UsageError for what is not a report of version 1.
    """
    try:
        document = msgspec.json.decode(data, type=Document)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise UsageError(
            f"this is not a report of pgassay: {visible(str(error))[:200]}; name the right file."
        ) from None
    counts = document.migrations
    server = document.server
    return Report(
        stage=document.stage,
        verdict=document.verdict,
        findings=tuple(_finding(entry, pages) for entry in document.findings[:MOST_ENTRIES]),
        allowed=tuple(
            Allowed(
                entry.rule,
                Location(entry.path, _line(entry.start_line), _line(entry.start_line)),
                entry.reason,
                entry.until,
                entry.owner,
            )
            for entry in document.allowed[:MOST_ENTRIES]
        ),
        unchecked=tuple(
            Unchecked(entry.what, entry.why, entry.next_step, entry.essential)
            for entry in document.unchecked[:MOST_ENTRIES]
        ),
        schema_change=tuple(
            ObjectChange(entry.action, entry.kind, entry.name, entry.detail)
            for entry in document.schema_change[:MOST_ENTRIES]
        ),
        migrations=Counts(
            base=_number(counts.base),
            proposed=_number(counts.proposed),
            applied=_number(counts.applied),
            failed=_number(counts.failed),
            base_failed=_number(counts.base_failed),
        ),
        server=ServerInfo(server.version, server.provider, server.environment) if server else None,
        seconds={name: min(max(value, 0.0), 86_400.0) for name, value in document.seconds.items()},
        sources={},
        base_ref=document.base_ref,
        commit=document.commit,
        relationships=tuple(
            Relationship(*msgspec.structs.astuple(entry)) for entry in document.relationships[:MOST_ENTRIES]
        ),
        access=tuple(
            RelationAccess(
                entry.name,
                entry.kind,
                entry.is_new,
                tuple(Cell(each.role, each.action, each.before, each.after, each.error) for each in entry.cells),
            )
            for entry in document.access[:MOST_ENTRIES]
        ),
    )


def _finding(entry: FindingEntry, pages: Mapping[str, str | None]) -> Finding:
    return Finding(
        rule=entry.rule,
        group=entry.group,
        severity=entry.severity,
        evidence=entry.evidence,
        location=_place(entry),
        message=entry.message,
        subject=entry.subject,
        fingerprint=entry.fingerprint,
        label=entry.label,
        seen=entry.seen,
        instead=entry.instead,
        related=tuple(map(_place, entry.related[:MOST_ENTRIES])),
        url=pages.get(entry.rule),
    )


def _place(entry: FindingEntry | PlaceEntry) -> Location:
    start, end = _line(entry.start_line), _line(entry.end_line)
    return Location(entry.path, start, max(start, end), _column(entry.start_column), _column(entry.end_column))


def _column(number: int | None) -> int | None:
    return None if number is None else _line(number)


def _line(number: int) -> int:
    return min(max(number, 1), _HIGHEST)


def _number(number: int) -> int:
    return min(max(number, 0), _HIGHEST)
