"""Attacks as they lie in `attacks/`: SQL with a comment on top, and what must come of it at the end of lines.

    -- finds: RULE: WORDS       this line has a finding of RULE whose text has WORDS in it (`: WORDS` may be missing)
    -- may find: RULE           this line may have one, or none
    -- notes: WORDS             on a line of its own: something that was not checked, with these words
    -- ends: WORDS              on a line of its own: the run ends as "cannot check", with these words
    -- may end: WORDS           on a line of its own: it may end so
    -- limits: NAME=NUMBER ...  on a line of its own: other limits than those of the suite
    -- merged: NAME.sql         a merged file begins here
    -- file: NAME.sql           another proposed file begins here

No other line may have a finding of does_not_apply.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

FOLDER = Path(__file__).with_name("attacks")
MIGRATIONS = "supabase/migrations"

_FILE = re.compile(r"^-- (merged|file): (\S+)$")
_FINDS = re.compile(r"-- (finds|may find): (\w+)(?:: (.+))?$")
_NOTES = re.compile(r"^-- notes: (.+)$")
_ENDS = re.compile(r"^-- (ends|may end): (.+)$")
_LIMITS = re.compile(r"^-- limits: (.+)$")


class Expected(Struct, frozen=True, order=True):
    path: str
    line: int
    rule: str
    words: str
    required: bool = True


class Attack(Struct, frozen=True):
    """Texts by path; `ends` are the words with which the run ends instead of a report, for certain or perhaps."""

    name: str
    merged: dict[str, str]
    proposed: dict[str, str]
    expected: tuple[Expected, ...]
    notes: tuple[str, ...]
    ends: tuple[str, ...]
    ends_for_certain: bool
    limits: dict[str, int]


def attacks() -> list[Attack]:
    return [_read(path) for path in sorted(FOLDER.glob("*.sql"))]


def _read(path: Path) -> Attack:
    merged: dict[str, str] = {}
    proposed: dict[str, str] = {}
    expected: list[Expected] = []
    notes: list[str] = []
    ends: list[tuple[str, str]] = []
    limits: dict[str, int] = {}
    for kind, name, lines in _files(path.read_text(encoding="utf-8")):
        target = f"{MIGRATIONS}/{name}"
        (merged if kind == "merged" else proposed)[target] = "\n".join(lines) + "\n"
        for number, line in enumerate(lines, 1):
            if found := _FINDS.search(line):
                expected.append(Expected(target, number, found[2], found[3] or "", found[1] == "finds"))
            notes += _NOTES.findall(line)
            ends += _ENDS.findall(line)
            if found := _LIMITS.match(line):
                limits |= {name: int(value) for name, _, value in (each.partition("=") for each in found[1].split())}
    words = tuple(each for _, each in ends)
    certain = any(kind == "ends" for kind, _ in ends)
    return Attack(path.stem, merged, proposed, tuple(expected), tuple(notes), words, certain, limits)


def _files(text: str) -> Iterator[tuple[str, str, list[str]]]:
    kind, name = "file", "20260101000000_attack.sql"
    lines: list[str] = []
    for line in text.splitlines():
        if begins := _FILE.match(line):
            if any(each and not each.startswith("--") for each in lines):
                yield kind, name, lines
                lines = []
            kind, name = begins[1], begins[2]
        lines.append(line)
    yield kind, name, lines
