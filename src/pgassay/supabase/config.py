"""The few keys of `supabase/config.toml` that say what a database of the project looks like.

Read as the Supabase CLI reads it (apps/cli-go/pkg/config): a number or a list may be written as a string, `env(NAME)`
stands for a variable. That one is left alone, with a note, because our environment is not the project's. Keys that we
do not use are ignored: which ones there are depends on the CLI's version. `[remotes]` are ignored as well.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from pgassay.errors import SettingsError
from pgassay.model import Unchecked

# The oldest that the CLI still reads; it names the newest itself.
_OLDEST_MAJOR = 13
_ENVIRONMENT = re.compile(r"env\(.*\)")
_TRUE = frozenset({"1", "t", "true"})
_FALSE = frozenset({"", "0", "f", "false"})


class Config(Struct, frozen=True):
    """None where the file does not say. `path` is None when there is no file."""

    path: str | None = None
    major_version: int | None = None
    schemas: tuple[str, ...] | None = None
    extra_search_path: tuple[str, ...] | None = None
    auto_expose_new_tables: bool | None = None
    from_environment: tuple[str, ...] = ()

    def note(self) -> Unchecked | None:
        """About the keys whose value is a variable that we do not read."""
        if not self.from_environment:
            return None
        keys = ", ".join(self.from_environment)
        return Unchecked(f"{keys} of {self.path}", "pgassay does not read environment variables for it")


def read_config(text: str, path: str) -> Config:
    """Raises SettingsError, one sentence with file and key, where the Supabase CLI would refuse the file."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not valid TOML: {error}.") from None
    reader = _Reader(values, path)
    return Config(
        path,
        reader.major("db", "major_version"),
        reader.names("api", "schemas"),
        reader.names("api", "extra_search_path"),
        reader.switch("api", "auto_expose_new_tables"),
        tuple(reader.from_environment),
    )


class _Reader:
    def __init__(self, values: Mapping[str, Any], path: str) -> None:
        self._values = values
        self._path = path
        self.from_environment: list[str] = []

    def major(self, table: str, key: str) -> int | None:
        value = self._value(table, key)
        if value is None:
            return None
        number = value if isinstance(value, int) and not isinstance(value, bool) else _number(value)
        if number is None or number < _OLDEST_MAJOR:
            raise self._wrong(table, key, value, "a major version of PostgreSQL from 13 on, such as 17")
        return number

    def names(self, table: str, key: str) -> tuple[str, ...] | None:
        value = self._value(table, key)
        if value is None:
            return None
        if isinstance(value, str):
            value = value.split(",") if value else []
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise self._wrong(table, key, value, 'a list of names, such as ["public"]')
        return tuple(dict.fromkeys(name.strip() for name in value if name.strip()))

    def switch(self, table: str, key: str) -> bool | None:
        value = self._value(table, key)
        if value is None:
            return None
        word = str(value).lower()
        if not isinstance(value, (bool, int, str)) or word not in _TRUE | _FALSE:
            raise self._wrong(table, key, value, "true or false")
        return word in _TRUE

    def _value(self, table: str, key: str) -> object:
        found = self._values.get(table, {})
        if not isinstance(found, dict):
            raise SettingsError(f"{self._path}: `{table}` is not a table; write it as [{table}].")
        value = found.get(key)
        if isinstance(value, str) and _ENVIRONMENT.fullmatch(value):
            self.from_environment.append(f"[{table}] {key}")
            return None
        return value

    def _wrong(self, table: str, key: str, value: object, wanted: str) -> SettingsError:
        return SettingsError(f"{self._path}: [{table}] {key} = {value!r}: write {wanted}.")


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,4}", value) else None
