"""The rows that were made, as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from pgassay.errors import UsageError
from pgassay.made import Made, MadeTable
from pgassay.render.json import escaped, unchecked_entry
from pgassay.render.text import one_line
from pgassay.render.visible import visible

_WIDEST = 120
_LONGEST_VALUE = 40


def render(made: Made, format: str) -> str:
    """With a newline at its end. Raises UsageError for a format that does not exist."""
    if format not in FORMATS:
        raise UsageError(f"--format {format}: unknown; there are {', '.join(FORMATS)}.")
    return FORMATS[format](made)


def text(made: Made) -> str:
    lines = [line for table in made.tables for line in _table(table)]
    for entry in made.unchecked:
        lines += [f"note: {one_line(entry.what)}", f"  why: {one_line(entry.why)}"]
    if made.filled < len(made.tables):
        lines.append("[rows] in pgassay.toml gives values for columns, or a seed")
    lines.append(f"{made.filled} of {len(made.tables)} tables have rows")
    return "\n".join(lines) + "\n"


def as_json(made: Made) -> str:
    document = {
        "version": 1,
        "tables": [
            {
                "name": each.name,
                "rows": [dict(row) for row in each.rows],
                "reason": each.reason,
                "without_triggers": each.without_triggers,
            }
            for each in made.tables
        ],
        "unchecked": [msgspec.to_builtins(unchecked_entry(each)) for each in made.unchecked],
        "server": msgspec.to_builtins(made.server),
    }
    return escaped(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def _table(table: MadeTable) -> Iterator[str]:
    if not table.rows:
        yield f"{visible(table.name)}: none, {one_line(table.reason or 'no row could be made to fit')}"
        return
    quiet = ", its triggers disabled because they refused every row" if table.without_triggers else ""
    yield f"{visible(table.name)}: {len(table.rows)} row{'s' if len(table.rows) > 1 else ''}{quiet}"
    for row in table.rows:
        line = "  " + (
            ", ".join(f"{name} {_value(value)}" for name, value in row.items() if value is not None) or "nothing"
        )
        yield visible(line if len(line) <= _WIDEST else line[: _WIDEST - 3] + "...")


def _value(value: Any) -> str:
    said = value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)
    return said if len(said) <= _LONGEST_VALUE else f"{said[:10]}... ({len(said)} characters)"


FORMATS: Mapping[str, Callable[[Made], str]] = MappingProxyType({"text": text, "json": as_json})
