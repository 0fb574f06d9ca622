"""pgassay.toml (or .github/pgassay.toml): one frozen structure per concern, errors that name file and key."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from pgassay.errors import SettingsError
from pgassay.model import Rule, Severity
from pgassay.supabase import privileges
from pgassay.supabase.config import Config
from pgassay.supabase.privileges import DefaultPrivileges

FILES = ("pgassay.toml", ".github/pgassay.toml")

# What a delete must not reach by accident: tables whose name says money.
MONEY = ("payment", "invoice", "order", "transaction", "payout", "refund", "receipt", "ledger")


class Waiver(Struct, frozen=True, forbid_unknown_fields=True):
    """`[[allow]]`: one accepted finding. `object` is its subject; left out, the rule is allowed everywhere."""

    rule: str
    reason: Annotated[str, Meta(min_length=1)]
    object: str | None = None
    owner: str | None = None
    until: str | None = None


class Cascade(Struct, frozen=True, forbid_unknown_fields=True):
    """Tables that no delete may reach through `ON DELETE CASCADE`. An asterisk stands for any characters."""

    protected: tuple[str, ...] = tuple(
        f"{start}{name}{end}" for name in MONEY for start in ("", "*_") for end in ("s", "")
    )

    @property
    def patterns(self) -> list[str]:
        """Regular expressions for table names, with their schema unless it is public."""
        return [f"^{re.escape(name).replace(chr(92) + '*', '.*')}$" for name in self.protected]


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that may stand in pgassay.toml. README.md has the table."""

    migrations: str | tuple[str, ...] = ()
    layout: Literal["supabase", "plain"] | None = None
    environment: Literal["supabase", "postgres"] | None = None
    postgres: str = "embedded"
    baseline: str | None = None
    exposed_schemas: tuple[str, ...] | None = None
    default_privileges: str | None = None
    fail_on: Severity = Severity.ERROR
    rules: dict[str, Literal["error", "warning", "note", "off"]] = {}
    allow: tuple[Waiver, ...] = ()
    cascade: Cascade = Cascade()
    custom_rules: str | None = None
    source: str = ""

    @property
    def folders(self) -> tuple[str, ...]:
        return (self.migrations,) if isinstance(self.migrations, str) else self.migrations

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


def read_settings(text: str, path: str) -> Settings:
    """Raises SettingsError with the file, the key, the value and the nearest known key."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML: {error}.") from None
    for where, key, known in _unknown_keys(values):
        raise SettingsError(f"{path}: unknown key `{where}{key}`{_nearest(key, known)}; README.md lists the keys.")
    try:
        settings = msgspec.convert({**values, "source": path}, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path}: {_explain(error)}; README.md lists the keys and their values.") from None
    if settings.postgres != "embedded":
        raise SettingsError(
            f"{path}: postgres = {settings.postgres!r} is not there yet; leave it out to use `embedded`."
        )
    for waiver in settings.allow:
        _refuse_wrong_date(waiver, path)
    if settings.default_privileges is not None:
        try:
            privileges.parse(settings.default_privileges, path)
        except ValueError as error:
            raise SettingsError(f'{path}: default_privileges = "{settings.default_privileges}" {error}.') from None
    return settings


def refuse_unknown_rules(settings: Settings, rules: tuple[Rule, ...]) -> None:
    """Raises SettingsError when `[rules]` or `[[allow]]` names neither a rule nor, for `[rules]`, a group."""
    names = {rule.id for rule in rules}
    groups = {rule.group for rule in rules}
    for name in settings.rules:
        if name not in names | groups:
            nearest = _nearest(name, names | groups)
            raise SettingsError(
                f"{settings.source}: [rules] names no rule or group `{name}`{nearest}; see `pgassay rules`."
            )
    for waiver in settings.allow:
        if waiver.rule not in names:
            nearest = _nearest(waiver.rule, names)
            raise SettingsError(
                f"{settings.source}: [[allow]] names no rule `{waiver.rule}`{nearest}; see `pgassay rules`."
            )


def severity_of(rule: Rule, settings: Settings, *, runs_once: bool) -> Severity | None:
    """None is off. A rule's own entry beats that of its group, which beats the page."""
    chosen = settings.rules.get(rule.id) or settings.rules.get(rule.group)
    if chosen is not None:
        return None if chosen == "off" else Severity(chosen)
    return rule.severity_when_run_once if runs_once else rule.severity


def _unknown_keys(values: Mapping[str, Any]) -> Iterator[tuple[str, str, set[str]]]:
    for where, table, structure in (
        ("", values, Settings),
        ("cascade.", values.get("cascade"), Cascade),
        *(("allow.", entry, Waiver) for entry in _entries(values.get("allow"))),
    ):
        known = set(structure.__struct_fields__) - {"source"}
        if isinstance(table, dict):
            for key in table:
                if key not in known:
                    yield where, key, known


def _entries(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _nearest(word: str, known: set[str]) -> str:
    found = difflib.get_close_matches(word, sorted(known), n=1)
    return f", did you mean `{found[0]}`?" if found else ""


def _explain(error: msgspec.ValidationError) -> str:
    """msgspec says "Invalid enum value 'loud' - at `$.rules.x`"; people know the key by its name."""
    message, _, where = str(error).partition(" - at `$.")
    return (
        f"`{where.rstrip('`')}`: {message[0].lower()}{message[1:]}" if where else f"{message[0].lower()}{message[1:]}"
    )


def _refuse_wrong_date(waiver: Waiver, path: str) -> None:
    from datetime import date

    if waiver.until is None:
        return
    try:
        date.fromisoformat(waiver.until)
    except ValueError:
        raise SettingsError(
            f"{path}: [[allow]] {waiver.rule}: until = {waiver.until!r} is not a date; write it as 2027-01-31."
        ) from None
