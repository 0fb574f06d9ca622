"""Who may use a new table of schema public, by the day on which it was made.

Until 2026-10-30 Supabase granted everything on it to anon, authenticated and service_role; since then a migration has
to (supabase.com/changelog/45329; projects made since 2026-05-30 began with the new way). Tables that are there keep
what they have, so a history is replayed with the old way up to the cut-over and with the new one after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from msgspec import Struct

from pgassay.model import Migration, Unchecked

CUT_OVER = "20261030000000"

_WORDS = re.compile(r"legacy|none|cutover:([0-9]{14})")
_DATE = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{0,6}")


class DefaultPrivileges(Struct, frozen=True):
    """`at` is the version, as 14 digits, of the first migration that runs under the new way; for `cutover` only.

    `source` says who decided: a setting, or nobody.
    """

    way: Literal["legacy", "none", "cutover"] = "cutover"
    at: str = CUT_OVER
    source: str | None = None

    @property
    def at_first(self) -> Literal["legacy", "none"]:
        """The way before any migration."""
        return "none" if self.way == "none" else "legacy"

    def begins_with(self, migrations: Sequence[Migration]) -> Migration | None:
        """The first migration that runs under the new way, None when none does or when all do from the start.

        A migration without a date runs as the one before it, the first one as before the cut-over.
        """
        if self.way != "cutover":
            return None
        return next((each for each in migrations if (date(each.version) or "") >= self.at), None)

    def note(self, base: Sequence[Migration], proposed: Sequence[Migration]) -> Unchecked | None:
        """Says so when nobody decided and a proposed file has no date to decide by."""
        if self.way != "cutover" or self.source:
            return None
        new = self.begins_with((*base, *proposed))
        for migration in proposed:
            if migration is new or new in base:
                return None
            if date(migration.version) is None:
                return Unchecked(
                    "what the Data API may do with new tables",
                    f"{migration.path} has no date in its name, so it ran with the grants that Supabase gave every new "
                    "table before 2026-10-30: too many rather than too few",
                    'default_privileges = "none" (or "legacy") in pgassay.toml',
                )
        return None


def parse(word: str, source: str) -> DefaultPrivileges:
    """`legacy`, `none` or `cutover:20261030000000`. Raises ValueError with the words that are known."""
    found = _WORDS.fullmatch(word)
    if found and found[1]:
        try:
            datetime.strptime(found[1], "%Y%m%d%H%M%S")
        except ValueError:
            found = None
    if not found:
        raise ValueError('is not known: write "legacy", "none" or "cutover:20261030000000"')
    if found[1]:
        return DefaultPrivileges("cutover", found[1], source)
    return DefaultPrivileges("none" if word == "none" else "legacy", source=source)


def date(version: str | None) -> str | None:
    """The version as 14 digits when it is a date, with or without a time; None for `007` and the like."""
    digits = re.sub("[^0-9]", "", version or "")
    return digits.ljust(14, "0") if _DATE.fullmatch(digits) else None
