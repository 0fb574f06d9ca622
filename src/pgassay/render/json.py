"""The report for programs, version 1.

Within a version, fields may be added, and a list of words (a kind, a stage) may grow; no field is renamed, removed or
given another meaning. A reader must ignore fields that it does not know. Every field is always there: what does not
apply is null or empty. `json_schema()` describes the same document.

The text is printed in terminals and logs too, so characters that act there are written as JSON escapes; the strings
that a reader gets are the same. Only a file name that is not UTF-8 cannot be kept: its bytes become `\\udcff` and the
like, spelled out.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from pgassay.model import (
    Allowed,
    Edit,
    Evidence,
    Finding,
    Location,
    ObjectChange,
    Reach,
    RelationAccess,
    Relationship,
    Report,
    Severity,
    Unchecked,
    Verdict,
)
from pgassay.render.visible import ACTING

Fact = str | int | float | bool | tuple[str, ...] | None
Line = Annotated[int, Meta(ge=0, description="1-based")]
Column = Annotated[int, Meta(ge=0, description="1-based, in characters")] | None
Words = Annotated[str, Meta(description="Names and SQL stand in Markdown code spans")]

# Inside `##[`, which a GitHub Actions runner takes for a command, the first sign is escaped. `#` and what ACTING
# matches stand for themselves in JSON, never as a part of an escape sequence.
_ACTING = re.compile(rf"(?!\n){ACTING.pattern}|#(?=#\[)")


class PlaceEntry(Struct, frozen=True):
    path: str
    start_line: Line
    end_line: Line
    start_column: Column
    end_column: Annotated[Column, Meta(description="One past the last character of end_line")]


class EditEntry(Struct, frozen=True):
    """Whole lines of a file and what to put in their place."""

    path: str
    start_line: Line
    end_line: Annotated[Line, Meta(description="Inclusive")]
    replacement: Annotated[str, Meta(description="Without a newline at its end")]
    safe: Annotated[bool, Meta(description="Does what the author meant, without a second thought")]


class FindingEntry(Struct, frozen=True):
    """One finding, at the place where it is to be mended."""

    rule: str
    group: str
    severity: Severity
    evidence: Annotated[Evidence, Meta(description="Read in the text, true of the catalog, or observed while running")]
    path: str
    start_line: Line
    end_line: Annotated[Line, Meta(description="Inclusive")]
    start_column: Column
    end_column: Annotated[Column, Meta(description="One past the last character of end_line")]
    message: Words
    label: Annotated[Words | None, Meta(description="Words for the marker under the source")]
    seen: Annotated[Words | None, Meta(description="What was observed")]
    instead: Annotated[Words | None, Meta(description="What to write instead; may have several lines")]
    subject: Annotated[str, Meta(description="The object that the finding is about")]
    facts: dict[str, Fact]
    fingerprint: Annotated[
        str,
        Meta(
            description="Survives a rebase: made from rule and object, and from the statement where several share them"
        ),
    ]
    related: tuple[PlaceEntry, ...]
    edit: EditEntry | None
    url: Annotated[str | None, Meta(description="The page of the rule")]
    reproduction: Annotated[str | None, Meta(description="SQL for psql that shows the same and leaves nothing behind")]


class AllowedEntry(Struct, frozen=True):
    """A finding that somebody accepted."""

    rule: str
    path: str
    start_line: Line
    reason: str
    until: Annotated[str | None, Meta(description="Last day, as YYYY-MM-DD")]
    owner: str | None


class UncheckedEntry(Struct, frozen=True):
    """Something that was not judged."""

    what: Words
    why: Words
    next_step: Words | None
    essential: Annotated[bool, Meta(description="A proposed statement itself: the run counts as incomplete")]


class ChangeEntry(Struct, frozen=True):
    """What the proposed migrations do to one object of the schema."""

    action: Annotated[str, Meta(description="added, changed or removed")]
    kind: str
    name: str
    detail: Words


class RelationshipEntry(Struct, frozen=True):
    """A foreign key on a table that the proposed migrations touch, or one to it that cascades."""

    table: str
    columns: tuple[str, ...]
    referenced: str
    on_delete: Annotated[str, Meta(description="cascade, no action, restrict, set null or set default")]
    optional: Annotated[bool, Meta(description="A row may refer to nothing")]
    unique: Annotated[bool, Meta(description="No two rows may refer to the same")]
    is_new: bool


class CellEntry(Struct, frozen=True):
    """Which rows a role gets at with one kind of statement."""

    role: Annotated[
        str, Meta(description="anon, authenticated (a signed-in user), service_role, or the name of a persona")
    ]
    action: Annotated[str, Meta(description="select, insert, update or delete; execute for a function")]
    before: Annotated[Reach | None, Meta(description="null where the object was not there before the change")]
    after: Reach
    error: Annotated[str | None, Meta(description="What the server said after the change")]


class AccessEntry(Struct, frozen=True):
    """Who may do what, tried out with rows of two users; objects whose access the change may concern."""

    name: str
    kind: Annotated[str, Meta(description="table, view, materialized view or function")]
    is_new: bool
    cells: tuple[CellEntry, ...]


class MigrationsEntry(Struct, frozen=True):
    """Numbers of migration files."""

    base: Annotated[int, Meta(description="Already merged")]
    base_failed: Annotated[int, Meta(description="Of the merged ones, did not apply whole")]
    proposed: int
    applied: Annotated[int, Meta(description="Of the proposed ones, applied whole")]
    failed: int


class ServerEntry(Struct, frozen=True):
    version: str
    provider: str
    environment: str


class Document(Struct, frozen=True):
    version: Literal[1]
    stage: Annotated[str, Meta(description="check, or lint when no server was asked")]
    verdict: Verdict
    incomplete: Annotated[bool, Meta(description="A proposed statement went unjudged: do not take this for a pass")]
    base_ref: Annotated[str | None, Meta(description="What counts as merged; null when everything is proposed")]
    commit: str | None
    findings: tuple[FindingEntry, ...]
    allowed: tuple[AllowedEntry, ...]
    unchecked: tuple[UncheckedEntry, ...]
    schema_change: tuple[ChangeEntry, ...]
    relationships: tuple[RelationshipEntry, ...]
    access: tuple[AccessEntry, ...]
    migrations: MigrationsEntry
    server: ServerEntry | None
    seconds: Annotated[
        dict[str, float], Meta(description="Wall-clock time by stage, of each proof as `prove.NAME`, and `total`")
    ]


def render(report: Report, _colour: bool = False) -> str:
    text = json.dumps(msgspec.to_builtins(document(report)), ensure_ascii=False, allow_nan=False, indent=2)
    return escaped(text) + "\n"


def json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of what `render` gives."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:pgassay:report:1",
        "title": "pgassay report, version 1",
        "description": "What pgassay prints with --format json. Within version 1 fields may be added; none is renamed, "
        "removed or given another meaning.",
        **msgspec.json.schema(Document),
    }


def document(report: Report) -> Document:
    counts = report.migrations
    server = report.server
    return Document(
        version=1,
        stage=report.stage,
        verdict=report.verdict,
        incomplete=report.incomplete,
        base_ref=report.base_ref,
        commit=report.commit,
        findings=tuple(map(_finding, report.findings)),
        allowed=tuple(map(_allowed, report.allowed)),
        unchecked=tuple(map(unchecked_entry, report.unchecked)),
        schema_change=tuple(map(_change, report.schema_change)),
        relationships=tuple(map(_relationship, report.relationships)),
        access=tuple(map(access_entry, report.access)),
        migrations=MigrationsEntry(
            base=counts.base,
            base_failed=counts.base_failed,
            proposed=counts.proposed,
            applied=counts.applied,
            failed=counts.failed,
        ),
        server=ServerEntry(server.version, server.provider, server.environment) if server else None,
        seconds=dict(report.seconds),
    )


def _finding(finding: Finding) -> FindingEntry:
    location = finding.location
    return FindingEntry(
        rule=finding.rule,
        group=finding.group,
        severity=finding.severity,
        evidence=finding.evidence,
        path=location.path,
        start_line=location.start_line,
        end_line=location.end_line,
        start_column=location.start_column,
        end_column=location.end_column,
        message=finding.message,
        label=finding.label,
        seen=finding.seen,
        instead=finding.instead,
        subject=finding.subject,
        facts=_facts(finding.facts),
        fingerprint=finding.fingerprint,
        related=tuple(map(_place, finding.related)),
        edit=_edit(finding.edit) if finding.edit else None,
        url=finding.url,
        reproduction=finding.reproduction,
    )


def _facts(facts: Mapping[str, object]) -> dict[str, Fact]:
    return {name: _fact(value) for name, value in facts.items()}


def _fact(value: object) -> Fact:
    """A fact of a user's own rule may be anything; JSON gets its text."""
    match value:
        case float() if not math.isfinite(value):
            return str(value)
        case None | str() | bool() | int() | float():
            return value
        case list() | tuple() | set() | frozenset():
            return tuple(map(str, value))
        case _:
            return str(value)


def _place(location: Location) -> PlaceEntry:
    return PlaceEntry(location.path, location.start_line, location.end_line, location.start_column, location.end_column)


def _edit(edit: Edit) -> EditEntry:
    location = edit.location
    return EditEntry(location.path, location.start_line, location.end_line, edit.replacement, edit.safe)


def _allowed(allowed: Allowed) -> AllowedEntry:
    location = allowed.location
    return AllowedEntry(allowed.rule, location.path, location.start_line, allowed.reason, allowed.until, allowed.owner)


def unchecked_entry(entry: Unchecked) -> UncheckedEntry:
    return UncheckedEntry(entry.what, entry.why, entry.next_step, entry.essential)


def _change(change: ObjectChange) -> ChangeEntry:
    return ChangeEntry(change.action, change.kind, change.name, change.detail)


def _relationship(relationship: Relationship) -> RelationshipEntry:
    return RelationshipEntry(*msgspec.structs.astuple(relationship))


def access_entry(relation: RelationAccess) -> AccessEntry:
    cells = (CellEntry(each.role, each.action, each.before, each.after, each.error) for each in relation.cells)
    return AccessEntry(relation.name, relation.kind, relation.is_new, tuple(cells))


def escaped(text: str) -> str:
    """JSON text in which nothing acts on a terminal or in a log."""
    return _ACTING.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if "\ud800" <= character <= "\udfff":
        return f"\\\\u{ord(character):04x}"
    return f"\\u{ord(character):04x}" if character in "#\x7f" else json.dumps(character)[1:-1]
