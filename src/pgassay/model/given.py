"""What the settings say of rows that are made up."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from pgassay.model.migration import Statement

Value = str | int | float | bool


class RowsSetting(Struct, frozen=True, forbid_unknown_fields=True):
    """`[rows]`: `values` for columns (`orders.state`), one or several in turn; `seed`, a file of SQL that runs first.

    An asterisk in the name of a column stands for any characters.
    """

    values: dict[str, Value | tuple[Value, ...]] = {}
    seed: str | None = None

    def given(self, seed: tuple[Statement, ...] = ()) -> Given:
        """Names without an asterisk come first."""
        ordered = sorted(self.values, key=lambda name: "*" in name)
        return Given({_regular(name): _texts(self.values[name]) for name in ordered}, seed)


class Given(Struct, frozen=True):
    """`values` by regular expressions for columns: table with its schema, unless that is public, and name."""

    values: Mapping[str, tuple[str, ...]] = {}
    seed: tuple[Statement, ...] = ()

    def value(self, table: str, column: str, letter: str) -> str | None:
        """Another one for each letter, as far as there are so many."""
        found = next((values for name, values in self.values.items() if re.search(name, f"{table}.{column}")), ())
        return found[(ord(letter) - ord("a")) % len(found)] if found else None


NOTHING_GIVEN = Given()


def _regular(name: str) -> str:
    return f"^{re.escape(name).replace(chr(92) + '*', '.*')}$"


def _texts(value: Value | tuple[Value, ...]) -> tuple[str, ...]:
    return tuple(map(_text, value if isinstance(value, tuple) else (value,)))


def _text(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
