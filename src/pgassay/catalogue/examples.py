"""The examples of a page as data: which files, and which lines must be reported.

A block is one migration, or several after lines `-- file: NAME.sql`. A line ending in `-- flagged` must be reported; on
a `-- file:` line that means the file itself, its first line. The `base` blocks above an example are merged already, one
below the other.

A block in another language is one file of application code, and its marks are `// flagged` and `# flagged`. A `base`
block of that kind is merged code, which an `sql bad` block below meets as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from pgassay.model import Example, Rule

_FILE = re.compile(r"^-- file: *(\S+\.sql)[ \t]*(-- flagged)?[ \t]*$")
_FLAGGED = re.compile(r"[ \t]*(?:--|//|#) flagged[ \t]*$")
_CODE = {"ts": "src/example.ts", "tsx": "src/example.tsx", "js": "src/example.js", "py": "src/example.py"}
_NAMES = {
    "supabase": ("supabase/migrations", "20250101000000_base.sql", "20260101000000_change.sql"),
    "plain": ("migrations", "0001_base.sql", "0002_change.sql"),
}

Place = tuple[str, int]


class Case(Struct, frozen=True):
    """One bad or good example. `merged` and `current` are texts by path, `flagged` the places to be reported.

    `lines` gives for each file the line of the page where its text begins. `code` is application code by path.
    """

    example: Example
    folder: str
    merged: dict[str, str]
    current: dict[str, str]
    flagged: frozenset[Place]
    lines: dict[str, int]
    code: dict[str, str] = {}
    merged_code: dict[str, str] = {}

    def in_page(self, place: Place) -> int:
        path, line = place
        return self.lines.get(path, self.example.line) + line - 1


def cases(rule: Rule) -> Iterator[Case]:
    folder, base_name, change_name = _NAMES[rule.layout]
    merged: dict[str, str] = {}
    code: dict[str, str] = {}
    for example in rule.examples:
        if example.language in _CODE:
            path = _CODE[example.language]
            text, marks = _unmarked(example)
            if example.kind == "base":
                merged_path = path.replace("example", "merged")
                code[merged_path] = code.get(merged_path, "") + text
            else:
                now = {**code, path: text}
                marked = frozenset((path, mark) for mark in marks)
                begins = {path: example.line}
                yield Case(example, folder, dict(merged), dict(merged), marked, begins, now, dict(code))
            continue
        if example.language != "sql":
            continue
        if example.kind == "base":
            for path, text, _, _ in _files(example, folder, base_name):
                merged[path] = merged.get(path, "") + text
            continue
        current = dict(merged)
        flagged: set[Place] = set()
        lines = {}
        for path, text, places, line in _files(example, folder, change_name):
            current[path] = text
            flagged.update((path, place) for place in places)
            lines[path] = line
        yield Case(example, folder, dict(merged), current, frozenset(flagged), lines, dict(code), dict(code))


def _unmarked(example: Example) -> tuple[str, list[int]]:
    """The code without its marks, and the lines that have one."""
    lines = example.text.splitlines()
    marked = [number for number, line in enumerate(lines, 1) if _FLAGGED.search(line)]
    return "\n".join(_FLAGGED.sub("", line) for line in lines) + "\n", marked


def _files(example: Example, folder: str, name: str) -> Iterator[tuple[str, str, list[int], int]]:
    """Path, text without marks, flagged lines and first line in the page of each file in the block."""
    path, first = name, example.line
    lines: list[str] = []
    flagged: list[int] = []
    for number, line in enumerate(example.text.splitlines(), example.line):
        header = _FILE.match(line)
        if header:
            if any(text.strip() for text in lines):
                yield f"{folder}/{path}", "\n".join(lines) + "\n", flagged, first
            path, lines, first = header[1], [], number + 1
            flagged = [1] if header[2] else []
            continue
        if _FLAGGED.search(line):
            flagged.append(len(lines) + 1)
        lines.append(_FLAGGED.sub("", line))
    yield f"{folder}/{path}", "\n".join(lines) + "\n", flagged, first
