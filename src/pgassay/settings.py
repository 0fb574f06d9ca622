"""What pgassay.toml may say: one frozen structure per concern."""

from __future__ import annotations

import re
from typing import Literal

from msgspec import Struct

from pgassay.model import Naming, Rule, Severity, Strength
from pgassay.model.expectation import Access, Asked, Expectation, PersonaSetting
from pgassay.model.given import RowsSetting
from pgassay.supabase import privileges
from pgassay.supabase.config import Config
from pgassay.supabase.privileges import DefaultPrivileges

Layout = Literal["supabase", "plain", "nested"]
Environment = Literal["supabase", "postgres"]
Preset = Literal["recommended", "strict", "supabase-advisors"]

# What a delete must not reach by accident: tables whose name says money.
MONEY = ("payment", "invoice", "order", "transaction", "payout", "refund", "receipt", "ledger")
# Records of who did what. Not everything that is called a log: `workout_logs` are what a person keeps.
AUDIT = (
    *("audit", "audits", "audit_*", "*_audit", "*_audits", "*_audit_*", "auditlog*"),
    *(
        f"{kind}_{what}"
        for kind in ("activity", "access", "admin", "change", "event", "security", "system", "login")
        for what in ("log", "logs", "history")
    ),
)


class Waiver(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[allow]]`: one accepted thing. `object` is the subject of the finding; `[rules]` is for all of them."""

    rule: str
    object: str
    reason: str
    owner: str | None = None
    until: str | None = None


class Cascade(Struct, frozen=True, forbid_unknown_fields=True):
    """Tables that `ON DELETE CASCADE` must not reach: `protected` blocks, `audit` warns. `*` is any characters."""

    protected: tuple[str, ...] = tuple(
        f"{start}{name}{end}" for name in MONEY for start in ("", "*_") for end in ("s", "")
    )
    audit: tuple[str, ...] = AUDIT

    @property
    def patterns(self) -> list[str]:
        """One regular expression for table names, with their schema unless it is public, or none.

        One for all of them: PostgreSQL keeps the last 32 that it has compiled, and compiles more of them for every row.
        """
        return _alternatives(self.protected)

    @property
    def audit_patterns(self) -> list[str]:
        return _alternatives(self.audit)


class Realtime(Struct, frozen=True, forbid_unknown_fields=True):
    """Tables whose changes clients are to hear of. An asterisk stands for any characters."""

    tables: tuple[str, ...] = ()

    @property
    def patterns(self) -> list[str]:
        return _alternatives(self.tables)


class Tables(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of production. `rows` by table name, in which an asterisk stands for any characters."""

    rows: dict[str, int] = {}

    @property
    def patterns(self) -> dict[str, int]:
        """By regular expressions for table names; names without an asterisk come first."""
        ordered = sorted(self.rows, key=lambda name: "*" in name)
        return {_regular(name): self.rows[name] for name in ordered}


class Proofs(Struct, frozen=True, forbid_unknown_fields=True):
    """`seconds` for all that is tried out together; `rows` in each table that a statement's locks are measured on."""

    seconds: float = 20.0
    rows: int = 100_000


def _alternatives(names: tuple[str, ...]) -> list[str]:
    return ["|".join(map(_regular, names))] if names else []


def _regular(name: str) -> str:
    return f"^{re.escape(name).replace(chr(92) + '*', '.*')}$"


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that may stand in pgassay.toml. README.md has the table."""

    migrations: str | tuple[str, ...] = ()
    layout: Layout | None = None
    rollback: str | None = None
    runs_once: bool | None = None
    environment: Environment | None = None
    postgres: str = "embedded"
    allow_shared_server: bool = False
    baseline: str | None = None
    exposed_schemas: tuple[str, ...] | None = None
    application: str | tuple[str, ...] | None = None
    default_privileges: str | None = None
    fail_on: Severity = Severity.ERROR
    preset: Preset = "recommended"
    rules: dict[str, Strength] = {}
    allow: tuple[Waiver, ...] = ()
    cascade: Cascade = Cascade()
    naming: Naming = Naming()
    realtime: Realtime = Realtime()
    tables: Tables = Tables()
    rows: RowsSetting = RowsSetting()
    access: Access = Access()
    expect: tuple[Expectation, ...] = ()
    persona: tuple[PersonaSetting, ...] = ()
    proofs: Proofs = Proofs()
    custom_rules: str | None = None
    source: str = ""

    @property
    def folders(self) -> tuple[str, ...]:
        return (self.migrations,) if isinstance(self.migrations, str) else self.migrations

    @property
    def public(self) -> list[str]:
        """A regular expression for the names of what everybody may read, or none."""
        return _alternatives(self.access.public)

    @property
    def asked(self) -> Asked:
        return Asked(self.expect, self.persona, tuple(self.public), self.source)

    @property
    def code(self) -> tuple[str, ...] | None:
        """Folders of application code; None stands for the whole repository, an empty list for none of it."""
        return (self.application,) if isinstance(self.application, str) else self.application

    def exposed(self, environment: str, supabase: Config) -> tuple[str, ...]:
        """Schemas that an API serves: Supabase those of its configuration file, a plain server none."""
        if self.exposed_schemas is not None:
            return self.exposed_schemas
        return (supabase.schemas or ("public", "graphql_public")) if environment == "supabase" else ()

    def privileges(self, supabase: Config) -> DefaultPrivileges:
        """What this file says, else Supabase's own configuration file, else the date of each migration."""
        if self.default_privileges is not None:
            return privileges.parse(self.default_privileges, self.source)
        if supabase.auto_expose_new_tables is not None:
            return DefaultPrivileges("legacy" if supabase.auto_expose_new_tables else "none", source=supabase.path)
        return DefaultPrivileges()


def severity_of(rule: Rule, settings: Settings, *, runs_once: bool) -> Severity | None:
    """None is off. A rule's own entry beats that of its group, which beats the preset, which beats the page."""
    chosen = settings.rules.get(rule.id) or settings.rules.get(rule.group)
    if chosen is None and settings.preset == "strict":
        chosen = rule.strict
    if chosen is not None:
        return chosen.severity
    usual = rule.severity_when_run_once if runs_once else rule.severity
    if settings.preset == "supabase-advisors" and not rule.every_preset:
        # Whoever asks for all that the advisors say wants those too that are off otherwise.
        return (usual or Severity.WARNING) if rule.advisors else None
    return usual


def is_off(rule: Rule, settings: Settings) -> bool:
    """In every folder, whoever runs it."""
    return not any(severity_of(rule, settings, runs_once=once) for once in (True, False))
