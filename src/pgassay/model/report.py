"""What a run has to say."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from pgassay.model.access import RelationAccess
from pgassay.model.migration import Unchecked
from pgassay.model.place import Edit, Location
from pgassay.model.rule import Evidence, Severity


class Verdict(StrEnum):
    PASS = "pass"
    COMMENT = "comment"
    BLOCK = "block"


class Finding(Struct, frozen=True):
    """One thing to say. `message`, `seen` and `instead` keep the page's code spans (`users` in backticks)."""

    rule: str
    group: str
    severity: Severity
    evidence: Evidence
    location: Location
    message: str
    subject: str
    fingerprint: str
    facts: Mapping[str, Any] = {}
    label: str | None = None
    seen: str | None = None
    instead: str | None = None
    related: tuple[Location, ...] = ()
    edit: Edit | None = None
    url: str | None = None
    reproduction: str | None = None


class Allowed(Struct, frozen=True):
    """A finding that somebody accepted, by a comment or by `[[allow]]` in the settings."""

    rule: str
    location: Location
    reason: str
    until: str | None = None
    owner: str | None = None


class ObjectChange(Struct, frozen=True):
    """`action` is added, changed or removed; `kind` is table, column, policy, ...; `detail` says what about it."""

    action: str
    kind: str
    name: str
    detail: str = ""


class Relationship(Struct, frozen=True):
    """A foreign key on a table that the change touches, or one to it that cascades, as it is after the change.

    `on_delete` is in PostgreSQL's words: cascade, no action, restrict, set null, set default. `optional` when a row may
    refer to nothing, `unique` when no two rows may refer to the same.
    """

    table: str
    columns: tuple[str, ...]
    referenced: str
    on_delete: str = "no action"
    optional: bool = False
    unique: bool = False
    is_new: bool = False


class Counts(Struct, frozen=True):
    """Migration files: merged, proposed; of the proposed ones applied whole and failed."""

    base: int = 0
    proposed: int = 0
    applied: int = 0
    failed: int = 0
    base_failed: int = 0


class ServerInfo(Struct, frozen=True):
    version: str
    provider: str
    environment: str


class Report(Struct, frozen=True):
    """Everything a renderer needs. `sources` holds the text of every file that a finding points into, by path.

    `stage` is "check" or "lint"; `server` is None for lint. `seconds` is wall-clock time by stage, "total" included.
    `relationships` are those around the tables that the change touches, `access` is what was tried out on them.
    """

    stage: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    allowed: tuple[Allowed, ...]
    unchecked: tuple[Unchecked, ...]
    schema_change: tuple[ObjectChange, ...]
    migrations: Counts
    server: ServerInfo | None
    seconds: Mapping[str, float]
    sources: Mapping[str, str]
    base_ref: str | None = None
    commit: str | None = None
    relationships: tuple[Relationship, ...] = ()
    access: tuple[RelationAccess, ...] = ()

    @property
    def incomplete(self) -> bool:
        """A proposed statement went unjudged, so this run may not look like a clean one."""
        return any(entry.essential for entry in self.unchecked)

    @property
    def exit_code(self) -> int:
        """0 nothing blocks, 1 blocked, 3 could not check."""
        if self.verdict is Verdict.BLOCK:
            return 1
        return 3 if self.incomplete else 0
