"""The access matrix as text, Markdown, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

import msgspec

from pgassay.errors import UsageError
from pgassay.matrix import Matrix
from pgassay.model import RelationAccess
from pgassay.render.access import called
from pgassay.render.escape import code, prose
from pgassay.render.json import access_entry, escaped, unchecked_entry
from pgassay.render.text import one_line
from pgassay.render.visible import visible

_ACTIONS = ("select", "insert", "update", "delete")
_LEGEND = (
    'Tried out with rows of two users. "all rows" are those of both, reached by somebody who owns none; '
    '"own rows" are reached by their owner alone.'
)


def render(matrix: Matrix, format: str) -> str:
    """With a newline at its end. Raises UsageError for a format that does not exist."""
    if format not in FORMATS:
        raise UsageError(f"--format {format}: unknown; there are {', '.join(FORMATS)}.")
    return FORMATS[format](matrix)


def text(matrix: Matrix) -> str:
    relations, functions = _parted(matrix)
    rows = [(who, reached) for each in relations for who, reached in _rows(each)]
    first = max((len(who) for who, _ in rows), default=0) + 2
    widths = [max([len(action), *(len(reached[n]) for _, reached in rows)]) for n, action in enumerate(_ACTIONS)]
    lines: list[str] = []
    for each in relations:
        heads = "".join(f"  {action:<{width}}" for action, width in zip(_ACTIONS, widths, strict=True))
        lines.append(f"{each.kind} {visible(each.name)}")
        lines.append(f"{'':<{first}}{heads}".rstrip())
        for who, reached in _rows(each):
            cells = "".join(f"  {cell:<{width}}" for cell, width in zip(reached, widths, strict=True))
            lines.append(f"  {who:<{first - 2}}{cells}".rstrip())
        lines.append("")
    if functions:
        lines += [*(f"function {visible(each.name)}: {_executed(each)}" for each in functions), ""]
    for entry in matrix.unchecked:
        lines.append(f"note: {one_line(entry.what)}")
        lines.append(f"  why: {one_line(entry.why)}")
    lines.append(_LEGEND if relations else "the API serves nothing")
    return "\n".join(lines) + "\n"


def markdown(matrix: Matrix) -> str:
    relations, functions = _parted(matrix)
    lines = ["### Who can do what", ""]
    if relations:
        lines += [f"| object | who | {' | '.join(_ACTIONS)} |", "|---|---|---|---|---|---|"]
    for each in relations:
        name = f"{prose(each.kind)} {code(each.name)}"
        for n, (who, reached) in enumerate(_rows(each)):
            lines.append(f"| {'' if n else name} | {prose(who)} | {' | '.join(map(prose, reached))} |")
    if functions:
        lines += ["", "| function | may execute it |", "|---|---|"]
        lines += [f"| {code(each.name)} | {prose(_executed(each))} |" for each in functions]
    lines += ["", prose(_LEGEND if relations else "The API serves nothing.")]
    if matrix.unchecked:
        lines += ["", "Not checked:", ""]
        lines += [f"- {prose(each.what)}<br>why: {prose(each.why)}" for each in matrix.unchecked]
    return "\n".join(lines) + "\n"


def as_json(matrix: Matrix) -> str:
    """The entries are those of `access` and `unchecked` in a report, without what was before."""
    document = {
        "version": 1,
        "access": [msgspec.to_builtins(access_entry(each)) for each in matrix.access],
        "unchecked": [msgspec.to_builtins(unchecked_entry(each)) for each in matrix.unchecked],
    }
    return escaped(json.dumps(document, ensure_ascii=False, indent=2)) + "\n"


def as_csv(matrix: Matrix) -> str:
    """One line for each cell. What a spreadsheet would take for a formula begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("object", "kind", "who", "statement", "reaches", "error"))
    for each in matrix.access:
        for cell in each.cells:
            row = (each.name, each.kind, cell.role, cell.action, cell.after.value, cell.error or "")
            writer.writerow([visible(f"'{value}" if value[:1] in "=+-@" and value else value) for value in row])
    return out.getvalue()


FORMATS: Mapping[str, Callable[[Matrix], str]] = MappingProxyType(
    {"text": text, "markdown": markdown, "json": as_json, "csv": as_csv}
)


def _parted(matrix: Matrix) -> tuple[Sequence[RelationAccess], Sequence[RelationAccess]]:
    functions = [each for each in matrix.access if each.kind == "function"]
    return [each for each in matrix.access if each.kind != "function"], functions


def _rows(relation: RelationAccess) -> Iterator[tuple[str, list[str]]]:
    for role in dict.fromkeys(cell.role for cell in relation.cells):
        cells = [relation.cell(role, action) for action in _ACTIONS]
        yield visible(called(role)), [cell.after.value if cell else "-" for cell in cells]


def _executed(function: RelationAccess) -> str:
    return ", ".join(visible(called(cell.role)) for cell in function.cells if cell.after.rank) or "nobody"
