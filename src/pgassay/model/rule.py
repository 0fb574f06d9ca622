"""Rules and what their checks yield."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from pgassay.model.migration import Statement
from pgassay.model.place import Edit, Location


class Severity(StrEnum):
    """How bad a finding is, by the rule's page or the settings."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Strength(StrEnum):
    """What pages and settings say of a rule: a severity, or that it is not asked."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    OFF = "off"

    @property
    def severity(self) -> Severity | None:
        return None if self is Strength.OFF else Severity(self)


class Evidence(StrEnum):
    """How a finding is known, weakest first."""

    TEXT = "text"
    CATALOG = "catalog"
    OBSERVED = "observed"

    @property
    def rank(self) -> int:
        return list(Evidence).index(self)


class Stage(StrEnum):
    """When a rule is asked, in this order; it decides the signature of its check (CONTRIBUTING.md has the table)."""

    HISTORY = "history"
    STATIC = "static"
    CATALOG = "catalog"
    TRACE = "trace"
    PROOF = "proof"
    APPLICATION = "application"
    ALLOW = "allow"

    @property
    def evidence(self) -> Evidence:
        found = {
            Stage.CATALOG: Evidence.CATALOG,
            Stage.TRACE: Evidence.OBSERVED,
            Stage.PROOF: Evidence.OBSERVED,
            Stage.APPLICATION: Evidence.CATALOG,
        }
        return found.get(self, Evidence.TEXT)

    @property
    def needs_server(self) -> bool:
        return self in (Stage.CATALOG, Stage.TRACE, Stage.PROOF, Stage.APPLICATION)


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

    __slots__ = ("at", "edit", "facts", "label", "related", "reproduction", "subject")

    def __init__(
        self,
        at: Statement | Location,
        *,
        subject: str | None = None,
        label: str | None = None,
        edit: Edit | None = None,
        related: tuple[Location, ...] = (),
        reproduction: str | None = None,
        **facts: object,
    ) -> None:
        self.at = at.location if isinstance(at, Statement) else at
        self.subject = subject
        self.label = label
        self.edit = edit
        self.related = related
        self.reproduction = reproduction
        self.facts: Mapping[str, object] = facts


class Example(Struct, frozen=True):
    """One fenced block of a rule's page. `kind` is base, bad or good; `line` is where its text starts in the page."""

    kind: str
    language: str
    text: str
    line: int


class Rule(Struct, frozen=True):
    """One page of the catalogue with its check. The words are templates: `{fact}` is filled in by the engine.

    None as a severity means off; `severity_when_run_once` holds for folders whose runner runs each file exactly once.
    `strict` is what the preset of that name makes of it, None the same as otherwise. `advisors` are the lints of
    Supabase's database advisors that it covers; `every_preset` tells that it concerns applying at all. `fixable` tells
    that its check can give an edit.

    Findings of two rules with the same `hazard` on the same object or statement are one finding: that with the better
    evidence stays, and not the one that `yields` when both are as good. A rule leaves the word to those that it
    `yields_to` where they speak of the same statement or relation.

    `only_new` leaves out rows of a catalog rule about objects that were there before the statement that brought the
    row, whatever it did to what is around them. `environment`, `layout` and `settings` (as in pgassay.toml) say where
    and how the page's own examples run.
    `page` is the whole Markdown text. A catalog rule has a `query` for psycopg, every other one
    a `check`.
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
    strict: Strength | None = None
    advisors: tuple[str, ...] = ()
    every_preset: bool = False
    fixable: bool = False
    settings: Mapping[str, Any] = {}
    hazard: str | None = None
    yields: bool = False
    yields_to: frozenset[str] = frozenset()
    only_new: bool = False
    environment: str = "supabase"
    layout: str = "supabase"
    check: Callable[..., Iterator[Match]] | None = None
    query: str | None = None
    url: str | None = None

    @property
    def evidence(self) -> Evidence:
        return self.stage.evidence
