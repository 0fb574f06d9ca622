"""The nouns of pgassay. Everything that passes between two stages is one of these, frozen.

Lines and columns are 1-based, as GitHub and editors show them; lines are inclusive, `end_column` is one past the last
character. Offsets are characters of the decoded text, never bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import Any

from msgspec import Struct


class Severity(StrEnum):
    """How bad a finding is, by the rule's page or the settings."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Evidence(StrEnum):
    """How a finding is known, weakest first."""

    TEXT = "text"
    CATALOG = "catalog"
    OBSERVED = "observed"

    @property
    def rank(self) -> int:
        return list(Evidence).index(self)


class Verdict(StrEnum):
    PASS = "pass"
    COMMENT = "comment"
    BLOCK = "block"


class Mode(StrEnum):
    """How the runner of a folder executes one file."""

    TRANSACTION = "transaction"
    """One transaction; what cannot run in one fails (25001)."""
    BATCHES = "batches"
    """Transactions with what cannot run in one alone between them: the Supabase CLI since 2.109 (supabase/cli#5671)."""
    STATEMENT = "statement"
    """Each statement by itself, as `psql -f` does."""


class Location(Struct, frozen=True, order=True):
    path: str
    start_line: int
    end_line: int
    start_column: int | None = None
    end_column: int | None = None

    @property
    def lines(self) -> range:
        return range(self.start_line, self.end_line + 1)


class Edit(Struct, frozen=True):
    """Whole lines of `location` become `replacement` (no newline at its end): a GitHub suggestion is whole lines."""

    location: Location
    replacement: str
    safe: bool = True


class SyntaxProblem(Struct, frozen=True):
    """Why a statement has no tree, in the parser's own words. `only_psql` marks what no server is ever sent."""

    message: str
    location: Location
    only_psql: bool = False


class Statement(Struct, frozen=True):
    """One statement of a file, without the comments before it and without its semicolon.

    `kind` is PostgreSQL's command tag (`CREATE TABLE`), or the first word when it cannot be parsed. `start` is the
    offset in the file. `tree` is the statement's libpg_query message (PostgreSQL 18 grammar), None when `problem` says
    why there is none; its locations count UTF-8 bytes, and the statement begins at `tree_origin`.
    """

    text: str
    location: Location
    kind: str
    start: int
    tree: Any = None
    tree_origin: int = 0
    problem: SyntaxProblem | None = None


class AllowComment(Struct, frozen=True):
    """`-- pgassay: allow RULE because REASON [until DATE]`, and the lines that it covers."""

    rule: str
    reason: str
    until: str | None
    location: Location
    covers: range


class CommentProblem(Struct, frozen=True):
    """A `-- pgassay:` comment that cannot be used, and why."""

    message: str
    location: Location


class Script(Struct, frozen=True):
    """What one migration file says."""

    up: tuple[Statement, ...]
    down: tuple[Statement, ...] = ()
    allows: tuple[AllowComment, ...] = ()
    comment_problems: tuple[CommentProblem, ...] = ()


class Sections(Struct, frozen=True):
    """Which parts of a file its runner executes on the way up and down: character spans of the text."""

    up: tuple[tuple[int, int], ...]
    down: tuple[tuple[int, int], ...] = ()


class Migration(Struct, frozen=True, dict=True):
    """One migration file. `path` is relative to the repository, with forward slashes.

    `read` is the SQL front end; the text is parsed when `script` is first asked for: merged files that apply are never
    parsed. `runs_once` is false in a folder that people run by hand. `unreadable` says why a file has no usable text;
    then `text` is empty.
    """

    path: str
    version: str | None
    name: str
    text: str
    sections: Sections
    read: Callable[[Migration], Script]
    mode: Mode = Mode.TRANSACTION
    runs_once: bool = True
    unreadable: str | None = None

    @cached_property
    def script(self) -> Script:
        return self.read(self)

    @property
    def up(self) -> tuple[Statement, ...]:
        return self.script.up

    @property
    def down(self) -> tuple[Statement, ...]:
        return self.script.down

    @property
    def up_text(self) -> str:
        """What the runner sends on the way up."""
        return "".join(self.text[start:end] for start, end in self.sections.up)

    @property
    def start(self) -> Location:
        """The first line, where a finding about the file itself is placed."""
        return Location(self.path, 1, 1)


class Unchecked(Struct, frozen=True):
    """Something that pgassay did not judge, and why. Never empty-handed: `next_step` says what would change that.

    `essential` is set when a proposed statement itself went unjudged; then the run ends as "could not check".
    """

    what: str
    why: str
    next_step: str | None = None
    essential: bool = False


class LeftOut(Unchecked, frozen=True):
    """A file in the folder that the runner would not run.

    `what` is its path. `kind` is one of name (the runner skips such names), subfolder, no_sql, down (the way back of
    another file), link. `is_new` tells whether it came with the change.
    """

    kind: str = "name"
    is_new: bool = True


class Change(Struct, frozen=True):
    """A merged migration that the change edits, renames or removes.

    `path` is the merged file; `location` is where to say so: the first changed line, or line 1 of the renamed file. A
    removed file keeps its merged path and line 1. `text` is that of `location`'s file now, empty for a removed one.
    """

    kind: str
    path: str
    location: Location
    text: str = ""


class History(Struct, frozen=True):
    """Which migrations exist, in the runner's order.

    `base` is merged (as the base branch has it), `proposed` comes with this change. `base_ref` is None when everything
    is proposed.
    """

    layout: str
    folder: str
    base: tuple[Migration, ...]
    proposed: tuple[Migration, ...]
    changed: tuple[Change, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    base_ref: str | None = None


class Relation(Struct, frozen=True):
    """A table, view, index or sequence as the catalog names it.

    `name` leaves `public.` away. `existed` tells whether it was there before the first proposed statement.
    """

    oid: int
    name: str
    kind: str
    existed: bool


class Lock(Struct, frozen=True):
    relation: Relation
    mode: str


class Notice(Struct, frozen=True):
    severity: str
    sqlstate: str
    message: str
    detail: str | None = None
    hint: str | None = None


class ServerError(Struct, frozen=True):
    """What the server refused, in its own words. `position` is a character offset into the statement's text."""

    sqlstate: str
    message: str
    detail: str | None = None
    hint: str | None = None
    context: str | None = None
    position: int | None = None


class BuiltIndex(Struct, frozen=True):
    name: str
    table: Relation
    concurrently: bool


class Dropped(Struct, frozen=True):
    """An object that was committed before this statement and is gone after it.

    `kind` and `name` are PostgreSQL's description split in two: `constraint`, `payments_session_id_fkey on payments`.
    `named` tells whether the statement itself asked for it, `restored` whether the change makes it again later.
    """

    kind: str
    name: str
    named: bool
    restored: bool = False


class ColumnShape(Struct, frozen=True):
    name: str
    type: str


class SkippedTable(Struct, frozen=True):
    """A `CREATE TABLE IF NOT EXISTS` that did nothing, and what the table that is there lacks of the declared one."""

    table: Relation
    missing: tuple[ColumnShape, ...] = ()
    differing: tuple[tuple[ColumnShape, ColumnShape], ...] = ()


class MissingObject(Struct, frozen=True):
    """What a failed statement needed. No file creates it, or `created_later_in` does, which is too late."""

    name: str
    created_later_in: str | None = None


class Step(Struct, frozen=True):
    """One proposed statement and what was seen while it ran. All but `error` is empty when it failed.

    `locks` are those that this statement added, `rewrites` are relations with a new storage file, `scans` were read
    row by row. `seconds` is wall-clock time. `consequences` counts the later statements of the change that failed only
    because this one did.
    """

    statement: Statement
    migration: Migration
    seconds: float = 0.0
    locks: tuple[Lock, ...] = ()
    rewrites: tuple[Relation, ...] = ()
    scans: tuple[Relation, ...] = ()
    built_indexes: tuple[BuiltIndex, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    skipped: tuple[SkippedTable, ...] = ()
    notices: tuple[Notice, ...] = ()
    error: ServerError | None = None
    missing: MissingObject | None = None
    consequences: int = 0


class Allowance(Struct, frozen=True):
    """An allow comment after the judgement: did it match a finding, is its date over, can it be read at all."""

    location: Location
    rule: str | None
    used: bool = False
    expired_on: str | None = None
    problem: str | None = None


class Match:
    """What a check yields: where, and facts for the page's words.

    `at` is a statement or a location. `subject` names the object that the finding is about, for its fingerprint and
    for `[[allow]]`; left out, it is the first fact. `label` stands beside the marker under the source line. `facts` are
    strings, numbers or tuples of strings; a line of the page's quote whose fact is None or empty is left out.
    """

    __slots__ = ("at", "edit", "facts", "label", "related", "subject")

    def __init__(
        self,
        at: Statement | Location,
        *,
        subject: str | None = None,
        label: str | None = None,
        edit: Edit | None = None,
        related: tuple[Location, ...] = (),
        **facts: object,
    ) -> None:
        self.at = at.location if isinstance(at, Statement) else at
        self.subject = subject
        self.label = label
        self.edit = edit
        self.related = related
        self.facts: Mapping[str, object] = facts


class Stage(StrEnum):
    """When a rule is asked, in this order; it decides the signature of its check (CONTRIBUTING.md has the table)."""

    HISTORY = "history"
    STATIC = "static"
    CATALOG = "catalog"
    TRACE = "trace"
    ALLOW = "allow"

    @property
    def evidence(self) -> Evidence:
        return {Stage.CATALOG: Evidence.CATALOG, Stage.TRACE: Evidence.OBSERVED}.get(self, Evidence.TEXT)

    @property
    def needs_server(self) -> bool:
        return self in (Stage.CATALOG, Stage.TRACE)


class Rule(Struct, frozen=True):
    """One page of the catalogue with its check. The words are templates: `{fact}` is filled in by the engine.

    None as a severity means off; `severity_when_run_once` holds for folders whose runner runs each file exactly once.
    Findings of two rules with the same `hazard` on the same object or statement are one finding: that with the better
    evidence stays.

    `only_new` leaves out rows of a catalog rule about objects that were there before the statement that brought the
    row, whatever it did to what is around them. `environment` and `layout` say where the page's own examples run.
    `page` is the whole Markdown text. A catalog rule has a `query`, every other one a `check`.
    """

    id: str
    group: str
    stage: Stage
    title: str
    severity: Severity | None
    severity_when_run_once: Severity | None
    since: str
    message: str
    page: str
    examples: tuple[Example, ...]
    seen: str | None = None
    instead: str | None = None
    hazard: str | None = None
    only_new: bool = False
    environment: str = "supabase"
    layout: str = "supabase"
    check: Callable[..., Iterator[Match]] | None = None
    query: str | None = None
    url: str | None = None

    @property
    def evidence(self) -> Evidence:
        return self.stage.evidence


class Example(Struct, frozen=True):
    """One fenced block of a rule's page. `kind` is base, bad or good; `line` is where its text starts in the page."""

    kind: str
    language: str
    text: str
    line: int


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

    @property
    def incomplete(self) -> bool:
        """A proposed statement went unjudged, so this run may not look like a clean one."""
        return any(entry.essential for entry in self.unchecked)
