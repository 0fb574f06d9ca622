"""What the extraction says of a text, in short lines."""

from __future__ import annotations

from pgassay.application.extract import extract
from pgassay.model import Usage


def read(text: str, path: str = "a.ts") -> list[str]:
    """`line kind what`: columns as table.column, with the path of relationships between them."""
    return sorted(set(map(_shown, extract(path, text.encode()))), key=lambda line: (int(line.split()[0]), line))


def _shown(usage: Usage) -> str:
    steps = "".join(f">{step.name}{'!' + step.hint if step.hint else ''}" for step in usage.path)
    owner = f"{usage.schema}." if usage.schema else ""
    name = usage.name
    if usage.table is not None:
        name = f"{usage.table}{steps}" + (f".{usage.name}" if usage.what not in ("relationship", "row") else "")
    more = ""
    if usage.what in ("row", "call"):
        more = f" ({', '.join(usage.names)}{'' if usage.complete else ', ...'})"
    if usage.what == "value":
        more = f" = {', '.join(usage.values)}"
    return f"{usage.location.start_line} {usage.what.value} {owner}{name}{more}"
