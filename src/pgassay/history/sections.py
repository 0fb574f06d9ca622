"""What a migration runner's comments in a file say: which parts run on the way up, and how.

The runners read line by line and know no SQL, so a marker counts wherever it starts a line.
goose: internal/sqlparser/parser.go; dbmate: pkg/dbmate/migration.go; sql-migrate: sqlparse/sqlparse.go.
"""

from __future__ import annotations

import re

from msgspec import Struct

from pgassay.model import Mode, Sections

_MARKER = re.compile(
    r"^--[ \t]*(?:"
    r"\+(?P<goose>goose)[ \t]+(?P<goose_word>(?i:up|down|no transaction))"
    r"|(?P<dbmate>migrate):(?P<dbmate_word>up|down)(?P<dbmate_options>[ \t]+\S[^\r\n]*)?"
    r"|\+(?P<sql_migrate>migrate) (?P<sql_migrate_word>Up|Down)(?P<sql_migrate_options>[ \t]+\S[^\r\n]*)?"
    r")[ \t]*\r?$",
    re.MULTILINE,
)
_RUNNERS = ("goose", "dbmate", "sql_migrate")
_OPT_OUT = {"dbmate": "transaction:false", "sql_migrate": "notransaction"}


class Shape(Struct, frozen=True):
    """How one file is executed. `runner` is None for a file that nothing but a person is known to run."""

    sections: Sections
    mode: Mode = Mode.TRANSACTION
    runner: str | None = None


class _Marker(Struct, frozen=True):
    runner: str
    word: str
    options: frozenset[str]
    start: int


def whole(text: str) -> Sections:
    return Sections(((0, len(text)),))


def divide(text: str) -> Shape:
    """Up and down spans that together are the whole text, whatever the markers.

    What stands before the first marker counts as up: runners refuse or drop statements there, and judging them is
    better than passing them over.
    """
    markers = _markers(text)
    if not markers:
        return Shape(whole(text))
    runner = markers[0].runner
    up: list[tuple[int, int]] = []
    down: list[tuple[int, int]] = []
    mode = Mode.TRANSACTION
    current, position = up, 0
    for marker in markers:
        if marker.runner != runner:
            continue
        if marker.word == "no transaction" or (marker.word == "up" and _OPT_OUT.get(runner) in marker.options):
            mode = Mode.STATEMENT
        following = {"up": up, "down": down}.get(marker.word, current)
        if following is not current:
            current.append((position, marker.start))
            current, position = following, marker.start
    current.append((position, len(text)))
    return Shape(Sections(_filled(up), _filled(down)), mode, runner)


def _markers(text: str) -> list[_Marker]:
    if "+goose" not in text and "migrate:" not in text and "+migrate" not in text:
        return []
    markers = []
    for found in _MARKER.finditer(text):
        runner = next(name for name in _RUNNERS if found[name])
        options = found[f"{runner}_options"] if runner in _OPT_OUT else None
        word = found[f"{runner}_word"].lower()
        markers.append(_Marker(runner, word, frozenset((options or "").split()), found.start()))
    return markers


def _filled(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    return tuple((start, end) for start, end in spans if start < end)
