"""pgassay.toml (or .github/pgassay.toml) read: errors name file and key."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

import msgspec
from msgspec.structs import replace

from pgassay import expectations
from pgassay.errors import SettingsError
from pgassay.model import Naming, Rule, Severity, Strength
from pgassay.model.expectation import Access, Expectation, PersonaSetting
from pgassay.model.given import RowsSetting
from pgassay.settings import (
    Cascade,
    Environment,
    Layout,
    Preset,
    Proofs,
    Realtime,
    Settings,
    Tables,
    Waiver,
)
from pgassay.supabase import privileges

FILES = ("pgassay.toml", ".github/pgassay.toml")
_POSTGRES = re.compile(r"embedded|container:\S+|url:.*\S.*")


def read_settings(text: str, path: str) -> Settings:
    """Raises SettingsError with the file, the key, the value and the nearest known key."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: {_unreadable(error, text)}") from None
    return settings_of(values, path, text)


def settings_of(values: Mapping[str, Any], path: str, text: str = "") -> Settings:
    """`read_settings` for what is read already; `text` is what it was read from."""
    for where, key, known in _unknown_keys(values):
        raise SettingsError(f"{path}: unknown key `{where}{key}`{_nearest(key, known)}; README.md lists the keys.")
    try:
        settings = msgspec.convert({**_with_dates_as_text(values), "source": path}, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{path}: {_explain(error, values)}; README.md lists the keys and their values.") from None
    if not _POSTGRES.fullmatch(settings.postgres):
        # Without its value, which may hold a password.
        raise SettingsError(
            f"{path}: `postgres`: write embedded, container:IMAGE or url:DSN; "
            "README.md lists the keys and their values."
        )
    settings = replace(settings, expect=expectations.with_lines(settings.expect, text))
    expectations.refuse_unusable(settings.expect, settings.persona, path)
    for waiver in settings.allow:
        _refuse_unusable(waiver, path)
    for kind, pattern in settings.naming.patterns.items():
        try:
            re.compile(pattern.replace("{table}", "t").replace("{columns}", "c"))
        except re.error as error:
            key = kind.replace(" ", "_")
            raise SettingsError(f"{path}: `naming.{key}` = {pattern!r} is no regular expression: {error}.") from None
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


def _unknown_keys(values: Mapping[str, Any]) -> Iterator[tuple[str, str, set[str]]]:
    for where, table, structure in (
        ("", values, Settings),
        ("cascade.", values.get("cascade"), Cascade),
        ("naming.", values.get("naming"), Naming),
        ("realtime.", values.get("realtime"), Realtime),
        ("tables.", values.get("tables"), Tables),
        ("rows.", values.get("rows"), RowsSetting),
        ("access.", values.get("access"), Access),
        *(("expect.", entry, Expectation) for entry in _entries(values.get("expect"))),
        *(("persona.", entry, PersonaSetting) for entry in _entries(values.get("persona"))),
        ("proofs.", values.get("proofs"), Proofs),
        *(("allow.", entry, Waiver) for entry in _entries(values.get("allow"))),
    ):
        known = set(structure.__struct_fields__) - {"source", "line"}
        if isinstance(table, dict):
            for key in table:
                if key not in known:
                    yield where, key, known


def _entries(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _unreadable(error: tomllib.TOMLDecodeError, text: str) -> str:
    """Where it cannot be read on, with the line as it stands; the parser's own words help few."""
    found, again = re.search(r"at line (\d+)", str(error)), re.search("overwrite|twice", str(error))
    if not found and again:
        return f"the last line, `{text.rstrip().split(chr(10))[-1]}`, says a second time what stands above already."
    if not found:
        return "ends in the middle of a value: a quote, a bracket or what stands behind the last `=` is missing."
    number = int(found[1])
    line = text.split("\n")[number - 1].strip()
    if again:
        return f"line {number}: `{line}` says a second time what stands above already; remove one of the two."
    return f'line {number}: `{line}` cannot be read; a line is `key = "value"` or `[table]`.'


def _nearest(word: str, known: set[str]) -> str:
    found = difflib.get_close_matches(word, sorted(known), n=1)
    return f" (did you mean `{found[0]}`?)" if found else ""


_CHOICES = {
    "fail_on": tuple(Severity),
    "layout": get_args(Layout),
    "environment": get_args(Environment),
    "preset": get_args(Preset),
    "rules": tuple(Strength),
}
_IN_WORDS = {
    "str": "text in quotes",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list in brackets",
    "object": "a table of keys",
    "null": "nothing",
}


def _explain(error: msgspec.ValidationError, values: Mapping[str, Any]) -> str:
    """msgspec says "Expected `object`, got `str` - at `$.rules`"; people know the key by its name, and a table."""
    message, _, where = str(error).partition(" - at `$.")
    key = where.rstrip("`")
    if key == "rules[...]":
        name, value = next(entry for entry in values["rules"].items() if entry[1] not in _CHOICES["rules"])
        return f"`rules.{name}` = {value!r}: write {_either(_CHOICES['rules'])}"
    if key in _CHOICES and "enum" in message:
        return f"`{key}` = {values[key]!r}: write {_either(_CHOICES[key])}"
    if found := re.match(r"Object missing required field (`\w+`)", message):
        return f"`{key}`: missing {found[1]}"
    wanted = re.match(r"Expected `(.+)`, got `(\w+)`", message)
    if not wanted:
        return f"`{key}`: {message[0].lower()}{message[1:]}"
    asked = [_IN_WORDS.get(word, word) for word in wanted[1].split(" | ") if word != "null"]
    return f"`{key}`: write {_either(asked)}, not {_IN_WORDS.get(wanted[2], wanted[2])}"


def _either(choices: Iterable[str]) -> str:
    *some, last = choices
    return f"{', '.join(some)} or {last}" if some else str(last)


def _with_dates_as_text(values: Mapping[str, Any]) -> dict[str, Any]:
    """TOML has dates of its own: `until = 2027-01-31` is as good as with quotes."""
    from datetime import date

    def text(value: object) -> object:
        return value.isoformat() if isinstance(value, date) else value

    entries = [
        {key: text(value) for key, value in entry.items()} if isinstance(entry, dict) else entry
        for entry in _entries(values.get("allow"))
    ]
    return {**values, "allow": entries} if entries else dict(values)


def _refuse_unusable(waiver: Waiver, path: str) -> None:
    from datetime import date

    if not waiver.reason.strip():
        raise SettingsError(f"{path}: [[allow]] {waiver.rule}: the reason is empty; say why it is allowed.")
    if waiver.until is None:
        return
    try:
        usable = date.fromisoformat(waiver.until).isoformat() == waiver.until
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(
            f"{path}: [[allow]] {waiver.rule}: until = {waiver.until!r} is not a date; write it as 2027-01-31."
        )
