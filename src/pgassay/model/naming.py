"""How a project names things: `[naming]` of pgassay.toml."""

from __future__ import annotations

import re

from msgspec import Struct

_SHORT = {"snake_case": "[a-z_][a-z0-9_]*", "anything": ".*"}
_PARTS = re.compile(r"YYYY|MM|DD|HH|hh|MI|mm|SS|ss|N+|<?(?:description|name)>?")
_DIGITS = {
    "YYYY": "(?:19|20)[0-9]{2}",
    "MM": "(?:0[1-9]|1[0-2])",
    "DD": "(?:0[1-9]|[12][0-9]|3[01])",
    "HH": "(?:[01][0-9]|2[0-3])",
    "MI": "[0-5][0-9]",
    "SS": "[0-5][0-9]",
}
WORDS = "[a-z0-9]+(?:[_-][a-z0-9]+)*"


class Naming(Struct, frozen=True, forbid_unknown_fields=True):
    """Names of migrations, the lines that head them, and a regular expression for each kind of object.

    `migration` is written as people say it: `YYYYMMDDNNN_description`. The expressions mean the whole name; they may
    say `{table}` and `{columns}`, and `snake_case` stands for the usual one. None leaves a kind to what the others are
    like.
    """

    migration: str | None = None
    header: tuple[str, ...] = ()
    schema: str | None = None
    table: str | None = None
    column: str | None = None
    view: str | None = None
    index: str | None = None
    primary_key: str | None = None
    foreign_key: str | None = None
    unique: str | None = None
    check: str | None = None
    function: str | None = None
    trigger: str | None = None
    policy: str | None = None
    type: str | None = None
    sequence: str | None = None

    def fits_migration(self, file: str) -> bool:
        """Whether a file is named as `migration` says; its ending may be `.up.sql`."""
        return re.fullmatch(_expression(self.migration or "name") + r"(?:\.up)?\.sql", file) is not None

    def migration_called(self, words: str) -> str:
        """The name that a file with these words should have, its digits still to be chosen."""
        return _PARTS.sub(lambda part: part[0] if _is_digits(part[0]) else words, self.migration or "name") + ".sql"

    @property
    def patterns(self) -> dict[str, str]:
        """The expressions by kind of object (`primary key`), without the short words."""
        chosen = {kind: getattr(self, kind) for kind in self.__struct_fields__ if kind not in ("migration", "header")}
        return {kind.replace("_", " "): _SHORT.get(text, text) for kind, text in chosen.items() if text}


def _is_digits(part: str) -> bool:
    return not part.strip("<>").islower() or part in ("hh", "mm", "ss")


def _expression(pattern: str) -> str:
    text, position, after_hour = "", 0, False
    for part in _PARTS.finditer(pattern):
        text += re.escape(pattern[position : part.start()])
        word = part[0].upper()
        if not _is_digits(part[0]):
            text += WORDS
        elif word.startswith("N"):
            text += f"[0-9]{{{len(word)}}}"
        else:
            # Months and minutes are written alike: after the hour it is minutes.
            text += _DIGITS["MI" if word == "MM" and (after_hour or part[0] == "mm") else word]
        after_hour = after_hour or word == "HH"
        position = part.end()
    return text + re.escape(pattern[position:])
